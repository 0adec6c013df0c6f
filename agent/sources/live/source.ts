import {
  type Batch,
  type Named,
  openSensor,
  type Sensor,
  type SensorOptions,
  type SensorStats,
} from '../../../native/index.ts';
import type { RecordOrigin } from '../../decode/record-cursor.ts';
import type { Machine } from '../../decode/syscalls.ts';
import type { CollectedKind } from '../../events/kinds.ts';
import type { PathFilter, Plan } from '../../events/plan.ts';
import type { SourceBatch } from '../batch.ts';
import { type CountedTally, createCountedTally } from './counted.ts';
import { toGap } from './gap.ts';
import { findNamed, namedPaths, namesOf } from './named-files.ts';
import { toNativePlan } from './native-plan.ts';
import { createWallClock, type WallClock } from './wall-clock.ts';

export interface LiveSourceOptions {
  readonly machine: Machine;
  /** File of the programs; absent: the one of this build. */
  readonly objectPath?: string;
  readonly cgroups: NonNullable<SensorOptions['cgroupHierarchy']>;
  readonly poolBytes: number;
  /** Absent: those of the sensor. */
  readonly budgets?: NonNullable<SensorOptions['budgets']>;
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
  /** Events that were counted instead of sent, since their cgroup had spent its budget; right to two seconds. */
  readonly counted: ReadonlyMap<CollectedKind | 'unknown', bigint>;
  /** Detaches and hands on what was recorded before it resolves. */
  stop(): Promise<void>;
  close(): void;
}

/** Has the kernel take the programs. Throws SensorError. */
export function openLiveSource(options: LiveSourceOptions): LiveSource {
  const { objectPath, cgroups, poolBytes, budgets } = options;
  const sensor = openSensor({
    cgroupHierarchy: cgroups,
    poolBytes,
    ...(objectPath === undefined ? {} : { objectPath }),
    ...(budgets === undefined ? {} : { budgets }),
  });
  try {
    sensor.load();
  } catch (error) {
    sensor.close();
    throw error;
  }
  return new SensorSource(sensor, options);
}

/** How often counts are read: what is counted settles for as long. */
const COUNT_MS = 1000;
/** How often files that rules name are looked for again: they are replaced by others of their name. */
const NAMED_MS = 5000;
const NO_RECORDS = Buffer.alloc(0);

class SensorSource implements LiveSource {
  readonly origin: RecordOrigin;
  readonly hookPlan = 'syscall';
  private readonly sensor: Sensor;
  private readonly clock: WallClock;
  private generation = 0;
  /** Boot clock when the programs began to run. */
  private attachedNs = 0n;
  private readonly tally: CountedTally = createCountedTally();
  private unlisted = 0n;
  private countedNs = 0n;
  private tell: (gaps: LiveBatch['gaps']) => void = () => {};
  private named: readonly PathFilter[] = [];
  private isFinding = false;
  private found: Named['files'] = [];
  private isEnding = false;
  private isClosed = false;
  private readonly timers: NodeJS.Timeout[] = [];

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
    this.named = namedPaths(plan);
    this.sensor.setNamed({ files: this.found, names: namesOf(this.named) });
    void this.findNamed();
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
    this.tell = (gaps) => onBatch({ buffer: NO_RECORDS, count: 0, gaps, release: () => {} });
    this.every(COUNT_MS, () => {
      try {
        this.takeCounted();
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.every(NAMED_MS, () => void this.findNamed());
  }

  stats(): SensorStats {
    return this.sensor.stats();
  }

  get counted(): ReadonlyMap<CollectedKind | 'unknown', bigint> {
    return this.tally.byKind;
  }

  async stop(): Promise<void> {
    this.isEnding = true;
    this.endTimers();
    await this.sensor.stop();
    if (!this.isClosed) this.takeCounted();
  }

  close(): void {
    this.isClosed = this.isEnding = true;
    this.endTimers();
    this.sensor.close();
  }

  private every(ms: number, work: () => void): void {
    this.timers.push(setInterval(work, ms).unref());
  }

  private endTimers(): void {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
  }

  /** Tells of what was counted, as gaps in a batch of their own. */
  private takeCounted(): void {
    // Before the rows, so that what has none by then is told the next time.
    const { unlisted } = this.sensor.stats();
    const rows = this.sensor.takeCounted();
    const { offsetNs } = this.clock;
    const fromNs = this.countedNs === 0n ? this.attachedNs + offsetNs : this.countedNs;
    this.countedNs = BigInt(Date.now()) * 1_000_000n;
    const span = { wallOffsetNs: offsetNs, fromNs, toNs: this.countedNs };
    const gaps = this.tally.add(rows, unlisted - this.unlisted, span);
    this.unlisted = unlisted;
    if (gaps.length > 0) this.tell(gaps.map((gap) => ({ position: 0, gap })));
  }

  /** The files may be on a disk that does not answer: one look at a time. */
  private async findNamed(): Promise<void> {
    if (this.isFinding) return;
    this.isFinding = true;
    const paths = this.named;
    const found = await findNamed(paths);
    this.isFinding = false;
    if (this.isEnding) return;
    this.found = found.files;
    if (paths === this.named) this.sensor.setNamed(found);
    else await this.findNamed();
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
