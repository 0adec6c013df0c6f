import { expect } from 'vitest';
import type { Event } from '../../agent/events/event.ts';
import { ACT_DIR, argsOf } from './support/args.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';

const KINDS = [
  'signal',
  'vmaccess',
  'capset',
  'prctl',
  'seccomp',
  'keys',
  'userfaultfd',
  'perf',
  'ring',
  'kexec',
  'machine',
] as const;
const family = createFamily('power', KINDS);

const textsOf = (events: readonly Event[], count: number): string[] =>
  events.slice(0, count).map((event) => `${event.type} ${argsOf(event, ACT_DIR)}`.replace(OWN_PID, 'PID'));
/** That of the victim or its child, by whatever name. */
const OWN_PID = /(?<=[pt]id=)(?!4194303)\d+/g;

liveTest('kill, tkill, tgkill and pidfd_send_signal say whom they hit', async () => {
  const { events } = await family.observe('signal');
  expect(textsOf(events, 5)).toEqual([
    'kill res=0 pid=PID(power) sig=0',
    'tkill res=0 tid=PID(power) sig=0',
    'tgkill res=0 pid=PID(power) tid=PID sig=0',
    'kill res=-3(ESRCH) pid=4194303 sig=15(SIGTERM)',
    'pidfd_send_signal res=0 fd=3 pid=PID(power) sig=9(SIGKILL)',
  ]);
});

liveTest('process_vm_readv and process_vm_writev', async () => {
  const { events } = await family.observe('vmaccess');
  expect(textsOf(events, 2)).toEqual(['process_vm_readv res=6 pid=PID(power)', 'process_vm_writev res=-3 pid=4194303']);
});

liveTest('capset', async () => {
  await family.observe('capset');
});

liveTest('prctl', async () => {
  const { events } = await family.observe('prctl');
  expect(textsOf(events, 3)).toEqual([
    'prctl res=0 option=15(PR_SET_NAME) arg2_str=renamed arg2_int=0',
    'prctl res=0 option=4(PR_SET_DUMPABLE) arg2_str= arg2_int=1',
    'prctl res=-22(EINVAL) option=9999 arg2_str= arg2_int=0',
  ]);
});

liveTest('seccomp', async () => {
  const { events } = await family.observe('seccomp');
  expect(textsOf(events, 2)).toEqual(['seccomp res=0 op=2 flags=0', 'seccomp res=-22(EINVAL) op=99 flags=1']);
});

liveTest('keyctl and add_key', async () => {
  await family.observe('keys');
});

liveTest('userfaultfd', async () => {
  const { events } = await family.observe('userfaultfd');
  expect(textsOf(events, 2)).toEqual([
    'userfaultfd res=3(<u>) flags=4160(O_NONBLOCK|O_CLOEXEC)',
    'userfaultfd res=-22(EINVAL) flags=0',
  ]);
});

liveTest('perf_event_open', async () => {
  await family.observe('perf');
});

liveTest('io_uring_setup', async () => {
  const { events } = await family.observe('ring');
  expect(textsOf(events, 2)).toEqual([
    'io_uring_setup res=3(<r>) entries=4',
    'io_uring_setup res=-22(EINVAL) entries=0',
  ]);
});

liveTest('attempts at another kernel', async () => {
  await family.observe('kexec');
});

liveTest('attempts at the machine', async () => {
  const { events } = await family.observe('machine');
  expect(textsOf(events, 5)).toEqual([
    'reboot res=-22(EINVAL) magic=1 magic2=2 cmd=3',
    'swapon res=-2(ENOENT) path=missing(missing) flags=1',
    'swapoff res=-2(ENOENT) path=missing(missing)',
    'acct res=-2(ENOENT) path=missing(missing)',
    'quotactl res=-2(ENOENT) cmd=80000700 special=missing(missing) id=5',
  ]);
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
