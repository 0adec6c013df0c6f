import { EVENT_TYPES } from '../events/event-types.ts';
import { type CollectedKind, EVENT_KINDS } from '../events/kinds.ts';
import { eventKind, type STRUCTS } from './layout.gen.ts';

type StructName = keyof typeof STRUCTS;

/** Which struct of events.h a kind's records have; several kinds share one. */
export const KIND_STRUCT = {
  fork: 'eventFork',
  exec: 'eventExec',
  exit: 'eventExit',
  open: 'eventOpen',
  dup: 'eventDup',
  unlink: 'eventUnlink',
  rename: 'eventRename',
  link: 'eventLink',
  symlink: 'eventSymlink',
  mkdir: 'eventMkdir',
  chmod: 'eventChmod',
  chown: 'eventChown',
  socket: 'eventSocket',
  connect: 'eventNet',
  accept: 'eventNet',
  bind: 'eventNet',
  listen: 'eventNet',
  send: 'eventNet',
  setuid: 'eventSetid',
  setgid: 'eventSetid',
  ptrace: 'eventPtrace',
  module: 'eventModule',
  bpf: 'eventBpf',
  memfd: 'eventMemfd',
  mount: 'eventMount',
  setns: 'eventSetns',
  unshare: 'eventUnshare',
  chdir: 'eventCall',
  mknod: 'eventCall',
  truncate: 'eventCall',
  utimes: 'eventCall',
  xattr: 'eventCall',
  handle: 'eventCall',
  capset: 'eventCapset',
  prctl: 'eventCall',
  seccomp: 'eventCall',
  keys: 'eventCall',
  vmaccess: 'eventTarget',
  userfaultfd: 'eventCall',
  perf: 'eventCall',
  ring: 'eventCall',
  kexec: 'eventCall',
  machine: 'eventCall',
  chroot: 'eventCall',
  pivot: 'eventCall',
  umount: 'eventCall',
  fsmount: 'eventCall',
  signal: 'eventTarget',
} as const satisfies Record<CollectedKind, StructName>;

/** Numbers of kinds are below this. */
export const KIND_CODES = eventKind.max;

/** Kind by its number on the wire; undefined for the sensor's own records and numbers that are not in use. */
export const KIND_OF_CODE: readonly (CollectedKind | undefined)[] = (() => {
  const table: (CollectedKind | undefined)[] = Array.from({ length: KIND_CODES });
  for (const kind of EVENT_KINDS) table[eventKind[kind]] = kind;
  return table;
})();

/** evt.type of a record whose call number names nothing, by kind number. */
export const DEFAULT_TYPE_OF_CODE: readonly string[] = KIND_OF_CODE.map((kind) =>
  kind === undefined ? '' : EVENT_TYPES[kind][0],
);
