import type { ByteString } from '../../events/bytestring.ts';
import type { ContainerIdentity, ProcessLookup } from '../../events/process.ts';
import { EnterBudget, EnterStore } from './enter-store.ts';
import { FdBudget, FdTable } from './fd-table.ts';
import { Revisions } from './revisions.ts';
import type { ProcessRecord } from './state-records.ts';
import { ScapThread, type ThreadLookup } from './thread.ts';

export interface ThreadTableOptions {
  /** Container of the cgroups of a thread, `subsystem=path` with a NUL each. */
  readonly container: (cgroups: ByteString) => ContainerIdentity;
  /** Memory for threads, an estimate; above it new ones are not kept. */
  readonly limitBytes: number;
  /** Descriptors that are kept, of all processes together. */
  readonly fdLimit: number;
}

export interface ThreadStats {
  threads: number;
  bytes: number;
  /** First seen by an event that tells nothing of them. */
  unknown: number;
  /** Not kept because of the limit. */
  refused: number;
}

/** Of enter events that wait for their exit events: most threads wait in a few calls with short parameters. */
const ENTER_BYTES_MAX = 128 << 20;

/** Every thread that lives at the capture's present moment. */
export class ThreadTable implements ThreadLookup, ProcessLookup {
  readonly stats: ThreadStats = { threads: 0, bytes: 0, unknown: 0, refused: 0 };
  readonly revisions = new Revisions();
  readonly fdBudget: FdBudget;
  /** Boot of the machine, ns since 1970. */
  bootNs = 0n;
  readonly #enterBudget = new EnterBudget(ENTER_BYTES_MAX);
  readonly #byTid = new Map<number, ScapThread>();
  readonly #options: ThreadTableOptions;
  #last: ScapThread | undefined;

  constructor(options: ThreadTableOptions) {
    this.#options = options;
    this.fdBudget = new FdBudget(options.fdLimit);
  }

  get(tid: number): ScapThread | undefined {
    // Events of one thread come in runs.
    if (this.#last?.tid === tid) return this.#last;
    const thread = this.#byTid.get(tid);
    if (thread !== undefined) this.#last = thread;
    return thread;
  }

  byPid(pid: number): ScapThread | undefined {
    const thread = this.get(pid);
    if (thread !== undefined) thread.isNamed = true;
    return thread;
  }

  values(): IterableIterator<ScapThread> {
    return this.#byTid.values();
  }

  clear(): void {
    for (const thread of this.#byTid.values()) {
      thread.ownFds.clear();
      thread.enter.release();
    }
    this.#byTid.clear();
    this.#last = undefined;
    this.stats.threads = 0;
    this.stats.bytes = 0;
  }

  /** Takes a new thread in the place of any with its id; undefined above the limit. */
  create(tid: number, pid: number, fds?: FdTable): ScapThread | undefined {
    const former = this.#byTid.get(tid);
    if (former !== undefined) this.#drop(former);
    if (this.stats.bytes >= this.#options.limitBytes) {
      this.stats.refused++;
      return undefined;
    }
    const table = new FdTable(this.fdBudget, this.revisions, fds);
    const thread = new ScapThread(tid, pid, table, new EnterStore(this.#enterBudget), this);
    thread.bootNs = this.bootNs;
    this.#byTid.set(tid, thread);
    this.stats.threads++;
    this.count(thread);
    const { leader } = thread;
    if (leader !== thread) {
      leader.threads++;
      leader.members.add(thread);
    }
    return thread;
  }

  /** A thread of which an event tells nothing but its id. */
  meet(tid: number): ScapThread | undefined {
    if (tid <= 0) return undefined;
    const thread = this.create(tid, -1);
    if (thread === undefined) return undefined;
    this.stats.unknown++;
    thread.container = this.#options.container('');
    return thread;
  }

  /** A thread of the process list. A later record of the same thread counts. */
  load(record: ProcessRecord): void {
    const known = this.#byTid.get(record.tid);
    const thread = known?.pid === record.pid ? known : this.create(record.tid, record.pid);
    if (thread === undefined) return;
    thread.ptid = record.ptid;
    thread.session = record.session;
    thread.virtualGroup = record.virtualGroup;
    thread.pgid = record.group;
    thread.setNames(record.comm, record.exe, record.args);
    thread.setEnv(record.env);
    thread.exePath = withoutDeleted(record.exePath);
    thread.ownCwd = withSlash(record.cwd);
    thread.flags = record.flags;
    thread.uid = record.uid;
    thread.gid = record.gid;
    thread.vtid = record.vtid;
    thread.vpid = record.vpid;
    thread.root = record.root;
    thread.namespaceBootNs = record.namespaceStartNs;
    thread.tty = record.tty;
    thread.loginuid = record.loginuid;
    thread.capInheritable = record.capInheritable;
    thread.capPermitted = record.capPermitted;
    thread.capEffective = record.capEffective;
    thread.exeFacts = {
      dev: 0,
      inode: record.exeInode,
      ctimeNs: record.exeCtimeNs,
      mtimeNs: record.exeMtimeNs,
      layer: record.exeUpperLayer ? 'upper' : record.exeLowerLayer ? 'lower' : 'none',
      writable: record.exeWritable,
      memfd: record.exeFromMemfd,
      deleted: record.exePath.endsWith(DELETED),
    };
    this.setCgroups(thread, record.cgroups);
    this.count(thread);
    thread.touch();
  }

  /** The process list is complete: links each process to its parent. */
  link(): void {
    for (const thread of this.#byTid.values()) if (thread.isLeader) thread.adopt(this.#byTid.get(thread.ptid));
  }

  setCgroups(thread: ScapThread, cgroups: ByteString): void {
    if (thread.container !== undefined && thread.cgroups === cgroups) return;
    thread.cgroups = cgroups;
    thread.container = this.#options.container(cgroups);
  }

  /** Counts a thread's memory anew. */
  count(thread: ScapThread): void {
    const { bytes } = thread;
    this.stats.bytes += bytes - thread.countedBytes;
    thread.countedBytes = bytes;
  }

  /** The thread has ended; its children get the reaper (0 = not told). A leader stays while threads of it live. */
  end(thread: ScapThread, reaperTid: number): void {
    if (thread.ended) return;
    thread.ended = true;
    const { leader } = thread;
    leader.threads--;
    thread.forgetNames();
    thread.handChildrenTo(this.#reaperOf(thread, reaperTid));
    if (thread !== leader || leader.threads <= 0) this.#drop(thread);
    if (thread !== leader && leader.ended && leader.threads <= 0) this.#drop(leader);
  }

  /** After an exec only the leader is left. */
  dropOthers(leader: ScapThread): void {
    if (leader.threads <= 1) return;
    for (const thread of leader.members) {
      thread.handChildrenTo(leader);
      this.#drop(thread);
    }
    leader.threads = 1;
    leader.ended = false;
  }

  #reaperOf(thread: ScapThread, reaperTid: number): ScapThread | undefined {
    if (reaperTid > 0 && thread.children > 0) {
      const reaper = this.#byTid.get(reaperTid) ?? this.meet(reaperTid);
      return reaper === thread ? undefined : reaper;
    }
    const { leader } = thread;
    if (leader !== thread && !leader.ended) return leader;
    return thread.children === 0 ? undefined : (this.#byTid.get(1) ?? this.meet(1));
  }

  #drop(thread: ScapThread): void {
    if (this.#byTid.get(thread.tid) !== thread) return;
    this.#byTid.delete(thread.tid);
    if (this.#last === thread) this.#last = undefined;
    thread.leader.members.delete(thread);
    thread.leaveSiblings();
    thread.handChildrenTo(undefined);
    thread.ownFds.clear();
    thread.enter.release();
    this.stats.threads--;
    this.stats.bytes -= thread.countedBytes;
  }
}

const DELETED = ' (deleted)';

export function withoutDeleted(path: ByteString): ByteString {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
}

export function withSlash(path: ByteString): ByteString {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
