import { Way } from '../events/event.ts';
import type { EventKind } from '../events/kinds.ts';
import type { MatchContext } from './context.ts';
import { eventField, type Field, field, missingField } from './define.ts';
import { eventCode } from './evt-codes.ts';

const NO_PLUGINS = 'events come from the kernel, not from plugins';
const NO_INFRA = 'orchestrator events are not collected';

/** Kinds whose event also reads or writes the descriptor go by what it is. */
const CATEGORIES = {
  fork: 'process',
  exec: 'process',
  exit: 'process',
  open: 'file',
  dup: 'io',
  unlink: 'file',
  rename: 'file',
  link: 'file',
  symlink: 'file',
  mkdir: 'file',
  chmod: 'file',
  chown: 'file',
  socket: 'net',
  connect: 'net',
  accept: 'net',
  bind: 'net',
  listen: 'net',
  send: 'io',
  setuid: 'user',
  setgid: 'user',
  ptrace: 'process',
  module: 'other',
  bpf: 'other',
  memfd: 'memory',
  mount: 'file',
  setns: 'process',
  unshare: 'process',
  chdir: 'file',
  mknod: 'file',
  truncate: 'file',
  utimes: 'file',
  xattr: 'file',
  handle: 'file',
  capset: 'process',
  prctl: 'process',
  seccomp: 'other',
  keys: 'other',
  vmaccess: 'ipc',
  userfaultfd: 'file',
  perf: 'other',
  ring: 'other',
  kexec: 'other',
  machine: 'other',
  chroot: 'process',
  pivot: 'other',
  umount: 'file',
  fsmount: 'other',
  signal: 'signal',
  other: 'other',
} as const satisfies Record<EventKind, string>;

/** evt.category: I/O events count as what their descriptor is. */
export function categoryOf({ event }: MatchContext): string {
  const category = event.recorded?.category ?? CATEGORIES[event.kind];
  if (category !== 'io' && category !== '') return category;
  switch (event.fd?.type) {
    case 'file':
    case 'directory':
      return 'file';
    case 'ipv4':
    case 'ipv6':
      return 'net';
    case 'unix':
    case 'pipe':
    case 'event':
      return 'ipc';
    default:
      return 'unknown';
  }
}

/** Whether it stands for a beginning that has no end of its own. */
function isEnter({ event }: MatchContext): boolean {
  return event.recorded?.isEnter ?? event.kind === 'exit';
}

/** What an event is called, where it came from and in which order. */
export const EVT_FIELDS: readonly Field[] = [
  eventField('evt.num', 'UINT64', 'Running number of the event in its stream, from 1.', (c) => c.eventNumber),
  eventField('evt.type', 'CHARBUF', 'Name of the event, nearly always of its system call.', (c) => c.event.type),
  eventField(
    'evt.type.is',
    'UINT32',
    '1 when the event has this event code, else 0.',
    (c, code) => (eventCode(c.event.type) === code ? 1 : 0),
    {
      argument: { required: true, kind: 'index' },
    },
  ),
  eventField(
    'syscall.type',
    'CHARBUF',
    'Name of the system call behind the event; absent for the end of a process.',
    (c) => ((c.event.recorded?.isCall ?? c.event.kind !== 'exit') ? c.event.type : undefined),
  ),
  eventField(
    'evt.category',
    'CHARBUF',
    'Word for what the event works on: file, net, process, user, memory, other.',
    categoryOf,
  ),
  eventField(
    'evt.dir',
    'CHARBUF',
    'Nearly always < (the call has returned); > for the end of a process and what else has no second half.',
    (c) => (isEnter(c) ? '>' : '<'),
    {
      deprecated: true,
    },
  ),
  eventField('evt.cpu', 'INT16', 'CPU on which the event happened.', (c) => c.event.cpu),
  field('evt.source', 'CHARBUF', 'machine', 'Source of the event: syscall.', () => 'syscall'),
  field('evt.hostname', 'CHARBUF', 'machine', 'Name of the machine.', (c) => c.machine.hostname),
  field('evt.is_async', 'BOOL', 'machine', 'Whether the event was injected by the engine: never.', () => false),
  eventField('evt.count', 'UINT32', 'Always 1, for sums.', () => 1),
  eventField('evt.count.exit', 'UINT32', '1 for a system call that has returned.', (c) => (isEnter(c) ? 0 : 1)),
  eventField(
    'evt.count.procinfo',
    'UINT32',
    '1 for periodic process information, which does not exist here: 0.',
    () => 0,
  ),
  eventField(
    'evt.count.threadinfo',
    'UINT32',
    '1 for periodic thread information, which does not exist here: 0.',
    () => 0,
  ),
  eventField(
    'evt.is_wait',
    'BOOL',
    'Whether the event makes its thread wait (sleep, select, poll).',
    ({ event }) => event.recorded?.waits ?? false,
  ),
  eventField(
    'evt.is_io_uring',
    'BOOL',
    'Whether io_uring did it, without a system call; evt.type is then the call that does the same.',
    ({ event }) => (event.flags & Way.ioUring) !== 0,
  ),
  missingField('evt.asynctype', 'CHARBUF', 'event', 'Name of an injected event.', 'no event is injected'),
  missingField('evt.pluginname', 'CHARBUF', 'event', 'Plugin behind the event.', NO_PLUGINS),
  missingField('evt.plugininfo', 'CHARBUF', 'event', 'Description of the event by its plugin.', NO_PLUGINS),
  missingField('evt.infra.docker.name', 'CHARBUF', 'event', 'Name of a container engine event.', NO_INFRA),
  missingField('evt.infra.docker.container.id', 'CHARBUF', 'event', 'Container of a container engine event.', NO_INFRA),
  missingField(
    'evt.infra.docker.container.name',
    'CHARBUF',
    'event',
    'Container name of a container engine event.',
    NO_INFRA,
  ),
  missingField('evt.infra.docker.container.image', 'CHARBUF', 'event', 'Image of a container engine event.', NO_INFRA),
  missingField(
    'evt.around',
    'UINT64',
    'event',
    'Distance in milliseconds from a time.',
    'it selects around one moment of a capture, which alerts do not need',
    {
      argument: { required: true, kind: 'key', pattern: /^[+-]?\d+$/ },
      filterOnly: true,
      noTransformer: true,
      noRightSide: true,
    },
  ),
  missingField('util.cnt', 'UINT64', 'event', 'Counter that grows with every reading.', 'fields have no side effects'),
];
