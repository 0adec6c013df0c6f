import { createBatchReader } from '../../../agent/decode/batch.ts';
import type { Event } from '../../../agent/events/event.ts';
import type { MemberValue } from './record.ts';
import { MACHINE } from './sensor.ts';
import type { Difference, Testimony } from './testimony.ts';

const reader = createBatchReader({ machine: MACHINE, wallOffsetNs: 0n });

/** The record as an event. Throws when decode does not take it for a whole one. */
export function decodeRecord(record: Buffer): Event {
  const event = reader.restore(record);
  if (event === undefined) throw new Error('the record is no whole event');
  return event;
}

/** Event types of what no system call is told of. */
const TYPE_WITHOUT_CALL: Readonly<Record<string, string>> = { fork: 'clone', exit: 'procexit' };

/** What the decoded event has for members that victims tell of. */
const DECODED: Readonly<Record<string, (event: Event) => unknown>> = {
  'h.result': (event) => (event.kind === 'exit' ? 0 : event.result),
  'h.vpid': (event) => event.vpid,
  'h.vtid': (event) => event.vtid,
  'h.uid': (event) => event.uid,
  'h.euid': (event) => event.euid,
  'h.gid': (event) => event.gid,
  'h.egid': (event) => event.egid,
  'h.loginuid': (event) => event.loginuid,
  'h.tty': (event) => event.tty,
  'h.capEffective': (event) => event.capEffective,
  'h.exeDev': (event) => event.exeDev,
  'h.exeInode': (event) => event.exeInode,
  'h.mntNs': (event) => event.mountNamespace,
  'h.pidNs': (event) => event.pidNamespace,
  'h.userNs': (event) => event.userNamespace,
  'h.netNs': (event) => event.netNamespace,
  'h.comm': (event) => event.comm,
  childPid: (event) => event.child?.pid,
  childTid: (event) => event.child?.tid,
  childVpid: (event) => event.child?.vpid,
  childPpid: (event) => event.child?.ppid,
  childPidNs: (event) => event.child?.pidNamespace,
  exitCode: (event) => event.rawArg('status'),
  groupDead: (event) => Number(event.endsProcess),
  'exe.inode': (event) => event.image?.exe.inode,
  'exe.path': (event) => event.image?.exe.path,
  args: (event) => event.image?.args?.join('\0'),
  env: (event) => event.image?.env?.join('\0'),
  cwd: (event) => (event.succeeded ? event.image?.cwd : event.name?.directory),
  interpreter: (event) => event.image?.interpreter,
  capPermitted: (event) => (event.kind === 'capset' ? event.rawArg('cap_permitted') : event.image?.capPermitted),
  capInheritable: (event) => (event.kind === 'capset' ? event.rawArg('cap_inheritable') : event.image?.capInheritable),
  capEffective: (event) => event.rawArg('cap_effective'),
  'file.inode': (event) => event.file?.inode,
  'file.dev': (event) => event.file?.dev,
  'file.nlink': (event) => event.file?.links,
  'file.uid': (event) => event.file?.uid,
  'file.gid': (event) => event.file?.gid,
  'file.ctimeNs': (event) => event.file?.ctimeNs,
  'file.mtimeNs': (event) => event.file?.mtimeNs,
  'file.path': (event) => event.file?.namespacePath,
  name: (event) => (event.kind === 'memfd' ? event.rawArg('name') : event.name?.raw),
  dirfd: (event) => event.name?.dirFd,
  dirPath: (event) => event.name?.directory,
  oldName: (event) => event.name?.raw,
  oldDirfd: (event) => event.name?.dirFd,
  newName: (event) => event.secondName?.raw,
  newDirfd: (event) => event.secondName?.dirFd,
  target: (event) => (event.kind === 'mount' ? event.name?.raw : event.secondName?.raw),
  'sock.inode': (event) => event.socket?.inode,
  'sock.type': (event) => event.socket?.type,
  'sock.localPort': (event) => event.socket?.localPort,
  'sock.remotePort': (event) => event.socket?.remotePort,
  'sock.unixPath': (event) => event.socket?.unixPath,
  'sock.unixPeerPath': (event) => event.socket?.unixPeerPath,
  addrPort: (event) => event.address?.port ?? 0,
  addrPath: (event) => event.address?.unixPath,
  targetPid: (event) => event.rawArg(event.type === 'tkill' ? 'tid' : 'pid'),
  secondName: (event) => event.secondName?.raw,
  secondDirPath: (event) => event.secondName?.directory,
  params: (event) => event.rawArg('uargs'),
};

/** Where the decoded event and the testimony part ways. */
export function compareDecoded(testimony: Testimony, event: Event): Difference[] {
  const type = testimony.call === '' ? TYPE_WITHOUT_CALL[testimony.kind] : testimony.call;
  const differences: Difference[] = [];
  const note = (member: string, said: unknown, decoded: unknown) => {
    if (said !== decoded) differences.push({ member, said: String(said), recorded: `${decoded} (decoded)` });
  };
  note('kind', testimony.kind, event.kind);
  note('type', type, event.type);
  for (const [member, said] of testimony.members) {
    const decode = DECODED[member];
    if (decode !== undefined) note(member, plain(said), plain(decode(event) ?? null));
  }
  return differences;
}

/** Bytes as byte strings, numbers as bigints, so that both sides compare. */
function plain(value: MemberValue | unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  return typeof value === 'number' ? BigInt(value) : value;
}
