import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['setuid', 'setgid'] as const;
const family = createFamily('cred', KINDS);

liveTest('setuid', async () => {
  await family.observe('setuid');
});

liveTest('setgid', async () => {
  await family.observe('setgid');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
