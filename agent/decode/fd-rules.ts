import type { FdType } from '../events/event.ts';
import type { CollectedKind } from '../events/kinds.ts';
import type { FdView } from './fd-view.ts';
import { eventCall, eventChmod, eventChown, eventModule, eventNet, eventSetns } from './layout.gen.ts';
import type { RecordCursor } from './record-cursor.ts';
import { AF_INET, AF_INET6, AF_UNIX } from './socket-view.ts';

/** Fills the view with the descriptor that the event is about; undefined when it is about none. */
type FdRule = (event: RecordCursor, fd: FdView) => FdView | undefined;

const EINPROGRESS = -115;
/** Number of a descriptor that there is, as far as is known, but whose number is not: no process can have it. */
const UNTOLD_FD = 0x7fff_ffff;
const none: FdRule = () => undefined;

function opened(event: RecordCursor, fd: FdView): FdView {
  // A failed open refers to nothing, yet it has the name that was tried.
  if (!event.succeeded) return fd.reset(-1, 'file').by(event.name);
  if (event.resultAssumed) return fd.reset(UNTOLD_FD, 'file').typed('file').by(event.name).changed(true);
  return fd.reset(event.returnValue, 'file').of(event.file, undefined).by(event.name).changed(true);
}

/** Calls with one directory descriptor: fd.* describe that directory, not the target. */
function directory(event: RecordCursor, fd: FdView): FdView | undefined {
  const name = event.name;
  if (name === undefined) return undefined;
  fd.reset(name.dirFd, 'unknown');
  // The record tells the directory only where the name counts from it.
  if (name.dirFd < 0 || name.directory === undefined || name.raw?.startsWith('/')) return fd;
  return fd.typed('directory').named(name.directory);
}

/** The member holds a descriptor of a file or, for the calls with a name, a directory. */
const fileOrDirectory =
  (direct: string, at: number): FdRule =>
  (event, fd) => {
    if (event.type === direct) return fd.reset(event.bytes.s32(at), 'unknown').of(event.file, undefined);
    return event.type.includes('at') ? directory(event, fd) : undefined;
  };

const withDirectory: FdRule = (event, fd) => (event.type.endsWith('at') ? directory(event, fd) : undefined);

function addressGuess(event: RecordCursor): 'ipv4' | 'ipv6' | 'unix' | 'unknown' {
  const family = event.address?.family ?? event.socket?.family ?? 0;
  if (family === AF_INET) return 'ipv4';
  if (family === AF_INET6) return 'ipv6';
  return family === AF_UNIX ? 'unix' : 'unknown';
}

function connected(event: RecordCursor, fd: FdView): FdView {
  fd.reset(event.bytes.s32(eventNet.fd), addressGuess(event)).of(undefined, event.socket);
  const done = event.succeeded || event.returnValue === EINPROGRESS;
  if (!done) return fd.named('').as('none', false);
  // A unix peer may have gone by now; the address that was passed names it all the same.
  if (event.socket?.family === AF_UNIX && event.socket.unixPeerPath === undefined) {
    fd.named(event.address?.unixPath ?? '');
  }
  return fd.as('client', true).changed(true);
}

function accepted(event: RecordCursor, fd: FdView): FdView {
  if (!event.succeeded) return fd.reset(event.returnValue, addressGuess(event));
  return fd.reset(event.returnValue, addressGuess(event)).of(undefined, event.socket).as('server', true).changed(true);
}

function bound(event: RecordCursor, fd: FdView): FdView {
  fd.reset(event.bytes.s32(eventNet.fd), addressGuess(event)).of(undefined, event.socket);
  const socket = event.socket;
  if (!event.succeeded || socket === undefined) return fd.as('none', false);
  const named = socket.localPort !== 0 || socket.unixPath !== undefined;
  return fd.as(named ? 'server' : 'none', false).changed(named);
}

function listening(event: RecordCursor, fd: FdView): FdView {
  fd.reset(event.bytes.s32(eventNet.fd), addressGuess(event)).of(undefined, event.socket);
  return fd.as(event.succeeded ? 'server' : 'none', false);
}

function sent(event: RecordCursor, fd: FdView): FdView {
  fd.reset(event.bytes.s32(eventNet.fd), addressGuess(event)).of(undefined, event.socket);
  const { socket, address } = event;
  if (socket === undefined || address === undefined) return fd;
  if (address.unixPath !== undefined) return fd.named(address.unixPath).changed(event.succeeded);
  return fd.of(undefined, event.addressed(socket, address)).as('client', true).changed(event.succeeded);
}

/** Calls that take a descriptor, or a directory beside a name, in records of one shape. */
const argument: FdRule = (event, fd) => {
  const number = event.bytes.s32(eventCall.fd);
  if (number !== NO_FD) return fd.reset(number, 'unknown').of(event.file, undefined);
  return WITH_DIRECTORY.has(event.type) ? directory(event, fd) : undefined;
};
const NO_FD = -1;
const WITH_DIRECTORY: ReadonlySet<string> = new Set([
  'mknodat',
  'utimensat',
  'futimesat',
  'open_tree',
  'mount_setattr',
]);

/** Calls that give a descriptor of this type. */
const given =
  (type: FdType): FdRule =>
  (event, fd) =>
    event.succeeded ? fd.reset(event.returnValue, type).typed(type) : fd.reset(event.returnValue, type);

/** By kind: what fields.md's table "from event to fd" says, for the records of the kernel programs. */
export const FD_RULES = {
  open: opened,
  dup: (event, fd) => {
    if (!event.succeeded) return fd.reset(event.returnValue, 'unknown');
    return fd.reset(event.returnValue, 'unknown').of(event.file, event.socket);
  },
  unlink: withDirectory,
  mkdir: withDirectory,
  symlink: withDirectory,
  chmod: fileOrDirectory('fchmod', eventChmod.fd),
  chown: fileOrDirectory('fchown', eventChown.fd),
  socket: (event, fd) => {
    if (!event.succeeded) return fd.reset(event.returnValue, 'unknown');
    const number = event.resultAssumed ? UNTOLD_FD : event.returnValue;
    return fd.reset(number, 'unknown').of(undefined, event.socket).named('').as('none', false);
  },
  connect: connected,
  accept: accepted,
  bind: bound,
  listen: listening,
  send: sent,
  module: (event, fd) => {
    if (event.type !== 'finit_module') return undefined;
    return fd.reset(event.bytes.s32(eventModule.fd), 'unknown').of(event.file, undefined);
  },
  bpf: (event, fd) =>
    event.succeeded ? fd.reset(event.returnValue, 'bpf').typed('bpf') : fd.reset(event.returnValue, 'bpf'),
  memfd: (event, fd) => {
    if (!event.succeeded) return fd.reset(event.returnValue, 'memfd');
    return fd
      .reset(event.returnValue, 'memfd')
      .of(event.file, undefined)
      .typed('memfd')
      .named(event.memfdName)
      .changed(true);
  },
  setns: (event, fd) => fd.reset(event.bytes.s32(eventSetns.fd), 'unknown').of(event.file, undefined),
  fork: none,
  exec: none,
  exit: none,
  rename: none,
  link: none,
  setuid: none,
  setgid: none,
  ptrace: none,
  mount: none,
  unshare: none,
  chdir: argument,
  mknod: argument,
  truncate: argument,
  utimes: argument,
  xattr: argument,
  handle: (event, fd) =>
    event.succeeded
      ? fd.reset(event.returnValue, 'file').of(event.file, undefined).changed(true)
      : fd.reset(event.returnValue, 'file'),
  capset: none,
  prctl: none,
  seccomp: none,
  keys: none,
  vmaccess: none,
  userfaultfd: given('userfaultfd'),
  perf: given('unknown'),
  ring: given('io_uring'),
  kexec: argument,
  machine: argument,
  chroot: argument,
  pivot: argument,
  umount: argument,
  fsmount: argument,
  signal: none,
} as const satisfies Record<CollectedKind, FdRule>;
