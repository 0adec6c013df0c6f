import { expect } from 'vitest';
import { argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = ['module', 'bpf'] as const;
const family = createFamily('module', KINDS);

liveTest('finit_module and init_module, which fail', async () => {
  const { events } = await family.observe('module');
  const [finit, init] = events;
  expect(finit?.fd?.name).toMatch(/module\.ko$/);
  expect(finit?.rawArg('uargs')).toBe('option=1 other=two');
  expect(finit?.succeeded).toBe(false);
  expect(argsOf(init, /res=\S+ /)).toBe('length=100 uargs=option=3');
});

liveTest('BPF_PROG_LOAD of a program that loads and of one that does not', async () => {
  const { events } = await family.observe('bpf');
  expect(events.slice(0, 2).map((event) => argsOf(event))).toEqual([
    expect.stringMatching(/^fd=\d+\(<b>\) cmd=5\(BPF_PROG_LOAD\)$/),
    'fd=-22(EINVAL) cmd=5(BPF_PROG_LOAD)',
  ]);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
