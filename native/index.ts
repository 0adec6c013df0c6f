import {
  builtFile,
  type CountedRow,
  createNativeSensor,
  type Named,
  type NativeGap,
  type NativePlan,
  type NativeSensor,
  type NativeStats,
} from './addon.ts';
import { type NativeFailure, SensorError } from './sensor-error.ts';

export type { CountedRow, FileId, Named, NativeGap, NativePlan } from './addon.ts';
export { SensorError } from './sensor-error.ts';

export interface SensorOptions {
  /** The linked BPF object; by default the one that the build made. */
  readonly objectPath?: string;
  /**
   * Whose cgroup ids the records carry: 'v2', or a v1 controller. 'auto' (default): where controllers are bound to v1
   * hierarchies, containers live there, so the first of memory, cpu, pids that is; else v2.
   */
  readonly cgroupHierarchy?: 'auto' | 'v2' | 'memory' | 'cpu' | 'pids';
  /** Process whose own events are left out, by its number in the initial pid namespace. Default: this one; 0 = none. */
  readonly agentPid?: number;
  /** Most memory that waiting records and batches may take. Default 64 MiB. */
  readonly poolBytes?: number;
  /** Size of a batch, at least 64 KiB. Default 256 KiB. */
  readonly batchBytes?: number;
  /** How often the reader looks at empty rings; at least every 8 ms when nothing comes. Default 2 ms. */
  readonly pollMs?: number;
  /** How long a record waits for earlier ones of other lanes and cpus. Default 20 ms, with which none came late. */
  readonly delayMs?: number;
  /** How often each cpu writes a record in each lane, which ends open gaps. Default 1000 ms; 0 = never. */
  readonly heartbeatMs?: number;
  /** Sizes of the rings, powers of two. Default: those of native/bpf/maps.h. */
  readonly ringBytes?: { readonly rare?: number; readonly lifecycle?: number; readonly bulk?: number };
  /**
   * Records a second that each cgroup may send in each lane, at once half as many; 0 = as many as it likes. Default 2,000,
   * 20,000 and 20,000: what a ring of that lane holds through the reader's longest pause.
   */
  readonly budgets?: { readonly rare?: number; readonly lifecycle?: number; readonly bulk?: number };
}

/** Records of the kernel in the order of their time. */
export interface Batch {
  /** Records back to back. Valid until release(): it is memory of the reader, which fills it again. */
  readonly buffer: Buffer;
  /** Number of records. */
  readonly count: number;
  readonly gaps: readonly NativeGap[];
  /** Must be called once for each batch, soon: the reader waits when too many are out. */
  release(): void;
}

export interface SensorStats extends NativeStats {
  /** The hierarchy that `cgroupHierarchy` came to. */
  readonly cgroupHierarchy: string;
}

/**
 * The kernel's events of this machine. Order: load, setPlan, attach, start, stop, close; close at any time. Every
 * method throws SensorError.
 */
export interface Sensor {
  /** Which hierarchy's ids the records carry: 'v2' or a v1 controller. */
  readonly cgroupHierarchy: string;
  /** Has the kernel verify and take the programs; they do not run yet. */
  load(): void;
  /** The programs run from now on; what they write waits in the rings for start. */
  attach(): void;
  /** From load on, also live: at no moment less passes than under both the old and the new plan. */
  setPlan(plan: NativePlan): void;
  /** Records (struct event_task) of all processes that there are, back to back. From load on. */
  tasks(): Buffer;
  /** From load on: of what the first opens always go out, instead of what it was before. */
  setNamed(named: Named): void;
  /**
   * What was counted instead of sent, until the call before; after stop all the rest. Each row once. Call it about each
   * second: what is being counted must have settled.
   */
  takeCounted(): readonly CountedRow[];
  /** Starts the reader. `onError` gets what `onBatch` throws; that batch is released. */
  start(onBatch: (batch: Batch) => void, onError: (error: Error) => void): void;
  /** Has every cpu write a record in each lane, so that gaps at the end of a lane show. */
  heartbeat(): void;
  /** Wall clock minus boot clock at this moment, ns: what makes the times of records times of day. */
  wallOffsetNs(): bigint;
  /** After close: the last figures. */
  stats(): SensorStats;
  /** Detaches, hands on all that was recorded, and ends the reader. Batches come until the promise resolves. */
  stop(): Promise<void>;
  /** Ends everything at once; what was not handed on is lost. Buffers of batches become empty. Twice does no harm. */
  close(): void;
}

/** Reads the BPF object and checks that it fits this build. Throws SensorError. */
export function openSensor(options: SensorOptions = {}): Sensor {
  checkOptions(options);
  const native = createNativeSensor();
  check(
    native.open({
      objectPath: options.objectPath ?? builtFile('atalaya.bpf.o'),
      cgroupHierarchy: options.cgroupHierarchy ?? 'auto',
      agentPid: options.agentPid ?? process.pid,
      ringBytes: { rare: 0, lifecycle: 0, bulk: 0, ...options.ringBytes },
      budgets: { ...BUDGETS, ...options.budgets },
    }),
  );
  return new LiveSensor(native, options);
}

const BUDGETS = { rare: 2_000, lifecycle: 20_000, bulk: 20_000 };
/** As native/bpf/budget.h has room for. */
const NAMED_FILES_MAX = 16_384;
const NAMES_MAX = 4096;
const NAME_BYTES_MAX = 30;
/** Batches below this could not hold the longest record. */
const BATCH_BYTES_MIN = 65_536;
const SYSCALLS = 512;
const URING_OPS = 64;
const KINDS = 128;

class LiveSensor implements Sensor {
  readonly cgroupHierarchy: string;
  readonly #native: NativeSensor;
  readonly #options: SensorOptions;
  #last: SensorStats | undefined;
  readonly #turns = new Turns();
  #running = false;
  #stopped: Promise<void> | undefined;
  #onLast: () => void = () => {};

  constructor(native: NativeSensor, options: SensorOptions) {
    this.#native = native;
    this.#options = options;
    this.cgroupHierarchy = native.cgroupHierarchy();
  }

  load(): void {
    check(this.#native.load());
  }

  attach(): void {
    check(this.#native.attach());
  }

  setPlan(plan: NativePlan): void {
    checkPlan(plan);
    check(this.#native.setPlan(plan));
  }

  tasks(): Buffer {
    const records = this.#native.tasks();
    if (Buffer.isBuffer(records)) return records;
    throw new SensorError(records);
  }

  setNamed(named: Named): void {
    inRange('number of named files', named.files.length, 0, NAMED_FILES_MAX);
    inRange('number of names', named.names.length, 0, NAMES_MAX);
    for (const name of named.names) inRange(`bytes of ${name}`, Buffer.byteLength(name), 1, NAME_BYTES_MAX);
    check(this.#native.setNamed(named));
  }

  takeCounted(): readonly CountedRow[] {
    const rows = this.#native.takeCounted();
    if (Array.isArray(rows)) return rows;
    throw new SensorError(rows);
  }

  heartbeat(): void {
    check(this.#native.heartbeat());
  }

  start(onBatch: (batch: Batch) => void, onError: (error: Error) => void): void {
    const native = this.#native;
    const {
      poolBytes = 64 << 20,
      batchBytes = 256 << 10,
      pollMs = 2,
      delayMs = 20,
      heartbeatMs = 1000,
    } = this.#options;
    const turns = this.#turns;
    const arena = native.start(
      { poolBytes, batchBytes, pollMs, delayMs, heartbeatMs },
      (chunk, offset, length, count = 0, gaps = []) => {
        turns.add(() => {
          if (chunk === undefined) {
            this.#ended();
            return;
          }
          native.arrived();
          const batch = new PooledBatch(native, chunk, Buffer.from(arena as ArrayBuffer, offset, length), count, gaps);
          try {
            onBatch(batch);
          } catch (error) {
            batch.release();
            onError(error instanceof Error ? error : new Error(String(error)));
          }
        });
      },
    );
    if (!(arena instanceof ArrayBuffer)) throw new SensorError(arena);
    this.#running = true;
    process.once('exit', this.#atExit);
  }

  wallOffsetNs(): bigint {
    return this.#native.wallOffsetNs();
  }

  stats(): SensorStats {
    return this.#last ?? { ...this.#native.stats(), cgroupHierarchy: this.cgroupHierarchy };
  }

  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#onLast = resolve;
      this.#native.finish();
      if (!this.#running) resolve();
    });
    return this.#stopped;
  }

  close(): void {
    if (this.#last !== undefined) return;
    this.#last = this.stats();
    this.#turns.clear();
    this.#native.close();
    this.#ended();
  }

  /** The environment's own hooks do not run where process.exit ends the main thread. */
  readonly #atExit = (): void => this.close();

  #ended(): void {
    if (this.#last === undefined) this.#native.join();
    this.#running = false;
    process.removeListener('exit', this.#atExit);
    this.#onLast();
  }
}

/**
 * Does one thing a turn of the event loop. Node.js gives all calls of a thread that have come one after another: without
 * this a backlog of batches would keep timers, disk, network and signals waiting until it is worked off.
 */
class Turns {
  readonly #waiting: (() => void)[] = [];
  #next: NodeJS.Immediate | undefined;

  add(work: () => void): void {
    this.#waiting.push(work);
    this.#next ??= setImmediate(this.#take);
  }

  clear(): void {
    this.#waiting.length = 0;
    clearImmediate(this.#next);
    this.#next = undefined;
  }

  readonly #take = (): void => {
    const work = this.#waiting.shift();
    this.#next = this.#waiting.length > 0 ? setImmediate(this.#take) : undefined;
    work?.();
  };
}

class PooledBatch implements Batch {
  readonly buffer: Buffer;
  readonly count: number;
  readonly gaps: readonly NativeGap[];
  readonly #native: NativeSensor;
  readonly #chunk: number;
  #released = false;

  constructor(native: NativeSensor, chunk: number, buffer: Buffer, count: number, gaps: readonly NativeGap[]) {
    this.#native = native;
    this.#chunk = chunk;
    this.buffer = buffer;
    this.count = count;
    this.gaps = gaps;
  }

  release(): void {
    // A second time it could be somebody else's chunk.
    if (this.#released) return;
    this.#released = true;
    this.#native.release(this.#chunk);
  }
}

function check(failure: NativeFailure | undefined): void {
  if (failure !== undefined) throw new SensorError(failure);
}

function checkOptions({
  poolBytes,
  batchBytes,
  pollMs,
  delayMs,
  heartbeatMs,
  agentPid,
  ringBytes,
  budgets,
}: SensorOptions): void {
  inRange('poolBytes', poolBytes, 1 << 20, 0xffff_ffff);
  inRange('batchBytes', batchBytes, BATCH_BYTES_MIN, 1 << 28);
  inRange('pollMs', pollMs, 0.1, 1000);
  inRange('delayMs', delayMs, 0, 10_000);
  inRange('heartbeatMs', heartbeatMs, 0, 3_600_000);
  inRange('agentPid', agentPid, 0, 0xffff_ffff);
  for (const [lane, bytes] of Object.entries(ringBytes ?? {})) inRange(`ringBytes.${lane}`, bytes, 4096, 1 << 30);
  for (const [lane, rate] of Object.entries(budgets ?? {})) inRange(`budgets.${lane}`, rate, 0, 1_000_000_000);
}

function checkPlan(plan: NativePlan): void {
  inRange('syscallClass.length', plan.syscallClass.length, SYSCALLS, SYSCALLS);
  inRange('compatClass.length', plan.compatClass.length, SYSCALLS, SYSCALLS);
  inRange('uringClass.length', plan.uringClass.length, URING_OPS, URING_OPS);
  inRange('wantedKind.length', plan.wantedKind.length, KINDS, KINDS);
  inRange('resultWanted.length', plan.resultWanted.length, KINDS, KINDS);
  inRange('openFlagsAny', plan.openFlagsAny, 0, 0xffff_ffff);
  inRange('generation', plan.generation, 0, 0xffff_ffff);
}

function inRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw new RangeError(`sensor: ${name} is ${value}; it must be from ${least} to ${most}`);
}
