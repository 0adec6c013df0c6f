import { expect, test } from 'vitest';
import type { Unsigned64 } from '../../../agent/events/event.ts';
import { type ContainersOptions, createContainers } from '../../../agent/state/containers.ts';
import { infoOf } from '../support/container-info.ts';

const ONE = '1'.repeat(64);
const TWO = '2'.repeat(64);
const PATHS: Readonly<Record<number, string>> = {
  10: `/docker/${ONE}`,
  11: `/docker/${ONE}/nested`,
  20: `/kubepods/pod-u1/${TWO}`,
  30: '/user.slice',
};

function create(options: Partial<ContainersOptions> = {}) {
  const met: [string, string | undefined, number][] = [];
  const containers = createContainers({
    path: (id: Unsigned64) => PATHS[Number(id)],
    onMet: ({ fullId, type }, pid) => {
      met.push([fullId, type, pid]);
      return true;
    },
    ...options,
  });
  return { containers, met };
}

test('a container is asked for once, whatever number of cgroups it has, and the host never', () => {
  const { containers, met } = create();
  const first = containers.of(10, 100);
  expect([first?.id, first?.isPending, first?.info]).toEqual(['111111111111', true, undefined]);
  expect(containers.of(10, 101)).toBe(first);
  containers.of(11, 102);
  expect([containers.of(30, 103)?.id, containers.of(30, 103)?.isPending]).toEqual(['host', undefined]);
  expect(met).toEqual([[ONE, 'docker', 100]]);
});

test('an answer makes another identity in each cgroup of the container', () => {
  const { containers } = create();
  const before = containers.of(10, 100);
  containers.of(11, 100);
  const info = infoOf({ name: 'web' });
  expect(containers.learn(ONE, info)).toEqual([10, 11]);
  expect([before?.isPending, containers.of(10, 100)?.isPending]).toEqual([true, false]);
  expect([containers.of(10, 100)?.info, containers.of(11, 100)?.info]).toEqual([info, info]);
  expect(containers.learn(TWO, info)).toEqual([]);
});

test('a cgroup that is met later shares what is known', () => {
  const { containers, met } = create();
  containers.of(10, 100);
  containers.learn(ONE, infoOf({ name: 'web' }));
  expect([containers.of(11, 100)?.info?.name, containers.of(11, 100)?.isPending]).toEqual(['web', false]);
  expect(met.length).toBe(1);
});

test('that nobody knows it ends the waiting, and takes nothing back that is known', () => {
  const { containers } = create();
  containers.of(10, 100);
  containers.of(20, 200);
  expect(containers.learn(TWO, undefined)).toEqual([20]);
  expect([containers.of(20, 200)?.isPending, containers.of(20, 200)?.info]).toEqual([false, undefined]);
  containers.learn(ONE, infoOf({ name: 'web' }));
  expect(containers.learn(ONE, undefined)).toEqual([]);
  expect(containers.of(10, 100)?.info?.name).toBe('web');
});

test('where nobody is asked nothing is pending', () => {
  const { containers } = create({ onMet: undefined });
  expect(containers.of(10, 100)?.isPending).toBe(undefined);
});

test('what is known goes with the last cgroup, and the container is asked for anew', () => {
  const { containers, met } = create();
  containers.of(10, 100);
  containers.of(11, 100);
  containers.learn(ONE, infoOf({ name: 'web' }));
  containers.forget(10);
  expect([containers.size, containers.bytes > 0]).toEqual([1, true]);
  containers.forget(11);
  expect([containers.size, containers.bytes]).toEqual([0, 0]);
  expect(containers.of(10, 100)?.isPending).toBe(true);
  expect(met.length).toBe(2);
});

test('what is known of 10,000 containers with long labels stays in its bounds', () => {
  const containers = createContainers({
    path: (id) => `/docker/${id.toString(16).padStart(64, '0')}`,
    onMet: () => true,
    limitBytes: 1_000_000,
  });
  const info = infoOf({ labels: new Map([['a', 'x'.repeat(4096)]]) });
  for (let id = 1; id <= 10_000; id++) {
    containers.of(id, 1);
    containers.learn(id.toString(16).padStart(64, '0'), info);
  }
  expect(containers.bytes).toBeLessThanOrEqual(1_000_000);
  expect(containers.size + containers.evicted).toBe(10_000);
  expect(containers.of(10_000, 1)?.info).toBe(info);
});
