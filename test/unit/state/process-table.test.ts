import { expect, test } from 'vitest';
import { PENDING } from '../../../agent/fields/field.ts';
import { containerOfPath } from '../../../agent/state/container-id.ts';
import { createPipeline } from '../support/context.ts';
import type { Members } from '../support/record-builder.ts';
import { task } from '../support/task.ts';

const SECOND = 1_000_000_000n;

/** Header of process `pid`, child of `ppid`; a process started at second `pid`. */
function of(pid: number, ppid: number, more: Members = {}): Members {
  return {
    pid,
    tid: pid,
    vpid: pid,
    vtid: pid,
    pidStartNs: BigInt(pid) * SECOND,
    tidStartNs: BigInt(pid) * SECOND,
    ppid,
    ppidStartNs: BigInt(ppid) * SECOND,
    timeNs: 1000n * SECOND,
    ...more,
  };
}

const child = (pid: number, ppid: number, more: Members = {}): Members => ({
  childPid: pid,
  childTid: pid,
  childVpid: pid,
  childVtid: pid,
  childPidStartNs: BigInt(pid) * SECOND,
  childTidStartNs: BigInt(pid) * SECOND,
  childPpid: ppid,
  childPpidStartNs: BigInt(ppid) * SECOND,
  childCgroupId: 1,
  ...more,
});

const image = (path: string, ...args: readonly string[]): Members => ({
  exe: { path, mode: 0o100755, inode: 9 },
  args: args.join('\0'),
  argc: args.length,
  cwd: '/srv',
});

/** 10 (init-like) -> 20 (bash) -> 30 (cat), each by its own fork and exec. */
function family() {
  const pipeline = createPipeline();
  pipeline.feed('exec', of(10, 1, { comm: 'init' }), image('/sbin/init', '/sbin/init'));
  pipeline.feed('fork', of(10, 1, { comm: 'init' }), child(20, 10));
  pipeline.feed('exec', of(20, 10, { comm: 'bash' }), image('/usr/bin/bash', '-bash', '-l'));
  pipeline.feed('fork', of(20, 10, { comm: 'bash' }), child(30, 20));
  return pipeline;
}

test('gives a child what its parent has until it runs something else', () => {
  const pipeline = family();
  pipeline.feed('unlink', of(30, 20), { name: '/x' });
  expect(pipeline.fields('proc.name', 'proc.cmdline', 'proc.exepath', 'proc.pname', 'proc.cwd')).toEqual([
    'bash',
    'bash -l',
    '/usr/bin/bash',
    'bash',
    '/srv/',
  ]);
  pipeline.feed('exec', of(30, 20, { comm: 'cat' }), image('/usr/bin/cat', 'cat', '/etc/shadow'));
  expect(pipeline.fields('proc.name', 'proc.cmdline', 'proc.pname', 'proc.aname')).toEqual([
    'cat',
    'cat /etc/shadow',
    'bash',
    ['bash', 'init'],
  ]);
  expect(pipeline.field('proc.aname', 2)).toBe('init');
  expect(pipeline.field('proc.aname', 3)).toBeUndefined();
  expect(pipeline.table.stats).toMatchObject({ processes: 3, forks: 2, execs: 3, exits: 0 });
});

test('a failed exec changes nothing', () => {
  const pipeline = family();
  pipeline.feed('exec', of(30, 20, { result: -2, comm: 'bash' }), { path: '/no/such' });
  expect(pipeline.fields('proc.name', 'proc.exepath', 'evt.res')).toEqual(['bash', '/usr/bin/bash', 'ENOENT']);
});

test('a thread makes no process, and one that execs takes over its leader', () => {
  const pipeline = family();
  pipeline.feed('fork', of(20, 10), child(20, 10, { childTid: 21, childTidStartNs: 21n * SECOND }));
  expect(pipeline.table.stats.processes).toBe(3);
  pipeline.feed('exec', of(20, 10, { comm: 'sh' }), image('/bin/sh', 'sh'));
  expect(pipeline.table.stats.processes).toBe(3);
  expect(pipeline.field('proc.name')).toBe('sh');
});

test('keeps the parent while its child lives, and follows the child to its reaper', () => {
  const pipeline = family();
  pipeline.feed('exit', of(20, 10, { lane: 1 }), { groupDead: 1 });
  expect(pipeline.field('proc.name')).toBe('bash');
  pipeline.feed('unlink', of(30, 20, { timeNs: 1003n * SECOND }), { name: '/x' });
  expect(pipeline.fields('proc.pname', 'proc.ppid')).toEqual(['bash', 20]);
  pipeline.feed('unlink', of(30, 10, { timeNs: 1004n * SECOND }), { name: '/x' });
  expect(pipeline.fields('proc.pname', 'proc.ppid')).toEqual(['init', 10]);
});

test('lets an ended process go after its time, when no child of it lives', () => {
  const pipeline = family();
  pipeline.feed('exit', of(30, 20), { groupDead: 1 });
  pipeline.feed('exit', of(20, 10, { timeNs: 1001n * SECOND }), { groupDead: 1 });
  expect(pipeline.table.byPid(30)?.comm).toBe('bash');
  pipeline.feed('exit', of(40, 1, { timeNs: 1020n * SECOND }), { groupDead: 1 });
  expect(pipeline.table.byPid(30)).toBeUndefined();
  expect(pipeline.table.byPid(20)).toBeUndefined();
});

test('the end of one thread of several does not end the process', () => {
  const pipeline = family();
  pipeline.feed('exit', of(20, 10), { groupDead: 0 });
  expect(pipeline.table.stats.exits).toBe(0);
});

test('tells a process from a later one with the same pid', () => {
  const pipeline = family();
  const later = of(20, 10, { pidStartNs: 500n * SECOND, comm: 'later' });
  pipeline.feed('unlink', later, { name: '/x' });
  expect(pipeline.field('proc.name')).toBe('later');
  expect(pipeline.table.find(20, 20e9)).toBeUndefined();
  pipeline.feed('unlink', of(30, 20), { name: '/x' });
  expect(pipeline.field('proc.pname')).toBe('bash');
});

test('bumps the revision of a process, and of its descendants, when what they are known by changes', () => {
  const pipeline = family();
  const { process } = pipeline.feed('unlink', of(30, 20), { name: '/x' });
  const revision = () => process?.mask.revision;
  const before = revision() as number;
  pipeline.feed('unlink', of(30, 20), { name: '/y' });
  expect(revision()).toBe(before);
  pipeline.feed('exec', of(20, 10, { comm: 'ruby' }), image('/usr/bin/ruby', 'ruby'));
  expect(revision()).toBe(before + 1);
  pipeline.feed('setuid', of(30, 20, { euid: 33 }), { newEffective: 33 });
  expect(revision()).toBe(before + 2);
  expect(pipeline.fields('user.uid', 'user.name', 'proc.pname')).toEqual([33, '<NA>', 'ruby']);
});

test('looks up a process that no fork told of, and its parents', () => {
  const known = new Map([
    [30, task({ pid: 30, ppid: 20, comm: 'cat', args: ['cat', 'f'], start: 30e9 })],
    [20, task({ pid: 20, ppid: 1, comm: 'zsh', args: ['zsh'], start: 20e9 })],
  ]);
  const pipeline = createPipeline({ lookUp: (pid) => known.get(pid) });
  pipeline.feed('unlink', of(30, 20, { pidStartNs: 30n * SECOND + 4_000_000n }), { name: '/x' });
  expect(pipeline.fields('proc.cmdline', 'proc.pname', 'proc.aname')).toEqual(['cat f', 'zsh', ['zsh']]);
  expect(pipeline.table.stats).toMatchObject({ unknown: 1, healed: 2, notFound: 1 });
  pipeline.feed('unlink', of(30, 20, { pidStartNs: 30n * SECOND + 4_000_000n }), { name: '/x' });
  expect(pipeline.table.stats).toMatchObject({ unknown: 1, healed: 2, notFound: 1, processes: 2 });
});

test('does not take a later process with the same pid for the one that is missing', () => {
  const pipeline = createPipeline({
    lookUp: (pid) => (pid === 30 ? task({ pid, ppid: 1, comm: 'other', start: 90e9 }) : undefined),
  });
  pipeline.feed('unlink', of(30, 0, { comm: 'gone' }), { name: '/x' });
  expect(pipeline.field('proc.name')).toBe('gone');
});

test('does not take a later process for the parent either', () => {
  const pipeline = createPipeline({
    lookUp: (pid) => (pid === 20 ? task({ pid, ppid: 1, comm: 'other', start: 90e9 }) : undefined),
  });
  pipeline.feed('unlink', of(30, 20), { name: '/x' });
  expect(pipeline.field('proc.pname')).toBeUndefined();
});

test('bounds the look-ups of a second', () => {
  const pipeline = createPipeline({ options: { lookUpsPerSecond: 3 } });
  for (let pid = 100; pid < 110; pid++) pipeline.feed('unlink', of(pid, 0), { name: '/x' });
  expect(pipeline.table.stats).toMatchObject({ notFound: 3, skipped: 7 });
  pipeline.feed('unlink', of(200, 0, { timeNs: 1002n * SECOND }), { name: '/x' });
  expect(pipeline.table.stats).toMatchObject({ notFound: 4, skipped: 7 });
});

test('links what was there before in whatever order it comes', () => {
  const pipeline = createPipeline();
  pipeline.table.seed((visit) => {
    visit(task({ pid: 30, ppid: 20, ppidStart: 20e9, comm: 'cat', start: 30e9 }));
    visit(task({ pid: 20, ppid: 1, comm: 'bash', start: 20e9 }));
  });
  pipeline.feed('unlink', of(30, 20), { name: '/x' });
  expect(pipeline.fields('proc.name', 'proc.pname')).toEqual(['cat', 'bash']);
  expect(pipeline.table.byPid(20)?.children).toBe(1);
});

test('stays within its bytes, the ended and then the longest silent first', () => {
  const pipeline = createPipeline({ options: { limitBytes: 700 * 10 } });
  for (let pid = 100; pid < 108; pid++)
    pipeline.feed('unlink', of(pid, 0, { timeNs: BigInt(pid) * SECOND }), { name: '/x' });
  pipeline.feed('exit', of(107, 0, { timeNs: 107n * SECOND }), { groupDead: 1 });
  for (let pid = 108; pid < 112; pid++)
    pipeline.feed('unlink', of(pid, 0, { timeNs: BigInt(pid) * SECOND }), { name: '/x' });
  const { bytes, evicted } = pipeline.table.stats;
  expect(bytes).toBeLessThanOrEqual(7000);
  expect(evicted).toBe(3);
  expect([107, 100, 101, 102].map((pid) => pipeline.table.byPid(pid) === undefined)).toEqual([true, true, true, false]);
});

test('the bytes counted are those of what is kept', () => {
  const pipeline = family();
  const { stats } = pipeline.table;
  const sum = [10, 20, 30].reduce((total, pid) => {
    const entry = pipeline.table.byPid(pid) as unknown as { bytes: number };
    return total + entry.bytes;
  }, 0);
  expect(stats.bytes).toBe(sum);
});

test('the container is pending until its cgroup is known, and then is that of the children too', () => {
  const id = 'ab'.repeat(32);
  let path: string | undefined;
  const pipeline = createPipeline({ container: () => (path === undefined ? undefined : containerOfPath(path)) });
  pipeline.feed('unlink', of(30, 0), { name: '/x' });
  expect(pipeline.field('container.id')).toBe(PENDING);
  path = `/docker/${id}`;
  pipeline.feed('fork', of(30, 0), child(31, 30));
  expect(pipeline.fields('container.id', 'container.full_id', 'container.type')).toEqual([
    id.slice(0, 12),
    id,
    'docker',
  ]);
  pipeline.feed('unlink', of(31, 30), { name: '/x' });
  expect(pipeline.field('container.id')).toBe(id.slice(0, 12));
});
