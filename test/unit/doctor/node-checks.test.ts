import { expect, test } from 'vitest';
import { nodeChecks } from '../../../agent/doctor/node-checks.ts';
import type { NodeFacts } from '../../../agent/doctor/node-facts.ts';

const ALL = (1n << 41n) - 1n;
const GOOD: NodeFacts = {
  kernel: '6.1.0-18-amd64',
  arch: 'x64',
  typesBytes: 5_505_024,
  uid: 0,
  capabilities: ALL,
  hostPids: true,
  cgroup2Mount: '/sys/fs/cgroup',
};
const without = (...bits: number[]) => bits.reduce((set, bit) => set & ~(1n << BigInt(bit)), ALL);

function check(name: string, change: Partial<NodeFacts>) {
  return nodeChecks({ ...GOOD, ...change }).find((each) => each.name === name);
}

test('a node that has all is well', () => {
  expect(nodeChecks(GOOD).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
});

test.each([
  ['5.4.0-150-generic', 'missing'],
  ['4.19.0', 'missing'],
  ['5.9.16', 'missing'],
  ['5.10.0-28-amd64', 'ok'],
  ['6.0.0', 'ok'],
])('kernel %s is %s', (kernel, state) => {
  expect(check('kernel', { kernel })?.state).toBe(state);
});

test('a processor that no program is built for is missing', () => {
  expect(check('kernel', { arch: 's390x' })).toMatchObject({ state: 'missing', found: '6.1.0-18-amd64, s390x' });
});

test('without types of the kernel nothing can be loaded', () => {
  expect(check('kernel types', { typesBytes: undefined })).toMatchObject({
    state: 'missing',
    means: expect.stringContaining('CONFIG_DEBUG_INFO_BTF=y'),
  });
});

test.each([
  [without(39), 'missing', 'CAP_BPF'],
  [without(38), 'missing', 'CAP_PERFMON'],
  [without(39, 21), 'missing', 'CAP_BPF'],
  [without(19), 'limited', 'CAP_SYS_PTRACE'],
  [without(2), 'limited', 'CAP_DAC_READ_SEARCH'],
] as const)('capabilities %s are %s', (capabilities, state, name) => {
  // CAP_SYS_ADMIN does what the first two do.
  const set = name === 'CAP_BPF' || name === 'CAP_PERFMON' ? capabilities & ~(1n << 21n) : capabilities;
  const found = check('capabilities', { capabilities: set });
  expect(found?.state).toBe(state);
  expect(found?.found).toContain(name);
  expect(found?.means).toContain(`Without ${name}`);
});

test('CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON', () => {
  expect(check('capabilities', { capabilities: without(38, 39) })?.state).toBe('ok');
});

test('in a pid namespace the agent sees less', () => {
  expect(check('process numbers', { hostPids: false })).toMatchObject({ state: 'limited' });
});
