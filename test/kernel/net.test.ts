import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['socket', 'connect', 'accept', 'bind', 'listen', 'send'] as const;
const family = createFamily('net', KINDS);

liveTest('socket', async () => {
  await family.observe('socket');
});

liveTest('connect', async () => {
  await family.observe('connect');
});

liveTest('accept', async () => {
  await family.observe('accept');
});

liveTest('bind', async () => {
  await family.observe('bind');
});

liveTest('listen', async () => {
  await family.observe('listen');
});

liveTest('send', async () => {
  await family.observe('send');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
