import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['module', 'bpf'] as const;
const family = createFamily('module', KINDS);

liveTest('module', async () => {
  await family.observe('module');
});

liveTest('bpf', async () => {
  await family.observe('bpf');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
