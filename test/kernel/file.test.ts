import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['open', 'dup', 'unlink', 'rename', 'link', 'symlink', 'mkdir', 'chmod', 'chown'] as const;
const family = createFamily('file', KINDS);

liveTest('open', async () => {
  await family.observe('open');
});

liveTest('dup', async () => {
  await family.observe('dup');
});

liveTest('unlink', async () => {
  await family.observe('unlink');
});

liveTest('rename', async () => {
  await family.observe('rename');
});

liveTest('link', async () => {
  await family.observe('link');
});

liveTest('symlink', async () => {
  await family.observe('symlink');
});

liveTest('mkdir', async () => {
  await family.observe('mkdir');
});

liveTest('chmod', async () => {
  await family.observe('chmod');
});

liveTest('chown', async () => {
  await family.observe('chown');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
