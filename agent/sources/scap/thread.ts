import type { ByteString } from '../../events/bytestring.ts';
import type { BootTime, EndpointFacts } from '../../events/event.ts';
import type { MaskSlot } from '../../events/mask.ts';
import type { ContainerIdentity, ExeFacts, Process, VirtualIds } from '../../events/process.ts';
import type { EnterStore } from './enter-store.ts';
import type { FdTable } from './fd-table.ts';
import type { Revisions } from './revisions.ts';

const NOTHING: readonly ByteString[] = [];
const NO_ID = 0xffff_ffff;
/** What texts of a thread that is not known read. */
const UNKNOWN = '<NA>';
const THREAD_BYTES = 1200;

/** PPM_CL_* that decide how a thread shares. */
export const CLONE = {
  files: 1,
  newPidNamespace: 64,
  parent: 256,
  thread: 8192,
  vfork: 0x0800_0000,
  childInPidNamespace: 0x2000_0000,
} as const;

/** Where threads find one another. */
export interface ThreadLookup {
  readonly revisions: Revisions;
  get(tid: number): ScapThread | undefined;
}

/** Descendants that are told one by one that an ancestor has changed; above it all threads are. */
const TOLD_MAX = 256;
/** No honest chain of processes is longer. */
const DEPTH_MAX = 4096;

/** The matcher's place on a thread. It is stale when the thread, its leader, or what descriptors 0 to 2 are has changed. */
class ThreadMask implements MaskSlot {
  value: unknown;
  stamp = 0;
  readonly #thread: ScapThread;

  constructor(thread: ScapThread) {
    this.#thread = thread;
  }

  get revision(): number {
    const thread = this.#thread;
    const { revisions, leader, fds } = thread;
    return Math.max(this.stamp, leader.mask.stamp, fds.stamp, revisions.ofAll);
  }
}

/**
 * One thread as the events of a capture have told of it. Fields see it as the process of its events, so what is a
 * thread's own (ids, names, arguments) is its own, and what is shared (parent, directory, descriptors) is its leader's.
 */
export class ScapThread implements Process, VirtualIds {
  readonly tid: number;
  pid: number;
  /** Parent's thread id; see `ppid`. */
  ptid = -1;
  /** Start on the wall clock, ns since 1970; 0n = not known. */
  startedNs = 0n;
  /** Of the machine, ns since 1970. */
  bootNs = 0n;
  session = 0;
  /** As seen in the own pid namespace. */
  virtualGroup = -1;
  pgid = -1;
  vtid = -1;
  vpid = 0;
  tty = 0;
  uid = NO_ID;
  gid = NO_ID;
  loginuid = NO_ID;
  capEffective = 0;
  capPermitted = 0;
  capInheritable = 0;
  /** PPM_CL_* */
  flags = 0;
  comm: ByteString = UNKNOWN;
  exe: ByteString = UNKNOWN;
  exePath: ByteString = '';
  root: ByteString = '/';
  exeFacts: ExeFacts | undefined;
  cgroups: ByteString = '';
  container: ContainerIdentity | undefined;
  /** First process of its pid namespace, ns since boot; 0n = not told. */
  namespaceBootNs = 0n;
  readonly pidNamespace = 0;
  readonly mountNamespace = 0;
  readonly userNamespace = 0;
  readonly netNamespace = 0;
  readonly mask: ThreadMask = new ThreadMask(this);
  readonly enter: EnterStore;
  /** Descriptors, of a leader; others use their leader's. */
  readonly ownFds: FdTable;
  /** Threads of the process that have not ended; kept at its leader. */
  threads = 1;
  /** Its other threads that are kept; of a leader. */
  readonly members = new Set<ScapThread>();
  ended = false;
  /** Fields of others were read from it: those of the leaders of sessions and groups. */
  isNamed = false;
  /** Bytes that the table counts it with. */
  countedBytes = 0;

  ownCwd: ByteString = '';
  #argText: ByteString = '';
  #args: readonly ByteString[] | undefined = NOTHING;
  #envText: ByteString = '';
  #env: readonly ByteString[] | undefined = NOTHING;
  #cmdline: ByteString | undefined;
  readonly #lookup: ThreadLookup;
  #parent: ScapThread | undefined;
  #firstChild: ScapThread | undefined;
  #nextSibling: ScapThread | undefined;
  #previousSibling: ScapThread | undefined;
  children = 0;

  constructor(tid: number, pid: number, fds: FdTable, enter: EnterStore, lookup: ThreadLookup) {
    this.tid = tid;
    this.pid = pid;
    this.ownFds = fds;
    this.enter = enter;
    this.#lookup = lookup;
    this.touch();
  }

  get revisions(): Revisions {
    return this.#lookup.revisions;
  }

  /** Something of it has changed that its descendants' fields do not tell. */
  touch(): void {
    this.mask.stamp = this.revisions.next();
  }

  get isLeader(): boolean {
    return this.tid === this.pid || this.pid < 0;
  }

  /** No event has told more of it than its id. */
  get isUnknown(): boolean {
    return this.pid < 0;
  }

  /** The process's first thread; the thread itself where that is not known. */
  get leader(): ScapThread {
    return this.isLeader ? this : (this.#lookup.get(this.pid) ?? this);
  }

  get fds(): FdTable {
    return (this.flags & (CLONE.files | CLONE.thread)) === 0 ? this.ownFds : this.leader.ownFds;
  }

  /** Ends with a slash. */
  get cwd(): ByteString {
    return this.leader.ownCwd;
  }

  get start(): BootTime {
    return Number(this.startNs);
  }

  get startNs(): bigint {
    return this.startedNs === 0n ? 0n : this.startedNs - this.bootNs;
  }

  /** -1 where the parent is not known. */
  get ppid(): number {
    return this.parent?.pid ?? -1;
  }

  get parent(): ScapThread | undefined {
    const { leader } = this;
    if (leader.#parent === undefined) leader.adopt(this.#lookup.get(leader.ptid));
    const parent = leader.#parent;
    return parent?.isUnknown === true ? undefined : parent;
  }

  get virtual(): VirtualIds {
    return this;
  }

  get namespaceStartNs(): bigint {
    return this.namespaceBootNs === 0n ? 0n : this.namespaceBootNs + this.bootNs;
  }

  get group(): number {
    return this.virtualGroup;
  }

  get isNested(): boolean {
    return (this.flags & CLONE.childInPidNamespace) !== 0 || (this.vtid >= 0 && this.vtid !== this.tid);
  }

  get args(): readonly ByteString[] {
    this.#args ??= splitTexts(this.#argText);
    return this.#args;
  }

  get env(): readonly ByteString[] {
    const { leader } = this;
    leader.#env ??= splitTexts(leader.#envText);
    return leader.#env;
  }

  /** As they are in captures: each with a NUL. */
  get argText(): ByteString {
    return this.#argText;
  }

  get envText(): ByteString {
    return this.#envText;
  }

  get cmdline(): ByteString {
    this.#cmdline ??= this.args.length === 0 ? this.comm : `${this.comm} ${this.args.join(' ')}`;
    return this.#cmdline;
  }

  get stdin(): EndpointFacts | undefined {
    return this.fds.get(0);
  }

  get stdout(): EndpointFacts | undefined {
    return this.fds.get(1);
  }

  /** An estimate of its memory. */
  get bytes(): number {
    return THREAD_BYTES + this.#argText.length + this.#envText.length + this.cgroups.length + this.ownCwd.length;
  }

  setNames(comm: ByteString, exe: ByteString, argText: ByteString): void {
    this.comm = comm;
    this.exe = exe;
    this.#argText = argText;
    this.#args = undefined;
    this.#cmdline = undefined;
  }

  setEnv(envText: ByteString): void {
    this.#envText = envText;
    this.#env = undefined;
  }

  /** Becomes a child of this thread; undefined = of none that is known. */
  adopt(parent: ScapThread | undefined): void {
    this.leaveSiblings();
    if (parent === undefined || parent === this || parent.descendsFrom(this)) return;
    this.#parent = parent;
    this.#nextSibling = parent.#firstChild;
    if (parent.#firstChild !== undefined) parent.#firstChild.#previousSibling = this;
    parent.#firstChild = this;
    parent.children++;
  }

  leaveSiblings(): void {
    const parent = this.#parent;
    if (parent === undefined) return;
    const previous = this.#previousSibling;
    const next = this.#nextSibling;
    if (previous === undefined) parent.#firstChild = next;
    else previous.#nextSibling = next;
    if (next !== undefined) next.#previousSibling = previous;
    this.#parent = undefined;
    this.#previousSibling = undefined;
    this.#nextSibling = undefined;
    parent.children--;
  }

  /** Its children get another parent, or none (0). */
  handChildrenTo(reaper: ScapThread | undefined): void {
    for (let child = this.#firstChild; child !== undefined; child = this.#firstChild) {
      child.ptid = reaper?.tid ?? 0;
      child.adopt(reaper);
      child.bump();
    }
  }

  /** Others that were named by it are not any more. */
  forgetNames(): void {
    if (!this.isNamed) return;
    this.isNamed = false;
    this.revisions.changeAll();
  }

  /** What is known of it has changed, and with it what is known of its descendants' ancestors. */
  bump(): void {
    this.touch();
    if (this.#firstChild === undefined) return;
    const waiting: ScapThread[] = [this.#firstChild];
    let told = 0;
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (++told > TOLD_MAX) {
        this.revisions.changeAll();
        return;
      }
      at.touch();
      if (at.#nextSibling !== undefined) waiting.push(at.#nextSibling);
      if (at.#firstChild !== undefined) waiting.push(at.#firstChild);
    }
  }

  /** Where the chain is too long to tell, it counts as a descendant. */
  descendsFrom(other: ScapThread): boolean {
    if (other.#firstChild === undefined) return false;
    let depth = 0;
    for (let at: ScapThread | undefined = this.#parent; at !== undefined; at = at.#parent)
      if (at === other || ++depth > DEPTH_MAX) return true;
    return false;
  }
}

/** Texts that each end with a NUL. */
export function splitTexts(texts: ByteString): readonly ByteString[] {
  if (texts === '') return NOTHING;
  return (texts.endsWith('\0') ? texts.slice(0, -1) : texts).split('\0');
}
