import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['fork', 'exec', 'exit'] as const;
const family = createFamily('process', KINDS);

liveTest('fork', async () => {
  await family.observe('fork');
});

liveTest('exec', async () => {
  await family.observe('exec');
});

liveTest('exit', async () => {
  await family.observe('exit');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
