import type { ByteString } from '../events/bytestring.ts';
import type { Actor, BootTime, ChildFacts, EndpointFacts, ImageFacts, Unsigned64 } from '../events/event.ts';
import { createMaskSlot, type MaskSlot } from '../events/mask.ts';
import type { ContainerIdentity, ExeFacts, Process } from '../events/process.ts';

const NO_ARGUMENTS: readonly ByteString[] = [];
/** Bytes of an entry without its texts, measured over 100,000 entries, and of each text and list slot. */
const ENTRY_BYTES = 700;
const TEXT_BYTES = 40;

/** What the table keeps of one process. Only the table changes it; all others see it as a Process. */
export class ProcessEntry implements Process {
  readonly pid: number;
  start: BootTime;
  startNs: bigint;
  /** `start` is from a source with coarse ticks; the first event brings the exact one. */
  startIsCoarse = false;
  parent: ProcessEntry | undefined;
  ppid = 0;
  ppidStart: BootTime = 0;
  /** The parent was asked for and not found: not asked again until it changes. */
  parentSought = false;
  vpid = 0;
  session = 0;
  pgid = 0;
  tty = 0;
  uid = 0;
  gid = 0;
  loginuid = 0xffff_ffff;
  capEffective = 0;
  capPermitted = 0;
  capInheritable = 0;
  comm: ByteString = '';
  exe: ByteString = '';
  exePath: ByteString = '';
  args: readonly ByteString[] = NO_ARGUMENTS;
  env: readonly ByteString[] | undefined;
  cwd: ByteString | undefined;
  exeFacts: ExeFacts | undefined;
  stdin: EndpointFacts | undefined;
  stdout: EndpointFacts | undefined;
  pidNamespace = 0;
  mountNamespace = 0;
  userNamespace = 0;
  netNamespace = 0;
  cgroupId: Unsigned64 = 0;
  container: ContainerIdentity | undefined;
  readonly mask: MaskSlot = createMaskSlot();

  /** Children that live, as a list through their siblings. */
  children = 0;
  firstChild: ProcessEntry | undefined;
  nextSibling: ProcessEntry | undefined;
  previousSibling: ProcessEntry | undefined;

  /** Boot time of the last event; what is full evicts the longest silent. */
  seenAt: BootTime = 0;
  /** Boot time of its end; 0 while it lives. */
  endedAt: BootTime = 0;
  /** Bytes of texts that are its own, not shared with the process that it was forked from. */
  ownTextBytes = 0;

  #cmdline: ByteString | undefined;

  constructor(pid: number, start: BootTime, startNs: bigint) {
    this.pid = pid;
    this.start = start;
    this.startNs = startNs;
  }

  get cmdline(): ByteString {
    if (this.#cmdline === undefined) {
      this.#cmdline = this.args.length === 0 ? this.comm : `${this.comm} ${this.args.join(' ')}`;
    }
    return this.#cmdline;
  }

  get bytes(): number {
    return ENTRY_BYTES + this.ownTextBytes;
  }

  /** Takes what a fork hands down. */
  inherit(from: ProcessEntry, actor: Actor, child: ChildFacts): void {
    this.ppid = child.ppid;
    this.ppidStart = child.ppidStart;
    this.vpid = child.vpid;
    this.session = actor.session;
    this.pgid = actor.pgid;
    this.tty = actor.tty;
    this.uid = actor.euid;
    this.gid = actor.egid;
    this.loginuid = actor.loginuid;
    this.capEffective = actor.capEffective;
    this.capPermitted = from.capPermitted;
    this.capInheritable = from.capInheritable;
    // The thread's name, which may differ from its process's.
    this.comm = actor.comm;
    this.exe = from.exe;
    this.exePath = from.exePath;
    this.args = from.args;
    this.env = from.env;
    this.cwd = from.cwd;
    this.exeFacts = from.exeFacts;
    this.stdin = from.stdin;
    this.stdout = from.stdout;
    this.pidNamespace = child.pidNamespace;
    this.mountNamespace = actor.mountNamespace;
    this.userNamespace = actor.userNamespace;
    this.netNamespace = actor.netNamespace;
    this.cgroupId = child.cgroupId;
  }

  /** Takes what an exec makes anew. */
  become(image: ImageFacts, comm: ByteString): void {
    const [exe = '', ...args] = image.args ?? NO_ARGUMENTS;
    const { exe: file } = image;
    this.comm = comm;
    this.exe = exe;
    this.exePath = file.path;
    this.args = args;
    this.env = image.env;
    this.cwd = image.cwd ?? this.cwd;
    this.capPermitted = image.capPermitted;
    this.capInheritable = image.capInheritable;
    this.exeFacts = {
      dev: file.dev,
      inode: file.inode,
      ctimeNs: file.ctimeNs,
      mtimeNs: file.mtimeNs,
      layer: file.layer,
      writable: image.writable,
      memfd: file.memfd,
      deleted: file.deleted,
    };
    this.stdin = image.stdin;
    this.stdout = image.stdout;
    this.#cmdline = undefined;
    this.ownTextBytes = textBytes(image.args) + textBytes(image.env) + exe.length + file.path.length + TEXT_BYTES * 4;
  }

  /** Copies what every header carries; true when anything was different. */
  take(actor: Actor): boolean {
    const { vpid, session, pgid, tty, euid, egid, loginuid, capEffective } = actor;
    const { pidNamespace, mountNamespace, userNamespace, netNamespace } = actor;
    if (
      this.vpid === vpid &&
      this.session === session &&
      this.pgid === pgid &&
      this.tty === tty &&
      this.uid === euid &&
      this.gid === egid &&
      this.loginuid === loginuid &&
      this.capEffective === capEffective &&
      this.pidNamespace === pidNamespace &&
      this.mountNamespace === mountNamespace &&
      this.userNamespace === userNamespace &&
      this.netNamespace === netNamespace
    ) {
      return false;
    }
    this.vpid = vpid;
    this.session = session;
    this.pgid = pgid;
    this.tty = tty;
    this.uid = euid;
    this.gid = egid;
    this.loginuid = loginuid;
    this.capEffective = capEffective;
    this.pidNamespace = pidNamespace;
    this.mountNamespace = mountNamespace;
    this.userNamespace = userNamespace;
    this.netNamespace = netNamespace;
    return true;
  }

  /** Links itself below a parent, or takes itself out (undefined). */
  moveTo(parent: ProcessEntry | undefined): void {
    this.leaveSiblings();
    this.parent = parent;
    if (parent === undefined) return;
    this.nextSibling = parent.firstChild;
    if (parent.firstChild !== undefined) parent.firstChild.previousSibling = this;
    parent.firstChild = this;
    parent.children++;
  }

  /** Makes stale what is kept of the process, and of its descendants: names of ancestors are part of them. */
  bumpWithDescendants(): void {
    const waiting: ProcessEntry[] = [this];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      at.mask.revision++;
      for (let child = at.firstChild; child !== undefined; child = child.nextSibling) waiting.push(child);
    }
  }

  /** Is no living child of its parent any more; `parent` stays, for late events. */
  leaveSiblings(): void {
    const { parent, previousSibling, nextSibling } = this;
    if (parent === undefined || (previousSibling === undefined && parent.firstChild !== this)) return;
    if (previousSibling === undefined) parent.firstChild = nextSibling;
    else previousSibling.nextSibling = nextSibling;
    if (nextSibling !== undefined) nextSibling.previousSibling = previousSibling;
    this.previousSibling = undefined;
    this.nextSibling = undefined;
    parent.children--;
  }
}

function textBytes(texts: readonly ByteString[] | undefined): number {
  let bytes = 0;
  if (texts !== undefined) for (const text of texts) bytes += text.length + TEXT_BYTES;
  return bytes;
}
