import { expect } from 'vitest';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['open', 'dup', 'unlink', 'rename', 'link', 'symlink', 'mkdir', 'chmod', 'chown'] as const;
const family = createFamily('file', KINDS);

liveTest('open', async () => {
  await family.observe('open');
});

liveTest('dup', async () => {
  const { records, testimonies } = await family.observe('dup');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('unlink', async () => {
  const { records, testimonies } = await family.observe('unlink');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('rename', async () => {
  const { records, testimonies } = await family.observe('rename');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('link', async () => {
  const { records, testimonies } = await family.observe('link');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('symlink', async () => {
  const { records, testimonies } = await family.observe('symlink');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('mkdir', async () => {
  const { records, testimonies } = await family.observe('mkdir');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('chmod', async () => {
  const { records, testimonies } = await family.observe('chmod');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('chown', async () => {
  const { records, testimonies } = await family.observe('chown');
  expect(records, 'no other records').toHaveLength(testimonies.length);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
