import type { ByteString } from './bytestring.ts';
import type { EventKind, Lane } from './kinds.ts';

/**
 * An unsigned 64-bit number: a number where it is exact (below 2^53), else a bigint. Inodes of overlay file systems
 * with xino use the top bits.
 */
export type Unsigned64 = number | bigint;

/**
 * A time of the boot clock in ns as a double: exact for 104 days of uptime, then rounded to 2 ns (208 days), 4 ns ...
 * The same kernel value always gives the same double, and no pid is used twice within that rounding, so (pid, start)
 * stays an identity. Exact values are bigints with names that end in Ns.
 */
export type BootTime = number;

/** Whose event it is, as the kernel had it when the record was made. Ids are of the initial namespaces. */
export interface Actor {
  readonly tid: number;
  readonly tidStart: BootTime;
  /** Thread group; (pid, pidStart) is the identity of a process. */
  readonly pid: number;
  readonly pidStart: BootTime;
  /** Exactly, in ns since boot: for ids that leave the process. */
  readonly pidStartNs: bigint;
  /** Real parent; 0 when there is none. */
  readonly ppid: number;
  readonly ppidStart: BootTime;
  /** In the innermost pid namespace of the process. */
  readonly vtid: number;
  readonly vpid: number;
  /** Pid of the session's leader, and the process group. */
  readonly session: number;
  readonly pgid: number;
  /** Terminal's device number (major << 20 | minor); 0 = none. */
  readonly tty: number;
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly egid: number;
  /** 0xffffffff = never set. */
  readonly loginuid: number;
  /** Bits of capabilities; the kernel has 41. */
  readonly capEffective: number;
  readonly exeDev: number;
  readonly exeInode: Unsigned64;
  /** In the hierarchy that the sensor chose; 0 = unknown. */
  readonly cgroupId: Unsigned64;
  readonly mountNamespace: number;
  readonly pidNamespace: number;
  readonly userNamespace: number;
  readonly netNamespace: number;
  /** Command name of the thread, at most 15 bytes. */
  readonly comm: ByteString;
}

/** What a descriptor or a name refers to, read from the kernel's inode. Valid until the cursor moves. */
export interface FileFacts {
  /** As the process itself names it: below its own root. */
  readonly path: ByteString;
  /** From the root of its mount namespace; equal to `path` unless the process is in a chroot. */
  readonly namespacePath: ByteString;
  /** False for pipes, sockets and anonymous inodes, whose `path` is only a label. */
  readonly hasPath: boolean;
  readonly inode: Unsigned64;
  /** major << 20 | minor */
  readonly dev: number;
  /** st_mode, with type bits. */
  readonly mode: number;
  /** O_* of the open file, as the kernel numbers them; no creation flags. */
  readonly openFlags: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  /** Wall clock, ns since 1970; 0n = not read. */
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly layer: 'none' | 'upper' | 'lower';
  readonly deleted: boolean;
  readonly memfd: boolean;
  /** This very open created it. */
  readonly created: boolean;
}

/** A socket's own view of itself. Addresses: 4 or 16 raw bytes, '' where unknown. Valid until the cursor moves. */
export interface SocketFacts {
  /** AF_*; an IPv4-mapped IPv6 address counts as AF_INET. */
  readonly family: number;
  /** SOCK_*, IPPROTO_*, TCP_*. */
  readonly type: number;
  readonly protocol: number;
  readonly state: number;
  readonly localAddress: ByteString;
  readonly localPort: number;
  readonly remoteAddress: ByteString;
  readonly remotePort: number;
  readonly inode: Unsigned64;
  /** Bound names of AF_UNIX ends; abstract names begin with '@'. */
  readonly unixPath: ByteString | undefined;
  readonly unixPeerPath: ByteString | undefined;
}

/** An address as it was passed to a call. */
export interface AddressFacts {
  /** AF_* */
  readonly family: number;
  readonly address: ByteString;
  readonly port: number;
  readonly unixPath: ByteString | undefined;
}

/** A path as it was passed to a call, and the directory from which it counts. Valid until the cursor moves. */
export interface NameFacts {
  /** As passed; undefined where it could not be read. */
  readonly raw: ByteString | undefined;
  /** -100 (AT_FDCWD) = the working directory. */
  readonly dirFd: number;
  /** Path of the directory; undefined where unknown or not needed. */
  readonly directory: ByteString | undefined;
  /**
   * Absolute and normalised: `.`, `..` and double slashes resolved by text, symbolic links not followed. An unknown
   * directory gives `<UNKNOWN>` followed by the name. undefined where `raw` is.
   */
  readonly path: ByteString | undefined;
}

/** What a successful exec (or a process that was there before the agent) is made of. */
export interface ImageFacts {
  readonly exe: FileFacts;
  /** argv, with argv[0]; undefined where it could not be read. */
  readonly args: readonly ByteString[] | undefined;
  readonly env: readonly ByteString[] | undefined;
  readonly cwd: ByteString | undefined;
  /** The script's interpreter, where it is not the file that was named. */
  readonly interpreter: ByteString | undefined;
  readonly capPermitted: number;
  readonly capInheritable: number;
  /** What descriptors 0 and 1 refer to; undefined where unknown or closed. */
  readonly stdin: EndpointFacts | undefined;
  readonly stdout: EndpointFacts | undefined;
  /** The user that runs it may write the binary. */
  readonly writable: boolean;
  /** The file changed the credentials (set-user-ID, set-group-ID, capabilities). */
  readonly setid: boolean;
  readonly argsTruncated: boolean;
  readonly envTruncated: boolean;
  /** Path of the cgroup in the sensor's hierarchy; undefined where it is not told. */
  readonly cgroupPath?: ByteString | undefined;
}

/** A process that was there before the agent. */
export interface TaskFacts extends Actor {
  /** When it was looked at. */
  readonly bootTime: BootTime;
  readonly image: ImageFacts;
}

/** Kind and name of one descriptor, in the words of fd.type and fd.name. */
export interface EndpointFacts {
  readonly type: FdType;
  readonly name: ByteString;
}

/** The child of a fork. */
export interface ChildFacts {
  readonly tid: number;
  readonly tidStart: BootTime;
  readonly pid: number;
  readonly pidStart: BootTime;
  readonly pidStartNs: bigint;
  readonly ppid: number;
  readonly ppidStart: BootTime;
  readonly vtid: number;
  readonly vpid: number;
  readonly cgroupId: Unsigned64;
  readonly pidNamespace: number;
  /** True when it is a thread of the same process. */
  readonly isThread: boolean;
}

/** Falco's words for what a descriptor is (fd.type). */
export const FD_TYPES = {
  file: 'f',
  directory: 'd',
  ipv4: '4',
  ipv6: '6',
  unix: 'u',
  pipe: 'p',
  event: 'e',
  signalfd: 's',
  eventpoll: 'l',
  inotify: 'i',
  timerfd: 't',
  netlink: 'n',
  bpf: 'b',
  userfaultfd: 'u',
  io_uring: 'r',
  memfd: 'm',
  pidfd: 'P',
  unsupported: 'X',
  unknown: 'o',
} as const;
export type FdType = keyof typeof FD_TYPES;

/** Which end of a connection this descriptor is; none: not known, or not connected. */
export type FdRole = 'client' | 'server' | 'none';

/**
 * The descriptor that an event is about, as Falco reads it. `type` undefined: the number refers to nothing known (a
 * failed open or accept), yet there is a number and a name. Valid until the cursor moves.
 */
export interface FdFacts {
  /** -1 for a failed open; the dirfd (-100 for the working directory) for calls with one dirfd. */
  readonly number: number;
  readonly type: FdType | undefined;
  /** The type's letter, or a guess from the event where there is no type. */
  readonly typeChar: string;
  /** Path, connection, or ''. */
  readonly name: ByteString;
  /** The path as passed to the call, '' for what has none. */
  readonly rawName: ByteString;
  readonly file: FileFacts | undefined;
  readonly socket: SocketFacts | undefined;
  readonly role: FdRole;
  /** Which end of a connection is this machine's: `socket` tells local and remote, this tells client and server. */
  readonly clientIsLocal: boolean;
  /** Of a socket that waits for connections: it has only the local end. */
  readonly listening: boolean;
  readonly connected: boolean;
  /** The event gave the descriptor its name. */
  readonly nameChanged: boolean;
}

/** Falco's parameter types. */
export type ParameterType =
  | 'CHARBUF'
  | 'FSPATH'
  | 'FSRELPATH'
  | 'BYTEBUF'
  | 'FD'
  | 'ERRNO'
  | 'PID'
  | 'UID'
  | 'GID'
  | 'MODE'
  | 'FLAGS'
  | 'ENUMFLAGS'
  | 'SOCKADDR'
  | 'SOCKTUPLE'
  | 'SIGTYPE'
  | 'INT'
  | 'UINT'
  | 'HEX'
  | 'OCT'
  | 'ABSTIME';

export type ParameterValue = string | number | bigint | boolean;

/** One of Falco's parameters of an event, by its name there. */
export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
}

/** Names that only state knows, for parameters that are shown by name. undefined = no such id. */
export interface Names {
  user(uid: number): ByteString | undefined;
  group(gid: number): ByteString | undefined;
  /** Command name of the process with this host pid. */
  process(pid: number): ByteString | undefined;
}

/** What captures of other tools tell beyond what the sensor collects. */
export interface RecordedFacts {
  /** evt.category; '' for I/O, where the descriptor decides. */
  readonly category: ByteString;
  /** It stands for a beginning, or for something that has no end: evt.dir is `>`. */
  readonly isEnter: boolean;
  /** A system call is behind it. */
  readonly isCall: boolean;
  /** When the call began, ns since 1970; 0n = not recorded. */
  readonly beganNs: bigint;
  /** It makes its thread wait. */
  readonly waits: boolean;
  /** It reads from its descriptor. */
  readonly reads: boolean;
  readonly writes: boolean;
  /** The beginning of what was read or written, as far as it was recorded; undefined for other events. */
  readonly data: ByteString | undefined;
}

/**
 * One event, whatever it came from: a record of the kernel programs or a block of a capture. Blocks that an event does
 * not have are undefined. Everything is a view: what must outlive the call is copied out by who keeps it.
 */
export interface Event extends Actor {
  readonly kind: EventKind;
  /** evt.type: the name of the system call, or Falco's name where none is behind it (procexit). */
  readonly type: ByteString;
  /** Boot clock. */
  readonly bootTime: BootTime;
  readonly bootNs: bigint;
  /** Wall clock, ns since 1970. */
  readonly timeNs: bigint;
  readonly cpu: number;
  readonly lane: Lane;
  /** Running number of (cpu, lane), exact below 2^53. */
  readonly sequence: number;
  /** Generation of the plan in force. */
  readonly generation: number;
  /** What of the event could not be had: see `Incompleteness`. */
  readonly flags: number;
  /** Return value: >= 0 or -errno; undefined where nothing is returned (procexit). */
  readonly result: number | undefined;
  /** True when there is no result or it is no error. */
  readonly succeeded: boolean;

  readonly fd: FdFacts | undefined;
  readonly file: FileFacts | undefined;
  readonly socket: SocketFacts | undefined;
  readonly address: AddressFacts | undefined;
  /** The path argument; the old one of rename and link, the link itself of symlink. */
  readonly name: NameFacts | undefined;
  /** The new path of rename and link, the content of symlink. */
  readonly secondName: NameFacts | undefined;
  readonly image: ImageFacts | undefined;
  readonly child: ChildFacts | undefined;
  /** The last thread of the process ends with this event. */
  readonly endsProcess: boolean;
  /** undefined for events of the sensor. */
  readonly recorded?: RecordedFacts | undefined;
  /** open family: flags in Falco's numbering (1 read, 2 write, ...) and mode; 0 for other events. */
  readonly openFlags: number;
  readonly openMode: number;

  /** Falco's parameters, in order. */
  readonly parameters: readonly Parameter[];
  /** Value of a parameter in Falco's numbering; undefined: no such parameter, or it is empty. */
  rawArg(name: string): ParameterValue | undefined;
  /** Text of a parameter: the resolved form if there is one, else the raw one; undefined: no such parameter. */
  arg(name: string, names: Names): ByteString | undefined;
  /** All parameters, `name=raw(resolved)` joined by blanks. */
  argsText(names: Names): ByteString;
}

/** Bits of Event.flags: by which way it was done. */
export const Way = {
  /** By a 32-bit call. */
  compat: 4,
  /** By io_uring, not by a call. */
  ioUring: 8,
  /** The descriptor is a place in the table of a ring of io_uring, not in the process's. */
  direct: 256,
} as const;

/** Bits of Event.flags: what the record could not tell. */
export const Incompleteness = {
  /** A text was longer than its limit and is cut. */
  truncated: 1,
  /** A path walk did not reach a root. */
  pathIncomplete: 2,
  /** A path or address was read from the caller's memory, not from a kernel object. */
  userMemory: 16,
  /** The file table is shared with another thread: a descriptor may have been swapped. */
  filesShared: 32,
  readFailed: 64,
  /** Done by io_uring, which did not tell the result: it counts as success. */
  resultAssumed: 128,
} as const;
