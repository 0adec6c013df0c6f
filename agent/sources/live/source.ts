import { type Batch, openSensor, type Sensor, type SensorOptions, type SensorStats } from '../../../native/index.ts';
import type { RecordOrigin } from '../../decode/record-cursor.ts';
import type { Machine } from '../../decode/syscalls.ts';
import type { Plan } from '../../events/plan.ts';
import type { SourceBatch } from '../batch.ts';
import { toGap } from './gap.ts';
import { toNativePlan } from './native-plan.ts';
import { createWallClock, type WallClock } from './wall-clock.ts';

export interface LiveSourceOptions {
  readonly machine: Machine;
  /** File of the programs; absent: the one of this build. */
  readonly objectPath?: string;
  readonly cgroups: NonNullable<SensorOptions['cgroupHierarchy']>;
  readonly poolBytes: number;
  readonly onClockStep?: (byNs: bigint) => void;
}

export interface LiveBatch extends SourceBatch {
  /** Records in it. */
  readonly count: number;
  /** Must be called once it was read. The sensor waits (and in the end loses) when batches do not come back. */
  release(): void;
}

/** The events of this machine's kernel. Order: plan, attach, tasks, start, stop; close at any time. */
export interface LiveSource {
  readonly origin: RecordOrigin;
  /** The hierarchy whose ids the records carry: v2 or a v1 controller. */
  readonly cgroupHierarchy: string;
  /** Which hooks see the events. */
  readonly hookPlan: 'syscall';
  /** Collects what the plan asks for; while running, at no moment less than under both the old and the new one. */
  setPlan(plan: Plan): void;
  /** From here on events are recorded; they wait until `start`. */
  attach(): void;
  /** Records of all processes that there are. */
  tasks(): Buffer;
  start(onBatch: (batch: LiveBatch) => void, onError: (error: Error) => void): void;
  stats(): SensorStats;
  /** Detaches and hands on what was recorded before it resolves. */
  stop(): Promise<void>;
  close(): void;
}

/** Has the kernel take the programs. Throws SensorError. */
export function openLiveSource(options: LiveSourceOptions): LiveSource {
  const { objectPath, cgroups, poolBytes } = options;
  const sensor = openSensor({
    cgroupHierarchy: cgroups,
    poolBytes,
    ...(objectPath === undefined ? {} : { objectPath }),
  });
  try {
    sensor.load();
  } catch (error) {
    sensor.close();
    throw error;
  }
  return new SensorSource(sensor, options);
}

class SensorSource implements LiveSource {
  readonly origin: RecordOrigin;
  readonly hookPlan = 'syscall';
  private readonly sensor: Sensor;
  private readonly clock: WallClock;
  private generation = 0;
  /** Boot clock when the programs began to run. */
  private attachedNs = 0n;

  constructor(sensor: Sensor, { machine, onClockStep = () => {} }: LiveSourceOptions) {
    this.sensor = sensor;
    this.clock = createWallClock(() => sensor.wallOffsetNs(), onClockStep);
    this.origin = { machine, wallOffsetNs: this.clock.offsetNs };
  }

  get cgroupHierarchy(): string {
    return this.sensor.cgroupHierarchy;
  }

  setPlan(plan: Plan): void {
    this.generation++;
    this.sensor.setPlan(toNativePlan(plan, this.origin.machine, this.generation));
  }

  attach(): void {
    this.attachedNs = BigInt(Date.now()) * 1_000_000n - this.clock.offsetNs;
    this.sensor.attach();
  }

  tasks(): Buffer {
    return this.sensor.tasks();
  }

  start(onBatch: (batch: LiveBatch) => void, onError: (error: Error) => void): void {
    this.sensor.start((batch) => onBatch(this.place(batch)), onError);
  }

  stats(): SensorStats {
    return this.sensor.stats();
  }

  stop(): Promise<void> {
    return this.sensor.stop();
  }

  close(): void {
    this.sensor.close();
  }

  private place(batch: Batch): LiveBatch {
    this.clock.renew();
    const { offsetNs } = this.clock;
    this.origin.wallOffsetNs = offsetNs;
    const { buffer, count, gaps } = batch;
    return {
      buffer,
      count,
      gaps: gaps.map((gap) => ({ position: gap.position, gap: toGap(gap, offsetNs, this.attachedNs) })),
      release: () => batch.release(),
    };
  }
}
