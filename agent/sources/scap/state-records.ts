import type { ByteString } from '../../events/bytestring.ts';

/** What a capture says of the machine that it was recorded on. */
export interface MachineRecord {
  readonly cpus: number;
  readonly memoryBytes: bigint;
  readonly hostname: ByteString;
  /** Nanoseconds since 1970; 0n in old captures. */
  readonly bootNs: bigint;
}

/** One thread of the process list. Numbers that the list's version does not have are -1, 0 or (ids) 0xffffffff. */
export interface ProcessRecord {
  readonly tid: number;
  readonly pid: number;
  readonly ptid: number;
  readonly session: number;
  readonly virtualGroup: number;
  readonly comm: ByteString;
  readonly exe: ByteString;
  readonly exePath: ByteString;
  /** Without argv[0], each with a NUL. */
  readonly args: ByteString;
  readonly cwd: ByteString;
  readonly fdLimit: number;
  /** PPM_CL_* */
  readonly flags: number;
  readonly uid: number;
  readonly gid: number;
  readonly vmSize: number;
  readonly vmRss: number;
  readonly vmSwap: number;
  readonly majorFaults: number;
  readonly minorFaults: number;
  readonly env: ByteString;
  readonly vtid: number;
  readonly vpid: number;
  /** `subsystem=path`, each with a NUL. */
  readonly cgroups: ByteString;
  readonly root: ByteString;
  readonly namespaceStartNs: bigint;
  readonly tty: number;
  readonly loginuid: number;
  readonly exeWritable: boolean;
  readonly capInheritable: number;
  readonly capPermitted: number;
  readonly capEffective: number;
  readonly exeUpperLayer: boolean;
  readonly exeInode: bigint;
  readonly exeCtimeNs: bigint;
  readonly exeMtimeNs: bigint;
  readonly exeFromMemfd: boolean;
  readonly exeLowerLayer: boolean;
  readonly group: number;
}

/** One descriptor of the descriptor list. Addresses are 4 or 16 raw bytes, the local end first. */
export interface FdRecord {
  readonly fd: number;
  readonly inode: bigint;
  /** Number of the kind, see fd-list.ts. */
  readonly type: number;
  readonly name: ByteString;
  /** PPM_O_* */
  readonly openFlags: number;
  readonly dev: number;
  readonly localAddress: ByteString;
  readonly localPort: number;
  readonly remoteAddress: ByteString;
  readonly remotePort: number;
  /** 2 TCP, 3 UDP, 4 ICMP, 5 raw. */
  readonly transport: number;
  /** Kernel addresses of both ends of a unix socket. */
  readonly source: bigint;
  readonly destination: bigint;
}

/** An address of a network interface: 4 or 16 raw bytes. */
export interface InterfaceRecord {
  readonly name: ByteString;
  readonly address: ByteString;
  readonly netmask: ByteString;
}

export interface UserRecord {
  readonly uid: number;
  readonly gid: number;
  readonly name: ByteString;
  readonly home: ByteString;
  readonly shell: ByteString;
}

export interface GroupRecord {
  readonly gid: number;
  readonly name: ByteString;
}
