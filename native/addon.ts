import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type NativeFailure, SensorError } from './sensor-error.ts';

/** Sequence numbers of one (cpu, lane) that were given out and whose records nobody will see. */
export interface NativeGap {
  /** enum event_lane */
  readonly lane: number;
  readonly cpu: number;
  readonly fromSequence: bigint;
  readonly toSequence: bigint;
  /** Boot clock: the loss lies between the record before (0n: there was none) and the one after. */
  readonly afterTimeNs: bigint;
  readonly beforeTimeNs: bigint;
  readonly cause: 'ring-full' | 'pool-full' | 'agent-starved';
  /** Offset in the batch's buffer: the gap is before the record there. */
  readonly position: number;
}

/** What the programs let through; tables as in native/bpf/maps.h. */
export interface NativePlan {
  /** By system call number (512): number of the kind whose program serves it, 0 = off. */
  readonly syscallClass: Uint8Array;
  /** The same for 32-bit calls. */
  readonly compatClass: Uint8Array;
  /** The same by operation of io_uring (64). */
  readonly uringClass: Uint8Array;
  /** By kind number (128): 1 = wanted. For kinds with a tracepoint of their own: fork, exec, exit. */
  readonly wantedKind: Uint8Array;
  /** By kind number (128): 0 any result, 1 success, 2 failure. */
  readonly resultWanted: Uint8Array;
  /** open only: at least one of these O_* bits; 0 = all opens. */
  readonly openFlagsAny: number;
  /** Whether an exec carries the new environment. */
  readonly envWanted: boolean;
  /** Goes into every record made under this plan. */
  readonly generation: number;
}

/** A file or directory by its inode; `dev` as the kernel numbers devices (major << 20 | minor). */
export interface FileId {
  readonly dev: number;
  readonly inode: bigint;
}

/** What rules name, so that the first opens of it always go out. */
export interface Named {
  /** Files; directories stand for the files in them. */
  readonly files: readonly FileId[];
  /** What files are called, wherever they are; at most 30 bytes each. */
  readonly names: readonly string[];
}

/** Events that were alike and were counted, not sent, since their cgroup had spent its budget. */
export interface CountedRow {
  /** enum event_kind */
  readonly kind: number;
  /** enum event_lane */
  readonly lane: number;
  readonly cgroupId: bigint;
  readonly count: bigint;
  /** Boot clock, of the first and the last of them. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** The table was full, or the cgroup's share of it: only cgroup, kind and lane are known. */
  readonly isCoarse: boolean;
  readonly exeDev: number;
  readonly exeInode: bigint;
  readonly objectDev: number;
  /** By kind (native/bpf/object.h): an inode, an address, old and new ids, ...; 0n = only a name is known. */
  readonly object: bigint;
  /** Flags that matter; of failures the errno. */
  readonly class: number;
}

/** The addon's class. Methods give undefined where they worked, unless they say what else. */
export interface NativeSensor {
  open(options: {
    objectPath: string;
    cgroupHierarchy: string;
    agentPid: number;
    ringBytes: { rare: number; lifecycle: number; bulk: number };
    budgets: { rare: number; lifecycle: number; bulk: number };
  }): NativeFailure | undefined;
  load(): NativeFailure | undefined;
  attach(): NativeFailure | undefined;
  setPlan(plan: NativePlan): NativeFailure | undefined;
  tasks(): Buffer | NativeFailure;
  setNamed(named: Named): NativeFailure | undefined;
  takeCounted(): CountedRow[] | NativeFailure;
  heartbeat(): NativeFailure | undefined;
  /** The arena in which all batches lie. `onBatch` without arguments: that was the last. */
  start(
    options: { poolBytes: number; batchBytes: number; pollMs: number; delayMs: number; heartbeatMs: number },
    onBatch: (chunk?: number, offset?: number, length?: number, count?: number, gaps?: NativeGap[]) => void,
  ): ArrayBuffer | NativeFailure;
  /** Detaches; the reader drains what is left, calls `onBatch` for it and then for the last time. */
  finish(): void;
  /** Once for each batch, when its turn comes: while others wait, the reader makes larger batches instead of more. */
  arrived(): void;
  /** The batch's chunk may be filled again. */
  release(chunk: number): void;
  stats(): NativeStats;
  cgroupHierarchy(): string;
  /** Wall clock minus boot clock, now. */
  wallOffsetNs(): bigint;
  /** Waits for the thread of a reader that has finished. */
  join(): void;
  close(): void;
}

/** What the addon counts. */
export interface NativeStats {
  /** Records drained, heartbeats among them. produced = received + lost + counted, exactly, once the sensor has stopped. */
  readonly received: bigint;
  /** Sequence numbers that were given out and never seen. */
  readonly lost: bigint;
  /** Records that came out after later ones. */
  readonly late: bigint;
  /** Drained, yet of another ABI or not whole; they count as lost. */
  readonly malformed: bigint;
  /** The sensor's own records, which are not passed on. */
  readonly heartbeats: bigint;
  /** Records in batches. */
  readonly delivered: bigint;
  readonly batches: bigint;
  /** What the programs had to tell of. */
  readonly produced: bigint;
  /** Of these, how often a ring had no room. */
  readonly failed: bigint;
  /** Of these, not sent, since their cgroup had spent its budget; rows tell of what. */
  readonly counted: bigint;
  /** Of what was counted, in no row, for want of room. */
  readonly unlisted: bigint;
  /** Of the pool, in use now. */
  readonly poolBytes: number;
  /** Longest time between two looks at the rings. */
  readonly longestPauseMs: number;
  /** How the reader's thread is scheduled. */
  readonly scheduler: 'fifo' | 'nice' | 'normal';
  /** From load on. */
  readonly programs: readonly NativeProgram[];
}

/** A program as the kernel took it. */
export interface NativeProgram {
  readonly name: string;
  /** False for those that others call, read or run. */
  readonly attached: boolean;
  /** Instructions that the verifier went through; 0 where the kernel does not tell (before 5.16). */
  readonly verifiedInstructions: number;
  readonly jitedBytes: number;
}

interface Addon {
  readonly Sensor: new () => NativeSensor;
}

/** A file that the build leaves in native/build, seen from the source tree or from dist/. */
export function builtFile(name: string): string {
  const places = ['./build/', '../../native/build/'].map((path) =>
    fileURLToPath(new URL(path + name, import.meta.url)),
  );
  return places.find((path) => isThere(path)) ?? (places[0] as string);
}

/** A sensor that is not open yet. Throws SensorError E_ADDON when the addon is not built or does not load. */
export function createNativeSensor(): NativeSensor {
  const path = builtFile('atalaya.node');
  try {
    const addon = createRequire(import.meta.url)(path) as Addon;
    return new addon.Sensor();
  } catch (cause) {
    const log = cause instanceof Error ? cause.message : String(cause);
    throw new SensorError({ operation: `load ${path}`, errno: 0, log }, 'E_ADDON', { cause });
  }
}

/** existsSync would ask as the real user, whose capabilities do not count. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
