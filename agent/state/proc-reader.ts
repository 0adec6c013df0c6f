import { type BigIntStats, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { ByteString } from '../events/bytestring.ts';
import type { FileFacts, ImageFacts, TaskFacts, Unsigned64 } from '../events/event.ts';
import { parseStat, parseStatus } from './proc-text.ts';

/** The edge that reads living processes from /proc, for the table to heal what it missed. */
export interface ProcReaderOptions {
  /** Where procfs of the host's pid namespace is mounted. Default /proc. */
  readonly root?: string;
  /** Id of the cgroup of a process; 0 when it cannot be told. */
  readonly cgroupId: (pid: number) => Unsigned64;
}

/** Reads one process; undefined when it is gone or may not be read. */
export function createProcReader({
  root = '/proc',
  cgroupId,
}: ProcReaderOptions): (pid: number) => TaskFacts | undefined {
  return (pid) => {
    const base = `${root}/${pid}`;
    const stat = parseStat(read(`${base}/stat`) ?? '');
    const status = parseStatus(read(`${base}/status`) ?? '');
    if (stat === undefined || status === undefined) return undefined;
    return {
      pid,
      tid: pid,
      tidStart: stat.startNs,
      pidStart: stat.startNs,
      pidStartNs: BigInt(stat.startNs),
      bootTime: stat.startNs,
      ppid: stat.ppid,
      ppidStart: 0,
      session: stat.session,
      pgid: stat.pgid,
      tty: stat.tty,
      comm: stat.comm,
      ...status,
      vtid: status.vpid,
      loginuid: Number(read(`${base}/loginuid`) ?? 0xffff_ffff),
      exeDev: 0,
      exeInode: 0,
      cgroupId: cgroupId(pid),
      pidNamespace: namespace(base, 'pid'),
      mountNamespace: namespace(base, 'mnt'),
      userNamespace: namespace(base, 'user'),
      netNamespace: namespace(base, 'net'),
      image: readImage(base, status),
    };
  };
}

function readImage(base: string, caps: { readonly capPermitted: number; readonly capInheritable: number }): ImageFacts {
  const joined = read(`${base}/cmdline`) ?? '';
  return {
    exe: readExe(base),
    args: joined === '' ? [] : joined.replace(/\0$/, '').split('\0'),
    env: undefined,
    cwd: link(`${base}/cwd`),
    interpreter: undefined,
    capPermitted: caps.capPermitted,
    capInheritable: caps.capInheritable,
    stdin: undefined,
    stdout: undefined,
    writable: false,
    setid: false,
    argsTruncated: false,
    envTruncated: false,
  };
}

const DELETED = ' (deleted)';

function readExe(base: string): FileFacts {
  const target = link(`${base}/exe`) ?? '';
  const deleted = target.endsWith(DELETED);
  const path = deleted ? target.slice(0, -DELETED.length) : target;
  const stat = follow(`${base}/exe`);
  return {
    path,
    namespacePath: path,
    hasPath: true,
    inode: stat?.ino ?? 0,
    dev: 0,
    mode: Number(stat?.mode ?? 0),
    openFlags: 0,
    links: Number(stat?.nlink ?? 0),
    uid: Number(stat?.uid ?? 0),
    gid: Number(stat?.gid ?? 0),
    ctimeNs: stat?.ctimeNs ?? 0n,
    mtimeNs: stat?.mtimeNs ?? 0n,
    layer: 'none',
    deleted,
    memfd: path.startsWith('/memfd:'),
    created: false,
  };
}

function read(path: string): ByteString | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended, or is hidden from us: the same as not there.
    return undefined;
  }
}

function link(path: string): ByteString | undefined {
  try {
    return readlinkSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function follow(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function namespace(base: string, kind: string): number {
  return Number(/\[(\d+)\]/.exec(link(`${base}/ns/${kind}`) ?? '')?.[1] ?? 0);
}
