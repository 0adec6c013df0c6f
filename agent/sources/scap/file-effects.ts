import type { FdType } from '../../events/event.ts';
import { exitCode } from './codes.ts';
import { changed, decodeDevice, type FdEntry, fdEntry } from './fd-entry.ts';
import { AT_FDCWD, directoryOf, type Effect, joinPath, type Moment, singleSlashes } from './moment.ts';
import type { ScapThread } from './thread.ts';

const O_DIRECTORY = 1024;
const O_CLOEXEC = 4096;
const UPPER_LAYER = 32768;
const LOWER_LAYER = 65536;
/** Of an open's flags these and all above come from its exit, the others from its entry. */
const EXIT_FLAGS_FROM = 16384;

/** Places of an open's parameters, at its exit and at its entry; -1 = it has none. */
interface OpenPlaces {
  readonly name: number;
  readonly flags: number;
  readonly dirFd: number;
  readonly dev: number;
  readonly inode: number;
  readonly enter?: { readonly name: number; readonly flags: number; readonly dirFd: number };
}

const opened =
  (places: OpenPlaces): Effect =>
  (now, thread) => {
    const { frame, fd } = now;
    const number = frame.s64(0, -1);
    const { enter: slot } = thread;
    const enter = places.enter !== undefined && slot.code === frame.code - 1 ? places.enter : undefined;
    const enterName = enter === undefined ? undefined : slot.text(enter.name);
    const isEnter = enter !== undefined && enterName !== undefined && enterName !== '<NA>' && enterName !== '';
    const raw = isEnter ? enterName : (frame.text(places.name) ?? '<NA>');
    const dirFd = isEnter
      ? dirFdOf(enter.dirFd, (place) => slot.s64(place, AT_FDCWD))
      : dirFdOf(places.dirFd, (place) => frame.s64(place, AT_FDCWD));
    const name = raw === '' ? '' : joinPath(directoryOf(thread, dirFd), raw);
    if (number < 0) {
      fd.tell(-1, undefined, 'file');
      fd.name = name;
      fd.rawName = raw;
      return;
    }
    const openFlags = openFlagsOf(now, places, isEnter && enter.flags >= 0 ? slot.u32(enter.flags, 0) : undefined);
    const entry = fdEntry((openFlags & O_DIRECTORY) !== 0 ? 'directory' : 'file', {
      name,
      rawName: singleSlashes(raw),
      openFlags,
      dev: decodeDevice(frame.u32(places.dev, 0)),
      inode: frame.u64(places.inode),
      closeOnExec: (openFlags & O_CLOEXEC) !== 0,
    });
    thread.fds.set(number, entry);
    fd.tell(number, entry);
    fd.nameChanged = true;
  };

function dirFdOf(place: number, read: (place: number) => number): number {
  return place < 0 ? AT_FDCWD : read(place);
}

function openFlagsOf({ frame }: Moment, places: OpenPlaces, enterFlags: number | undefined): number {
  if (places.flags < 0) {
    const layer = frame.number(CREAT_FLAGS, 0);
    return ((layer & 1) !== 0 ? UPPER_LAYER : 0) | ((layer & 2) !== 0 ? LOWER_LAYER : 0);
  }
  const flags = frame.u32(places.flags, 0);
  if (enterFlags === undefined) return flags;
  return (enterFlags & (EXIT_FLAGS_FROM - 1)) | (flags & ~(EXIT_FLAGS_FROM - 1));
}

const CREAT_FLAGS = 5;

const closed: Effect = (now, thread) => {
  const { frame, fd } = now;
  const number = frame.s64(1, -1);
  fd.tell(number, thread.fds.get(number));
  if (frame.s64(0, -1) >= 0) now.closing = number;
};

const closedRange: Effect = ({ frame }, thread) => {
  if (frame.s64(0, -1) < 0) return;
  const first = frame.number(1, 0);
  const last = frame.number(2, 0);
  const onlyMarks = (frame.u32(3, 0) & 4) !== 0;
  for (const number of [...thread.fds.entries.keys()]) {
    if (number < first || number > last) continue;
    if (onlyMarks) thread.fds.setCloseOnExec(number, true);
    else thread.fds.remove(number);
  }
};

/** The new descriptor is the result; flags stand at a place, or nowhere (-1). */
const duplicated =
  (flagsAt: number): Effect =>
  ({ frame, fd }, thread) => {
    const number = frame.s64(0, -1);
    const from = frame.s64(1, -1);
    if (number < 0 || thread.fds.get(from) === undefined) {
      fd.tell(from, thread.fds.get(from));
      return;
    }
    const closeOnExec = flagsAt >= 0 && (frame.u32(flagsAt, 0) & O_CLOEXEC) !== 0;
    duplicate(thread, from, number, closeOnExec);
    fd.tell(number, thread.fds.get(number));
  };

function duplicate(thread: ScapThread, from: number, to: number, closeOnExec: boolean): void {
  const entry = thread.fds.get(from);
  if (entry !== undefined) thread.fds.set(to, changed(entry, { closeOnExec }));
}

const F_DUPFD = 1;
const F_SETFD = 3;
const F_DUPFD_CLOEXEC = 26;

const controlled: Effect = ({ frame, fd }, thread) => {
  const result = frame.s64(0, -1);
  if (result < 0) return;
  const from = frame.s64(1, -1);
  const command = frame.number(2, 0);
  if (command === F_DUPFD || command === F_DUPFD_CLOEXEC) {
    duplicate(thread, from, result, command === F_DUPFD_CLOEXEC);
    fd.tell(result, thread.fds.get(result));
  } else if (command === F_SETFD && frame.count > 3) {
    thread.fds.setCloseOnExec(from, (frame.u64(3) & 1n) !== 0n);
  }
};

/** Two descriptors of one kind at places 1 and 2; the event is about the second. */
const paired =
  (entryOf: (now: Moment) => FdEntry): Effect =>
  (now, thread) => {
    const { frame, fd } = now;
    if (frame.s64(0, -1) < 0) return;
    const entry = entryOf(now);
    for (const place of [1, 2]) {
      const number = frame.s64(place, -1);
      if (number < 0) continue;
      thread.fds.set(number, entry);
      fd.tell(number, entry);
    }
  };

/** One descriptor of a kind, the event's first parameter. `flagsAt`: where its flags are, if 4096 (or `bit`) closes. */
const created =
  (type: FdType, { flagsAt = -1, bit = O_CLOEXEC, always = false } = {}): Effect =>
  ({ frame, fd }, thread) => {
    const number = frame.s64(0, -1);
    if (number < 0) return;
    const closeOnExec = always || (flagsAt >= 0 && (frame.number(flagsAt, 0) & bit) !== 0);
    const entry = fdEntry(type, { closeOnExec });
    thread.fds.set(number, entry);
    fd.tell(number, entry);
  };

const createdMemfd: Effect = ({ frame, fd }, thread) => {
  const number = frame.s64(0, -1);
  if (number < 0) return;
  const entry = fdEntry('memfd', { name: frame.text(1) ?? '', closeOnExec: (frame.u32(2, 0) & 1) !== 0 });
  thread.fds.set(number, entry);
  fd.tell(number, entry);
  fd.nameChanged = true;
};

const openedPidfd: Effect = ({ frame, fd }, thread) => {
  const number = frame.s64(0, -1);
  if (number < 0) return;
  const entry = fdEntry('pidfd', { name: `/proc/${frame.s64(1, 0)}`, closeOnExec: true });
  thread.fds.set(number, entry);
  fd.tell(number, entry);
};

/** A copy of another process's descriptor. */
const tookFd: Effect = ({ frame, fd, state }, thread) => {
  const number = frame.s64(0, -1);
  if (number < 0) return;
  const pidfd = thread.fds.get(frame.s64(1, -1));
  const owner = pidfd?.type === 'pidfd' ? state.threads.get(Number(pidfd.name.slice('/proc/'.length))) : undefined;
  const entry = owner?.fds.get(frame.s64(2, -1));
  if (entry !== undefined) thread.fds.set(number, changed(entry, { closeOnExec: true }));
  fd.tell(number, entry);
};

/** bpf's commands that return a descriptor. */
const BPF_FD_COMMANDS: ReadonlySet<number> = new Set([0, 5, 7, 13, 14, 17, 18, 19, 28, 30, 32, 33]);

const usedBpf: Effect = (now, thread) => {
  if (BPF_FD_COMMANDS.has(now.frame.u32(1, 0))) created('bpf', { always: true })(now, thread);
};

const fifo = ({ frame }: Moment): FdEntry =>
  fdEntry('pipe', { inode: frame.u64(3), closeOnExec: (frame.u32(4, 0) & O_CLOEXEC) !== 0 });
const unixPair = (): FdEntry => fdEntry('unix');

/** What calls on files and descriptors do to the table of descriptors. */
export const FILE_EFFECTS: readonly (readonly [code: number, effect: Effect])[] = [
  [
    exitCode('open'),
    opened({ name: 1, flags: 2, dirFd: -1, dev: 4, inode: 5, enter: { name: 0, flags: 1, dirFd: -1 } }),
  ],
  [
    exitCode('openat'),
    opened({ name: 2, flags: 3, dirFd: 1, dev: 5, inode: 6, enter: { name: 1, flags: 2, dirFd: 0 } }),
  ],
  [
    exitCode('openat2'),
    opened({ name: 2, flags: 3, dirFd: 1, dev: 6, inode: 7, enter: { name: 1, flags: 2, dirFd: 0 } }),
  ],
  [
    exitCode('creat'),
    opened({ name: 1, flags: -1, dirFd: -1, dev: 3, inode: 4, enter: { name: 0, flags: -1, dirFd: -1 } }),
  ],
  [exitCode('open_by_handle_at'), opened({ name: 3, flags: 2, dirFd: -1, dev: 4, inode: 5 })],
  [exitCode('close'), closed],
  [exitCode('close_range'), closedRange],
  [exitCode('dup'), duplicated(-1)],
  [exitCode('dup2'), duplicated(-1)],
  [exitCode('dup3'), duplicated(3)],
  [exitCode('fcntl'), controlled],
  [exitCode('pipe'), paired(fifo)],
  [exitCode('pipe2'), paired(fifo)],
  [exitCode('socketpair'), paired(unixPair)],
  [exitCode('eventfd'), created('event')],
  [exitCode('eventfd2'), created('event', { flagsAt: 1 })],
  [exitCode('signalfd'), created('signalfd')],
  [exitCode('signalfd4'), created('signalfd', { flagsAt: 1 })],
  [exitCode('timerfd_create'), created('timerfd')],
  [exitCode('inotify_init'), created('inotify')],
  [exitCode('inotify_init1'), created('inotify', { flagsAt: 1 })],
  [exitCode('epoll_create'), created('eventpoll')],
  [exitCode('epoll_create1'), created('eventpoll', { flagsAt: 1, bit: 1 })],
  [exitCode('io_uring_setup'), created('io_uring', { always: true })],
  [exitCode('userfaultfd'), created('userfaultfd', { flagsAt: 1 })],
  [exitCode('memfd_create'), createdMemfd],
  [exitCode('pidfd_open'), openedPidfd],
  [exitCode('pidfd_getfd'), tookFd],
  [exitCode('bpf'), usedBpf],
];
