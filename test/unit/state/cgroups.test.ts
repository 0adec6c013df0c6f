import { expect, test } from 'vitest';
import { cgroupPathIn, createCgroups } from '../../../agent/state/cgroups.ts';
import { createContainers } from '../../../agent/state/containers.ts';

const V2 = '0::/system.slice/a.service\n';
const V1 = '12:memory:/docker/x\n5:cpu,cpuacct:/half\n1:name=systemd:/s\n0::/unified\n';

/** A hierarchy of directories with their ids, and what /proc says of processes. */
function world(tree: Record<string, number>, processes: Record<number, string> = {}) {
  const clock = { ms: 0 };
  const read: string[] = [];
  const reader = {
    inode: (path: string) => tree[path.slice('/cg'.length) || '/'],
    directories: (path: string) => {
      read.push(path);
      const base = path === '/cg' ? '/' : `${path.slice('/cg'.length)}/`;
      return Object.keys(tree)
        .filter((name) => name !== '/' && name.startsWith(base) && !name.slice(base.length).includes('/'))
        .map((name) => name.slice(base.length));
    },
    ofProcess: (pid: number) => processes[pid],
    nowMs: () => clock.ms,
  };
  return { clock, read, cgroups: createCgroups({ reader, mount: '/cg', controller: '', walkEveryMs: 100 }) };
}

test('picks the line of the hierarchy', () => {
  expect(cgroupPathIn(V2, '')).toBe('/system.slice/a.service');
  expect(cgroupPathIn(V1, 'memory')).toBe('/docker/x');
  expect(cgroupPathIn(V1, 'cpu')).toBe('/half');
  expect(cgroupPathIn(V1, '')).toBe('/unified');
  expect(cgroupPathIn(V1, 'pids')).toBeUndefined();
});

test('asks the process before it walks', () => {
  const { cgroups, read } = world({ '/': 1, '/a': 2 }, { 7: '0::/a\n' });
  expect(cgroups.path(2, 7)).toBe('/a');
  expect(cgroups.idOf(7)).toBe(2);
  expect(read).toEqual([]);
});

test('walks when the process has gone or moved, not more often than it may', () => {
  const tree: Record<string, number> = { '/': 1, '/a': 2, '/a/b': 3 };
  const { cgroups, clock } = world(tree, { 7: '0::/a\n' });
  expect(cgroups.path(3, 7)).toBe('/a/b');
  expect(cgroups.path(1, 8)).toBe('/');
  expect(cgroups.walks).toBe(1);
  tree['/late'] = 9;
  expect(cgroups.path(9, 8)).toBeUndefined();
  clock.ms = 100;
  expect(cgroups.path(9, 8)).toBe('/late');
  expect(cgroups.walks).toBe(2);
});

test('looks for a new cgroup as often as a twentieth of the time allows, and seldom for one that is not there', () => {
  const tree: Record<string, number> = { '/': 1 };
  const { cgroups, clock } = world(tree);
  const ask = (id: number, ms: number) => {
    clock.ms += ms;
    return [cgroups.path(id, 8), cgroups.walks];
  };
  expect([ask(9, 0), ask(9, 5), ask(9, 5), ask(9, 10), ask(9, 10)]).toEqual([
    [undefined, 1],
    [undefined, 1],
    [undefined, 2],
    [undefined, 3],
    [undefined, 4],
  ]);
  // Four walks did not find it.
  expect([ask(9, 10), ask(9, 89), ask(9, 1)]).toEqual([
    [undefined, 4],
    [undefined, 4],
    [undefined, 5],
  ]);
  tree['/new'] = 10;
  expect(ask(10, 10)).toEqual(['/new', 6]);
});

test('does not trust a path that climbs out of its own namespace', () => {
  const { cgroups } = world({ '/': 1, '/../x': 2, '/real': 2 }, { 7: '0::/../x\n' });
  expect(cgroups.path(2, 7)).toBe('/real');
  expect(cgroups.walks).toBe(1);
  expect(cgroups.idOf(7)).toBe(0);
});

test('makes one identity a cgroup and keeps no more than it may', () => {
  const containers = createContainers({ path: (id) => (id === 5 ? undefined : `/c${id}`), limit: 2 });
  expect(containers.of(1, 0)).toBe(containers.of(1, 0));
  expect(containers.of(5, 0)).toBeUndefined();
  containers.of(2, 0);
  containers.of(3, 0);
  expect(containers.size).toBe(2);
});

test('a path that the kernel told is kept for half a minute after it is gone', () => {
  const { cgroups, clock } = world({ '/': 1, '/a': 2 });
  cgroups.place(2, '/a');
  cgroups.place(7, '/docker/gone');
  expect([cgroups.path(2, 0), cgroups.path(7, 0), cgroups.walks]).toEqual(['/a', '/docker/gone', 0]);
  clock.ms = 29_999;
  expect([...cgroups.sweep(100), ...cgroups.sweep(100)]).toEqual([]);
  clock.ms = 30_000;
  expect([...cgroups.sweep(100), ...cgroups.sweep(100)]).toEqual([7]);
  expect(cgroups.path(2, 0)).toBe('/a');
});

test('a sweep forgets what has been gone for half a minute, and no more than it was asked for at once', () => {
  const tree: Record<string, number> = { '/': 1, '/a': 2, '/b': 3 };
  const { cgroups, clock } = world(tree);
  expect([cgroups.path(2, 1), cgroups.path(3, 1)]).toEqual(['/a', '/b']);
  delete tree['/a'];
  const sweepAll = () => Array.from({ length: 4 }, () => cgroups.sweep(1)).flat();
  expect(sweepAll()).toEqual([]);
  clock.ms = 29_999;
  expect(sweepAll()).toEqual([]);
  clock.ms = 30_000;
  expect(sweepAll()).toEqual([2]);
  expect([cgroups.path(2, 1), cgroups.path(3, 1)]).toEqual([undefined, '/b']);
});
