import type { ByteString } from './bytestring.ts';
import type { BootTime, EndpointFacts, Unsigned64 } from './event.ts';
import type { MaskSlot } from './mask.ts';

/** What the runtime says of a container. Texts are '' where it does not say. */
export interface ContainerInfo {
  readonly name: ByteString;
  readonly image: ByteString;
  readonly imageId: ByteString;
  readonly imageRepository: ByteString;
  readonly imageTag: ByteString;
  readonly imageDigest: ByteString;
  readonly privileged: boolean;
  readonly hostPid: boolean;
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly ip: ByteString;
  readonly labels: ReadonlyMap<ByteString, ByteString>;
  readonly mounts: readonly ContainerMount[];
  /** As the runtime shows it: a name, or uid:gid. */
  readonly user?: ByteString;
  /** CAP_* that its processes can have at most. */
  readonly capabilities?: readonly ByteString[];
  /** Command of the health check. */
  readonly healthcheck?: ByteString;
  readonly livenessProbe?: ByteString;
  readonly readinessProbe?: ByteString;
  readonly pod?: PodInfo;
}

/** The pod of a container, by its sandbox and, where the cluster is asked, by the cluster. Texts are '' where nobody says. */
export interface PodInfo {
  readonly name: ByteString;
  readonly namespace: ByteString;
  readonly uid: ByteString;
  readonly sandboxId: ByteString;
  readonly ip: ByteString;
  /** Its network as JSON. */
  readonly cniJson: ByteString;
  readonly labels: ReadonlyMap<ByteString, ByteString>;
  /** Only the cluster tells these. */
  readonly serviceAccount?: ByteString;
  readonly node?: ByteString;
  /** From its own controller upward: kind and name. */
  readonly owners?: readonly PodOwner[];
}

export interface PodOwner {
  readonly kind: ByteString;
  readonly name: ByteString;
}

export interface ContainerMount {
  readonly source: ByteString;
  readonly destination: ByteString;
  readonly mode: ByteString;
  readonly writable: boolean;
  readonly propagation: ByteString;
}

/** What the cgroup of a process says about its container. On the host every text is `host`. */
export interface ContainerIdentity {
  /** First 12 characters of the id; `host` outside of containers. */
  readonly id: ByteString;
  readonly fullId: ByteString;
  /** docker, containerd, cri-o, podman, ... or host; undefined where the path does not tell. */
  readonly type: ByteString | undefined;
  /** Path of the cgroup in the hierarchy of the sensor; undefined while it is not known. */
  readonly cgroupPath: ByteString | undefined;
  /** undefined while it is not known. */
  readonly info?: ContainerInfo | undefined;
  /** `info` is on its way. */
  readonly isPending?: boolean | undefined;
}

/** Ids as the process itself sees them, where the source tells those and not the host's. */
export interface VirtualIds {
  readonly session: number;
  readonly group: number;
  /** It lives in a pid namespace of its own. */
  readonly isNested: boolean;
  /** When the first process of that namespace began, ns since 1970; 0n = not told. */
  readonly namespaceStartNs: bigint;
}

/** The binary that a process runs, as its exec found it. */
export interface ExeFacts {
  readonly dev: number;
  readonly inode: Unsigned64;
  /** Wall clock, ns since 1970; 0n = not known. */
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly layer: 'none' | 'upper' | 'lower';
  readonly writable: boolean;
  readonly memfd: boolean;
  readonly deleted: boolean;
}

/**
 * What is known of a process, kept from the events that told it. Unknown numbers are 0, unknown texts ''. Whoever
 * changes anything bumps `mask.revision`.
 */
export interface Process {
  readonly pid: number;
  readonly start: BootTime;
  /** Exactly, in ns since boot. */
  readonly startNs: bigint;
  /** The real parent; undefined when it has none or is not known any more. */
  readonly parent: Process | undefined;
  readonly ppid: number;
  readonly vpid: number;
  /** Pid of the session's leader, and the process group, in the initial pid namespace. */
  readonly session: number;
  readonly pgid: number;
  readonly tty: number;
  /** Effective ids. */
  readonly uid: number;
  readonly gid: number;
  /** 0xffffffff = never set. */
  readonly loginuid: number;
  readonly capEffective: number;
  readonly capPermitted: number;
  readonly capInheritable: number;
  /** Command name since the last exec or fork. */
  readonly comm: ByteString;
  /** argv[0] */
  readonly exe: ByteString;
  readonly exePath: ByteString;
  /** Without argv[0]. */
  readonly args: readonly ByteString[];
  /** `comm` and the arguments, joined by blanks. */
  readonly cmdline: ByteString;
  /** undefined: not collected. */
  readonly env: readonly ByteString[] | undefined;
  /** undefined: not known. */
  readonly cwd: ByteString | undefined;
  readonly exeFacts: ExeFacts | undefined;
  readonly stdin: EndpointFacts | undefined;
  readonly stdout: EndpointFacts | undefined;
  readonly pidNamespace: number;
  readonly mountNamespace: number;
  readonly userNamespace: number;
  readonly netNamespace: number;
  /** Living processes that have it as their parent. */
  readonly children: number;
  /** undefined while the cgroup's path is not known. */
  readonly container: ContainerIdentity | undefined;
  readonly mask: MaskSlot;
  /** undefined: `session` and `pgid` are the host's, and the leaders tell the rest. */
  readonly virtual?: VirtualIds | undefined;
}

/** Looks processes up by their host pid: leaders of sessions and groups, targets of calls. */
export interface ProcessLookup {
  /** The living process with this pid, or the last one that had it. */
  byPid(pid: number): Process | undefined;
}
