import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['mount', 'setns', 'unshare'] as const;
const family = createFamily('mount', KINDS);

liveTest('mount: bind, tmpfs, failures, 32-bit', async () => {
  await family.observe('mount');
});

liveTest('setns', async () => {
  await family.observe('setns');
});

liveTest('unshare', async () => {
  await family.observe('unshare');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
