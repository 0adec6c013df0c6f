import { enterCode, exitCode } from './codes.ts';
import type { EventFrame } from './event-frame.ts';
import { AT_FDCWD, directoryOf, type Effect, joinPath, type Moment } from './moment.ts';
import { CLONE, type ScapThread } from './thread.ts';
import { withoutDeleted, withSlash } from './thread-table.ts';

const NO_ID = 0xffff_ffff;
/** A thread that is older than this when its clone is told of is a former one with the same id. */
const STALE_NS = 2_000_000_000n;

/** PPM_EXE_* */
const EXE = { writable: 1, upperLayer: 2, fromMemfd: 4, lowerLayer: 8 } as const;
const CLONE_NEWUSER = 0x10_0000;
/** All capabilities that kernels have. */
const ALL_CAPABILITIES = 2 ** 41 - 1;

const executed: Effect = (now, thread) => {
  const { frame, state } = now;
  if (frame.s64(0, -1) < 0) return;
  const path = exePathOf(now, thread);
  const flags = frame.u32(19, 0);
  const exe = frame.text(1) ?? '';
  thread.setNames(frame.text(13) ?? thread.comm, exe, frame.bytes(2));
  thread.setEnv(frame.bytes(15));
  thread.exePath = withoutDeleted(path);
  thread.pid = frame.s64(4, thread.pid);
  thread.tty = frame.u32(16, 0);
  thread.virtualGroup = frame.s64(17, thread.virtualGroup);
  thread.loginuid = frame.u32(18, NO_ID);
  thread.capInheritable = frame.s64(20, 0);
  thread.capPermitted = frame.s64(21, 0);
  thread.capEffective = frame.s64(22, 0);
  thread.exeFacts = {
    dev: 0,
    inode: frame.u64(23),
    ctimeNs: frame.u64(24),
    mtimeNs: frame.u64(25),
    layer: (flags & EXE.upperLayer) !== 0 ? 'upper' : (flags & EXE.lowerLayer) !== 0 ? 'lower' : 'none',
    writable: (flags & EXE.writable) !== 0,
    memfd: (flags & EXE.fromMemfd) !== 0,
    deleted: path !== thread.exePath,
  };
  thread.uid = frame.u32(26, thread.uid);
  thread.pgid = frame.s64(28, thread.pgid);
  thread.gid = frame.u32(29, thread.gid);
  state.threads.setCgroups(thread, frame.bytes(14));
  thread.flags &= ~(CLONE.thread | CLONE.files);
  thread.ownFds.closeOnExec();
  state.threads.dropOthers(thread);
  state.threads.count(thread);
  thread.bump();
  thread.forgetNames();
};

/** The kernel's path of the binary; of older captures the name that was passed, from its directory. */
function exePathOf({ frame }: Moment, thread: ScapThread): string {
  const trusted = frame.text(27);
  if (trusted !== undefined && trusted !== '<NA>') return trusted;
  const { enter } = thread;
  const named =
    enter.code === EXECVEAT_ENTER ? enter.text(1) : enter.code === EXECVE_ENTER ? enter.text(0) : frame.text(30);
  if (named === undefined || named === '' || named === '<NA>') return '';
  const dirFd = enter.code === EXECVEAT_ENTER ? enter.s64(0, AT_FDCWD) : AT_FDCWD;
  return joinPath(directoryOf(thread, dirFd), named);
}

const EXECVE_ENTER = enterCode('execve');
const EXECVEAT_ENTER = enterCode('execveat');

/** A clone is told twice: by the parent, with the child's id as result, and by the child, with 0. */
const cloned: Effect = (now, thread) => {
  const result = now.frame.s64(0, -1);
  if (result > 0) clonedByParent(now, thread, result);
};

/** In containers the child's id that the parent sees is not the host's: the child's own event tells it then. */
function clonedByParent(now: Moment, parent: ScapThread, childTid: number): void {
  const { frame, state } = now;
  const flags = frame.u32(15, 0);
  const vtid = frame.s64(18, -1);
  parent.vtid = vtid;
  parent.vpid = frame.s64(19, parent.vpid);
  const hidden = CLONE.childInPidNamespace | CLONE.newPidNamespace | CLONE.parent | CLONE.vfork;
  if ((flags & hidden) !== 0 || (vtid >= 0 && vtid !== parent.tid)) return;
  const known = state.threads.get(childTid);
  if (known !== undefined && isFresh(known, frame)) return;
  const isThread = (flags & CLONE.thread) !== 0;
  const child = state.threads.create(childTid, isThread ? parent.pid : childTid, isThread ? undefined : parent.fds);
  if (child === undefined) return;
  child.ptid = isThread ? parent.ptid : parent.tid;
  child.vtid = childTid;
  child.vpid = isThread ? parent.vpid : childTid;
  child.flags = flags;
  begin(child, parent, now);
  state.threads.setCgroups(child, frame.bytes(14));
  state.threads.count(child);
}

/** The child's own event: it exists from then on. What the parent's event told of it a moment ago is as good. */
export function clonedByChild(now: Moment): ScapThread | undefined {
  const { frame, state } = now;
  const { tid } = frame;
  const { threads } = state;
  const pid = frame.s64(4, tid);
  const ptid = frame.s64(5, -1);
  const flags = tid === pid ? frame.u32(15, 0) : frame.u32(15, 0) | CLONE.thread | CLONE.files;
  const known = threads.get(tid);
  if (known !== undefined && isFresh(known, frame) && known.pid === pid) return known;
  const parent = threads.get(ptid) ?? threads.meet(ptid);
  const isThread = (flags & CLONE.thread) !== 0;
  const from = isThread ? threads.get(pid) : parent;
  const child = threads.create(tid, pid, isThread ? undefined : from?.fds);
  if (child === undefined) return undefined;
  child.ptid = ptid;
  child.vtid = frame.s64(18, tid);
  child.vpid = frame.s64(19, pid);
  child.flags = flags;
  begin(child, from, now);
  threads.setCgroups(child, frame.bytes(14));
  threads.count(child);
  return child;
}

function isFresh(thread: ScapThread, frame: EventFrame): boolean {
  return thread.startedNs !== 0n && frame.timeNs - thread.startedNs < STALE_NS;
}

/** What a new thread has from the event and from the one that it was made by. */
function begin(child: ScapThread, from: ScapThread | undefined, { frame, state }: Moment): void {
  child.startedNs = frame.timeNs;
  child.namespaceBootNs = frame.u64(20);
  child.uid = frame.u32(16, NO_ID);
  child.gid = frame.u32(17, NO_ID);
  child.setNames(frame.text(13) ?? '<NA>', frame.text(1) ?? '<NA>', frame.bytes(2));
  if (from !== undefined) inherit(child, from);
  if (child.isLeader) child.adopt(state.threads.get(child.ptid));
  child.bump();
}

function inherit(child: ScapThread, from: ScapThread): void {
  child.setEnv(from.leader.envText);
  child.exePath = from.exePath;
  child.exeFacts = from.exeFacts;
  child.session = from.session;
  child.virtualGroup = from.virtualGroup;
  child.pgid = from.pgid;
  child.tty = from.tty;
  child.loginuid = from.loginuid;
  child.capInheritable = from.capInheritable;
  child.capPermitted = from.capPermitted;
  child.capEffective = from.capEffective;
  child.root = from.root;
  if (child.isLeader) child.ownCwd = from.cwd;
}

const exited: Effect = (now) => {
  now.reaper = now.frame.s64(4, 0);
};

/** An id of the thread by a successful call; all ones leave it as it is. */
const changedId =
  (member: 'uid' | 'gid', place: number): Effect =>
  ({ frame }, thread) => {
    if (frame.s64(0, -1) !== 0) return;
    const id = frame.u32(place, NO_ID);
    if (id === NO_ID) return;
    thread[member] = id;
    thread.touch();
  };

const ledSession: Effect = ({ frame }, thread) => {
  const session = frame.s64(0, -1);
  if (session < 0) return;
  thread.session = session;
  thread.virtualGroup = session;
  thread.pgid = thread.pid;
  thread.touch();
};

const movedGroup: Effect = ({ frame, state }, thread) => {
  if (frame.s64(0, -1) !== 0) return;
  const pid = frame.s64(1, 0);
  const group = frame.s64(2, 0);
  const target = pid === 0 ? thread : state.threads.get(pid);
  if (target === undefined) return;
  target.virtualGroup = group === 0 ? target.vpid : group;
  target.pgid = group === 0 ? target.pid : group;
  target.touch();
};

const changedDirectory: Effect = ({ frame }, thread) => {
  const path = frame.text(1);
  if (frame.s64(0, -1) < 0 || path === undefined) return;
  setCwd(thread, joinPath(thread.cwd, path));
};

const changedDirectoryByFd: Effect = ({ frame }, thread) => {
  const entry = thread.fds.get(frame.s64(1, -1));
  if (frame.s64(0, -1) >= 0 && entry !== undefined) setCwd(thread, entry.name);
};

const askedDirectory: Effect = ({ frame }, thread) => {
  const path = frame.text(1);
  if (frame.s64(0, -1) >= 0 && path?.startsWith('/')) setCwd(thread, path);
};

function setCwd(thread: ScapThread, path: string): void {
  const { leader } = thread;
  leader.ownCwd = withSlash(path);
  leader.touch();
}

const changedRoot: Effect = ({ frame }, thread) => {
  const path = frame.text(1);
  if (frame.s64(0, -1) >= 0 && path !== undefined) thread.root = joinPath(thread.cwd, path);
};

const setCapabilities: Effect = ({ frame }, thread) => {
  if (frame.s64(0, -1) < 0) return;
  thread.capInheritable = frame.s64(1, 0);
  thread.capPermitted = frame.s64(2, 0);
  thread.capEffective = frame.s64(3, 0);
  thread.touch();
};

/** A new user namespace gives all capabilities in it. */
const enteredNamespace =
  (flagsAt: number): Effect =>
  ({ frame }, thread) => {
    if (frame.s64(0, -1) < 0 || (frame.u32(flagsAt, 0) & CLONE_NEWUSER) === 0) return;
    thread.capPermitted = ALL_CAPABILITIES;
    thread.capEffective = ALL_CAPABILITIES;
    thread.touch();
  };

/** What calls on processes do to what is known of threads. */
export const PROCESS_EFFECTS: readonly (readonly [code: number, effect: Effect])[] = [
  [exitCode('execve'), executed],
  [exitCode('execveat'), executed],
  [exitCode('clone'), cloned],
  [exitCode('clone3'), cloned],
  [exitCode('fork'), cloned],
  [exitCode('vfork'), cloned],
  [enterCode('procexit'), exited],
  [exitCode('setuid'), changedId('uid', 1)],
  [exitCode('setreuid'), changedId('uid', 2)],
  [exitCode('setresuid'), changedId('uid', 2)],
  [exitCode('setgid'), changedId('gid', 1)],
  [exitCode('setregid'), changedId('gid', 2)],
  [exitCode('setresgid'), changedId('gid', 2)],
  [exitCode('setsid'), ledSession],
  [exitCode('setpgid'), movedGroup],
  [exitCode('chdir'), changedDirectory],
  [exitCode('fchdir'), changedDirectoryByFd],
  [exitCode('getcwd'), askedDirectory],
  [exitCode('chroot'), changedRoot],
  [exitCode('capset'), setCapabilities],
  [exitCode('unshare'), enteredNamespace(1)],
  [exitCode('setns'), enteredNamespace(2)],
];

/** Codes of the clone family. */
export const CLONE_CODES: ReadonlySet<number> = new Set(['clone', 'clone3', 'fork', 'vfork'].map(exitCode));
export const EXIT_CODE = enterCode('procexit');
