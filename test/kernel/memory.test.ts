import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['ptrace', 'memfd'] as const;
const family = createFamily('memory', KINDS);

liveTest('ptrace', async () => {
  await family.observe('ptrace');
});

liveTest('memfd', async () => {
  await family.observe('memfd');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
