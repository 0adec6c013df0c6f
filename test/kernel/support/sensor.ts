import { callClasses } from '../../../agent/decode/call-classes.ts';
import { eventHeader, eventKind } from '../../../agent/decode/layout.gen.ts';
import type { Machine } from '../../../agent/decode/syscalls.ts';
import type { CollectedKind } from '../../../agent/events/kinds.ts';
import { type NativeGap, type NativePlan, openSensor, type Sensor, type SensorOptions } from '../../../native/index.ts';

/** Of the machine that the test runs on. */
export const MACHINE: Machine = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** Everything is sent: what the machine does beside must not make a cgroup spend its budget in a test of something else. */
export const NO_BUDGETS = { rare: 0, lifecycle: 0, bulk: 0 };

export interface PlanOptions {
  readonly generation?: number;
  readonly envWanted?: boolean;
  readonly openFlagsAny?: number;
  readonly result?: Partial<Record<CollectedKind, 'success' | 'failure'>>;
}

/** A plan that lets through all events of these kinds. */
export function planFor(kinds: readonly CollectedKind[], options: PlanOptions = {}): NativePlan {
  const { native, compat, uring } = callClasses(MACHINE, (kind) => kinds.includes(kind));
  const wantedKind = new Uint8Array(eventKind.max);
  for (const kind of kinds) wantedKind[eventKind[kind]] = 1;
  const resultWanted = new Uint8Array(eventKind.max);
  for (const [kind, result] of Object.entries(options.result ?? {}))
    resultWanted[eventKind[kind as CollectedKind]] = result === 'success' ? 1 : 2;
  return {
    syscallClass: native,
    compatClass: compat,
    uringClass: uring,
    wantedKind,
    resultWanted,
    openFlagsAny: options.openFlagsAny ?? 0,
    envWanted: options.envWanted ?? false,
    generation: options.generation ?? 1,
  };
}

/** A running sensor whose records are copied out as they come. */
export interface RunningSensor {
  readonly sensor: Sensor;
  /** All records in the order in which they came, since the last `forget`. */
  readonly records: readonly Buffer[];
  readonly gaps: readonly NativeGap[];
  forget(): void;
  /** Resolves with the first thing that `find` gives for the records so far; fails after the deadline. */
  until<T>(what: string, find: () => T | undefined): Promise<T>;
  stop(): Promise<void>;
}

export interface RunOptions extends SensorOptions {
  readonly plan: NativePlan;
}

const DEADLINE_MS = 15_000;

/** Opens, loads, attaches and starts. */
export function startSensor({ plan, ...options }: RunOptions): RunningSensor {
  const sensor = openSensor({ agentPid: 0, budgets: NO_BUDGETS, ...options });
  const running = new CopyingSensor(sensor);
  try {
    sensor.load();
    sensor.setPlan(plan);
    sensor.attach();
    running.start();
  } catch (error) {
    sensor.close();
    throw error;
  }
  return running;
}

class CopyingSensor implements RunningSensor {
  readonly sensor: Sensor;
  records: Buffer[] = [];
  gaps: NativeGap[] = [];
  #failure: Error | undefined;
  #onBatch: () => void = () => {};

  constructor(sensor: Sensor) {
    this.sensor = sensor;
  }

  start(): void {
    this.sensor.start(
      (batch) => {
        this.records.push(...splitRecords(batch.buffer));
        this.gaps.push(...batch.gaps);
        batch.release();
        this.#onBatch();
      },
      (error) => {
        this.#failure = error;
        this.#onBatch();
      },
    );
  }

  forget(): void {
    this.records = [];
    this.gaps = [];
  }

  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`no ${what} within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
        this.#onBatch = () => {
          if (this.#failure !== undefined) return reject(this.#failure);
          const found = find();
          if (found !== undefined) resolve(found);
        };
        this.#onBatch();
      });
    } finally {
      clearTimeout(timer);
      this.#onBatch = () => {};
    }
  }

  async stop(): Promise<void> {
    await this.sensor.stop();
    this.sensor.close();
  }
}

/** Copies of the records of a batch. */
export function splitRecords(batch: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < batch.length; ) {
    const length = batch.readUInt32LE(at + eventHeader.length);
    if (length < eventHeader.structBytes || at + length > batch.length)
      throw new Error(`a record at ${at} of ${batch.length} says that it has ${length} bytes`);
    records.push(Buffer.from(batch.subarray(at, at + length)));
    at += length;
  }
  return records;
}
