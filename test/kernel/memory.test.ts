import { expect } from 'vitest';
import { eventHeader, eventKind } from '../../agent/decode/layout.gen.ts';
import { argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';
import { readMember } from './support/record.ts';

const KINDS = ['ptrace', 'memfd'] as const;
const family = createFamily('memory', KINDS);

liveTest('ptrace of a child, of nobody, by a child', async () => {
  const { events, own, records } = await family.observe('ptrace');
  expect(events.map((event) => argsOf(event, /(?<=pid=)\d+/))).toEqual([
    'res=0 addr=0 data=100000 request=20(PTRACE_SEIZE) pid=(the target)',
    'res=0 addr=0 data=0 request=21(PTRACE_INTERRUPT) pid=(the target)',
    'res=-3(ESRCH) addr=0 data=0 request=11(PTRACE_ATTACH) pid=',
    ...(process.arch === 'x64' ? ['res=-3(ESRCH) addr=4 data=8 request=11(PTRACE_ATTACH) pid='] : []),
    'res=0 addr=0 data=0 request=1(PTRACE_TRACEME) pid=(memory)',
    'res=0 addr=0 data=0 request=20(PTRACE_SEIZE) pid=(the target)',
  ]);
  // In its own pid namespace the target is number 2; the fork tells what the host calls it.
  const forks = own.filter((record) => record.readUInt16LE(eventHeader.kind) === eventKind.fork);
  const inside = forks.find((record) => readMember(record, 'eventFork', 'childVpid') === 2n);
  const last = records.at(-1);
  if (inside === undefined || last === undefined) throw new Error('no fork inside of the namespace, or no ptrace');
  const called = readMember(inside, 'eventFork', 'childPid');
  expect(readMember(last, 'eventPtrace', 'targetHostPid')).toBe(called);
});

liveTest('memfd_create with any name, with a flag that there is not', async () => {
  const { events } = await family.observe('memfd');
  expect(argsOf(events[0])).toBe('fd=3(<m>a \xffname) name=a \xffname flags=1(MFD_CLOEXEC)');
  expect(argsOf(events[1])).toBe('fd=-22(EINVAL) name=name flags=1073741824');
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
