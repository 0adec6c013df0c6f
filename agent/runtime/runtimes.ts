import type { ByteString } from '../events/bytestring.ts';
import type { ContainerInfo } from '../events/process.ts';
import { Fifo } from '../lib/fifo.ts';
import {
  type Answer,
  GuardedSource,
  type GuardOptions,
  type SourceNotice,
  type SourceStats,
} from './guarded-source.ts';
import type { Asked, ContainerSource } from './source.ts';

export interface RuntimesOptions extends Partial<Pick<GuardOptions, 'deadlineMs' | 'nowMs' | 'random'>> {
  readonly sources: readonly ContainerSource[];
  /** What is known of a container; undefined: nobody knows it, and nobody is asked any more. */
  readonly onAnswer: (fullId: ByteString, info: ContainerInfo | undefined) => void;
  readonly onNotice: (notice: SourceNotice) => void;
  /** Waits before the second and each further round, ms: a runtime may know a sandbox only after its first process runs. */
  readonly roundsMs?: readonly number[];
  /** How often a runtime that could not be asked is tried for a container that it may know, ms. Default 2000. */
  readonly probeMs?: number;
}

export interface RuntimeStats {
  readonly sources: readonly SourceStats[];
  /** Containers that are being asked for. */
  readonly waiting: number;
  /** Not asked for: too many at once. */
  readonly skipped: number;
  /** Nobody knew them. */
  readonly unknown: number;
}

/** Asks for containers, a bounded number at a time, until somebody knows them or time is up. */
export interface Runtimes {
  ask(container: Asked): void;
  stats(): RuntimeStats;
  stop(): void;
}

const DEADLINE_MS = 1000;
const ROUNDS_MS = [50, 100, 200, 400, 800];
const PROBE_MS = 2000;
const AT_ONCE = 16;
const WAITING_MAX = 4096;
/** Containers that could not be asked for, kept for when the runtime is back. */
const MISSED_MAX = 4096;

export function createRuntimes(options: RuntimesOptions): Runtimes {
  return new AskingRuntimes(options);
}

class AskingRuntimes implements Runtimes {
  private readonly options: RuntimesOptions;
  private readonly roundsMs: readonly number[];
  private readonly runtimes: readonly GuardedSource[];
  private readonly bundles: readonly GuardedSource[];
  private readonly waiting = new Set<ByteString>();
  private readonly queue = new Fifo<Round>();
  private readonly missed = new Map<ByteString, Asked>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private running = 0;
  private skipped = 0;
  private unknown = 0;
  private isProbing = false;
  private stopped = false;

  constructor(options: RuntimesOptions) {
    this.options = options;
    this.roundsMs = options.roundsMs ?? ROUNDS_MS;
    const guard: GuardOptions = {
      deadlineMs: options.deadlineMs ?? DEADLINE_MS,
      nowMs: options.nowMs ?? (() => performance.now()),
      random: options.random ?? Math.random,
      onNotice: (notice) => this.noticed(notice),
    };
    const guarded = options.sources.map((source) => new GuardedSource(source, guard));
    this.runtimes = guarded.filter(({ source }) => source.kind !== 'bundle');
    this.bundles = guarded.filter(({ source }) => source.kind === 'bundle');
  }

  ask(container: Asked): void {
    if (this.stopped || this.waiting.has(container.fullId)) return;
    if (this.waiting.size >= WAITING_MAX) {
      this.skipped++;
      this.options.onAnswer(container.fullId, undefined);
      return;
    }
    this.waiting.add(container.fullId);
    this.queue.push({ container, number: 0, isTold: false });
    this.pump();
  }

  stats(): RuntimeStats {
    const sources = [...this.runtimes, ...this.bundles].map(({ stats }) => stats);
    return { sources, waiting: this.waiting.size, skipped: this.skipped, unknown: this.unknown };
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const { source } of [...this.runtimes, ...this.bundles]) source.close();
  }

  private pump(): void {
    while (this.running < AT_ONCE && !this.stopped) {
      const next = this.queue.shift();
      if (next === undefined) return;
      this.running++;
      void this.round(next);
    }
  }

  /** Asks everybody once; then the container gives way to others until its next round. */
  private async round({ container, number, isTold }: Round): Promise<void> {
    const { info, from } = await this.askAll(container, !isTold);
    this.running--;
    if (this.stopped) return;
    if (info !== undefined) this.options.onAnswer(container.fullId, info);
    const next = { container, number: number + 1, isTold: isTold || info !== undefined };
    const waitMs = this.roundsMs[number];
    const goOn = from !== 'runtime' && waitMs !== undefined && this.runtimes.some(({ isExpected }) => isExpected);
    if (goOn) this.later(waitMs, () => this.queue.push(next));
    else this.finish(container, from, next.isTold);
    this.pump();
  }

  private finish(container: Asked, from: Outcome['from'], isTold: boolean): void {
    this.waiting.delete(container.fullId);
    if (from === 'unreachable') this.miss(container);
    if (isTold) return;
    this.unknown++;
    this.options.onAnswer(container.fullId, undefined);
  }

  /** One of the missed is asked for now and then: its answer tells that the runtime is back. */
  private miss(container: Asked): void {
    if (this.missed.size < MISSED_MAX) this.missed.set(container.fullId, container);
    if (this.isProbing) return;
    this.isProbing = true;
    this.later(this.options.probeMs ?? PROBE_MS, () => {
      this.isProbing = false;
      for (const [fullId, one] of this.missed) {
        this.missed.delete(fullId);
        this.ask(one);
        return;
      }
    });
  }

  /** Runtimes first, the likeliest of them first; bundles know less, and answer where no runtime does. */
  private async askAll(container: Asked, withBundles: boolean): Promise<Outcome> {
    let unreachable = false;
    for (const runtime of this.inOrder(container)) {
      const answer: Answer = await runtime.ask(container);
      if (answer.kind === 'known') return { info: answer.info, from: 'runtime' };
      unreachable ||= answer.kind === 'unreachable';
    }
    const from = unreachable ? 'unreachable' : 'nobody';
    for (const bundle of withBundles ? this.bundles : []) {
      const answer = await bundle.ask(container);
      if (answer.kind === 'known') return { info: answer.info, from };
    }
    return { info: undefined, from };
  }

  private inOrder({ type }: Asked): readonly GuardedSource[] {
    const first = type === 'docker' || type === 'podman' ? 'docker' : 'cri';
    const rank = ({ source }: GuardedSource): number => Number(source.kind !== first);
    return [...this.runtimes].sort((a, b) => rank(a) - rank(b));
  }

  private later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
      this.pump();
    }, ms);
    timer.unref();
    this.timers.add(timer);
  }

  private noticed(notice: SourceNotice): void {
    this.options.onNotice(notice);
    if (notice.kind !== 'recovered') return;
    const missed = [...this.missed.values()];
    this.missed.clear();
    for (const container of missed) this.ask(container);
  }
}

interface Round {
  readonly container: Asked;
  readonly number: number;
  /** Something was answered already, if not by a runtime. */
  readonly isTold: boolean;
}

interface Outcome {
  readonly info: ContainerInfo | undefined;
  /** Who knew it; unreachable: somebody who may know could not be asked. */
  readonly from: 'runtime' | 'nobody' | 'unreachable';
}
