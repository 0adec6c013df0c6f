import type { TaskFacts } from '../../../agent/events/event.ts';

interface TaskOptions {
  readonly pid: number;
  readonly ppid: number;
  readonly ppidStart?: number;
  readonly comm: string;
  readonly start: number;
  readonly args?: readonly string[];
}

/** A process as the iterator or /proc gives it. */
export function task({ pid, ppid, ppidStart = 0, comm, start, args = [comm] }: TaskOptions): TaskFacts {
  return {
    pid,
    tid: pid,
    vpid: pid,
    vtid: pid,
    pidStart: start,
    tidStart: start,
    pidStartNs: BigInt(start),
    bootTime: start,
    ppid,
    ppidStart,
    session: pid,
    pgid: pid,
    tty: 0,
    uid: 0,
    euid: 0,
    gid: 0,
    egid: 0,
    loginuid: 0xffff_ffff,
    capEffective: 0,
    exeDev: 0,
    exeInode: 0,
    cgroupId: 1,
    mountNamespace: 0,
    pidNamespace: 0,
    userNamespace: 0,
    netNamespace: 0,
    comm,
    image: {
      exe: {
        path: `/usr/bin/${comm}`,
        namespacePath: `/usr/bin/${comm}`,
        hasPath: true,
        inode: 1,
        dev: 0,
        mode: 0o100755,
        openFlags: 0,
        links: 1,
        uid: 0,
        gid: 0,
        ctimeNs: 0n,
        mtimeNs: 0n,
        layer: 'none',
        deleted: false,
        memfd: false,
        created: false,
      },
      args,
      env: undefined,
      cwd: '/',
      interpreter: undefined,
      capPermitted: 0,
      capInheritable: 0,
      stdin: undefined,
      stdout: undefined,
      writable: false,
      setid: false,
      argsTruncated: false,
      envTruncated: false,
    },
  };
}
