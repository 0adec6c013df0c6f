import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeHead } from '../../proto/head.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { Gap } from '../events/gap.ts';
import { AtalayaError } from '../lib/errors.ts';
import { isDamage } from '../storage/data-file.ts';
import type { AggregationOptions } from './aggregator.ts';
import { newEpoch } from './chain.ts';
import { rankName } from './rank.ts';
import { type Batch, SpoolQueue } from './spool-queue.ts';
import type { SpoolRecord } from './spool-store.ts';
import { type Commit, SpoolWriter } from './spool-writer.ts';

export interface SpoolOptions {
  /** Folder of the spool's file; made when it is not there. */
  readonly dir: string;
  /** Stable name of the agent (the node's) and the kernel's boot id: they stand in every envelope. */
  readonly agentId: string;
  readonly bootId: string;
  /** What unacknowledged records may take on disk. Default 256 MiB: a day of three alerts a second. */
  readonly limitBytes?: number;
  /** Longest wait for more records to share a commit. Default 5 ms: a commit costs 1 ms of fsync. */
  readonly commitDelayMs?: number;
  /** Which alerts share a record. Default: none. */
  readonly aggregation?: AggregationOptions;
  /** Records that wait in memory while the disk cannot be written; what is beyond is lost and counted. Default 20,000. */
  readonly memoryRecords?: number;
  /** False where there is no collector: a record then leaves the spool with the next commit. Default true. */
  readonly keep?: boolean;
  /** Told once for each change of state. */
  readonly onNotice?: (notice: SpoolNotice) => void;
}

export type SpoolNotice =
  | { readonly kind: 'damaged'; readonly setAside: string }
  | { readonly kind: 'failing'; readonly error: Error }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'dropped'; readonly gap: Gap }
  | { readonly kind: 'listener'; readonly error: Error }
  /** At the end: alerts that waited in memory, and records given up before, of which no gap could be written. */
  | { readonly kind: 'unraised'; readonly alerts: number; readonly shed: number };

export interface SpoolStats {
  readonly epoch: bigint;
  /** Last one committed; 0 = none. */
  readonly sequence: number;
  readonly records: number;
  readonly bytes: number;
  readonly limitBytes: number;
  /** Event time of the oldest record, ns since 1970; not known while the disk fails. */
  readonly oldestNs: bigint | undefined;
  readonly committed: number;
  readonly commits: number;
  /** By priority ('heartbeat' and 'gap' beside): dropped for the limit, or lost because the disk could not be written. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly failing: boolean;
  /** Aggregates whose record is still to come. */
  readonly aggregates: number;
}

/** Where records wait until a collector has them. An alert is raised when its transaction is on disk, not earlier. */
export interface Spool {
  readonly epoch: bigint;
  /** Resolves when all are on disk, in one transaction. Rejects with E_SPOOL_FULL or E_SPOOL_CLOSED when that will not be. */
  append(bodies: readonly EnvelopeBody[]): Promise<void>;
  /** Called after each commit, in order. Returns what ends it. */
  onCommit(listener: (commit: Commit) => void): () => void;
  /** The last id that was committed. */
  lastId(): number;
  /** Records after an id, oldest first; at least one if there is one. Undefined while the disk cannot be read. */
  page(afterId: number, maxRows: number, maxBytes: number): SpoolRecord[] | undefined;
  /** All up to this id are stored elsewhere; they leave with the next commit, or after a second without one. */
  acknowledge(id: number): void;
  /** Records up to this id are on their way: while others are left, the limit does not drop these. */
  protect(id: number): void;
  stats(): SpoolStats;
  /** Commits what waits, then closes. */
  close(): Promise<void>;
}

const DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024;
const DEFAULT_COMMIT_DELAY_MS = 5;
const DEFAULT_MEMORY_RECORDS = 20_000;
const BATCH_RECORDS = 500;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5000;
const IDLE_DELETE_MS = 1000;
/** How much later than its window an aggregate's record may come. */
const AGGREGATE_CHECK_MS = 250;
const NO_AGGREGATION: AggregationOptions = { groupingOf: () => undefined, samples: 0 };

const FILE = 'spool.db';

/** Whether an agent has, or had, its spool in the folder. */
export function hasSpool(dir: string): boolean {
  return existsSync(join(dir, FILE));
}

/** Opens the spool in `dir`. Throws E_DATA_DIR or E_DATABASE. */
export function openSpool(options: SpoolOptions): Spool {
  return new DiskSpool(options);
}

class DiskSpool implements Spool {
  readonly epoch = newEpoch(Date.now());
  private readonly options: SpoolOptions;
  private readonly limitBytes: number;
  private readonly notify: (notice: SpoolNotice) => void;
  private readonly writer: SpoolWriter;
  private readonly queue = new SpoolQueue();
  private readonly listeners = new Set<(commit: Commit) => void>();
  /** Records that were found damaged and told. */
  private readonly unreadable = new Set<number>();
  private readonly dropped = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  /** The timer runs for records that wait, not only to delete acknowledged ones. */
  private timerIsUrgent = false;
  /** Wait before the next attempt; 0 = the last transaction succeeded. */
  private retryMs = 0;
  private committed = 0;
  private commits = 0;
  private closed = false;
  private readonly clock: NodeJS.Timeout;

  constructor(options: SpoolOptions) {
    const { dir, agentId, bootId } = options;
    this.options = options;
    this.limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
    this.notify = options.onNotice ?? (() => {});
    this.writer = new SpoolWriter({
      path: join(dir, FILE),
      owner: { agentId, bootId, epoch: this.epoch },
      limitBytes: this.limitBytes,
      aggregation: options.aggregation ?? NO_AGGREGATION,
      nowMs: Date.now,
      onSetAside: (path, count) => this.onSetAside(path, count),
    });
    this.clock = setInterval(
      () => this.writer.isDue() && this.retryMs === 0 && this.flush(),
      AGGREGATE_CHECK_MS,
    ).unref();
    this.schedule();
  }

  append(bodies: readonly EnvelopeBody[]): Promise<void> {
    if (this.closed) return Promise.reject(new AtalayaError('E_SPOOL_CLOSED', 'the spool is closed'));
    if (bodies.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.queue.push({ bodies, resolve, reject });
      if (this.retryMs > 0) this.shed();
      this.schedule();
    });
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  lastId(): number {
    return this.writer.store.lastId;
  }

  page(afterId: number, maxRows: number, maxBytes: number): SpoolRecord[] | undefined {
    try {
      for (let after = afterId; ; ) {
        const records = this.writer.store.page(after, maxRows, maxBytes);
        const readable = records.filter((record) => this.isReadable(record));
        const last = records.at(-1);
        if (readable.length > 0 || last === undefined) return readable;
        after = last.id;
      }
    } catch (error) {
      this.troubled(error);
      this.schedule();
      return undefined;
    }
  }

  /** SQLite does not see a bit that fell over in a record. No collector would take it, nor what comes behind it. */
  private isReadable({ id, bytes }: SpoolRecord): boolean {
    try {
      decodeHead(bytes);
      return true;
    } catch {
      if (!this.unreadable.has(id)) this.tellDamaged(1);
      this.unreadable.add(id);
      return false;
    }
  }

  acknowledge(id: number): void {
    this.writer.acknowledgedId = Math.max(this.writer.acknowledgedId, id);
    this.schedule();
  }

  protect(id: number): void {
    this.writer.protectedId = id;
  }

  stats(): SpoolStats {
    const { store, tail } = this.writer;
    return {
      epoch: this.epoch,
      sequence: tail.sequence,
      records: store.count,
      bytes: store.bytes,
      limitBytes: this.limitBytes,
      oldestNs: this.retryMs > 0 ? undefined : store.oldestNs(),
      committed: this.committed,
      commits: this.commits,
      dropped: this.dropped,
      failing: this.retryMs > 0,
      aggregates: this.writer.openAggregates,
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.clock);
    do this.flush();
    while (this.queue.length > 0 && this.retryMs === 0);
    // Whoever stops the agent for good gets the last counts now; if they cannot be written, they are at the next start.
    if (this.retryMs === 0 && this.writer.openAggregates > 0) this.flush(true);
    this.unschedule();
    const closed = new AtalayaError('E_SPOOL_CLOSED', 'the spool was closed while it could not be written');
    const unraised = this.queue.rejectAll(closed);
    if (unraised.alerts + unraised.shed > 0) this.notify({ kind: 'unraised', ...unraised });
    this.writer.store.close();
  }

  /** Sees to it that a flush comes: at once for a full batch, else when the commit window ends. */
  private schedule(): void {
    if (this.closed || this.immediate !== undefined) return;
    if (this.queue.length >= BATCH_RECORDS && this.retryMs === 0) {
      this.unschedule();
      this.immediate = setImmediate(() => this.flush());
    } else if (this.queue.length > 0) {
      this.startTimer(this.retryMs || (this.options.commitDelayMs ?? DEFAULT_COMMIT_DELAY_MS), true);
    } else if (this.writer.hasAcknowledged()) {
      this.startTimer(this.retryMs || IDLE_DELETE_MS, false);
    }
  }

  /** A running timer stays, unless it is only for deleting and records have come. */
  private startTimer(delayMs: number, urgent: boolean): void {
    if (this.timer !== undefined && (this.timerIsUrgent || !urgent)) return;
    this.unschedule();
    this.timerIsUrgent = urgent;
    this.timer = setTimeout(() => this.flush(), delayMs);
  }

  private unschedule(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    this.timer = undefined;
    this.immediate = undefined;
  }

  private flush(last = false): void {
    this.unschedule();
    const batch = this.queue.take(BATCH_RECORDS);
    const commit = this.tryCommit(batch, last);
    if (commit !== undefined) this.succeeded(commit, batch);
    this.schedule();
  }

  private tryCommit(batch: Batch, last: boolean): Commit | undefined {
    try {
      return this.writer.commit(batch.bodies, last);
    } catch (error) {
      this.failed(error, batch);
      return undefined;
    }
  }

  private succeeded(commit: Commit, batch: Batch): void {
    if (this.retryMs > 0) this.notify({ kind: 'recovered' });
    this.retryMs = 0;
    this.committed += commit.records.length;
    this.commits++;
    if (commit.dropped !== undefined) this.tellDropped(commit);
    if (this.options.keep === false) this.writer.acknowledgedId = this.writer.store.lastId;
    if (commit.records.length > 0) this.tellListeners(commit);
    for (const append of batch.appends) append.resolve();
  }

  private tellDropped(commit: Commit): void {
    for (const [rank, count] of commit.dropped?.byRank ?? []) this.countDropped(rank, count);
    const last = commit.bodies.at(-1);
    if (last?.type === 'gap') this.notify({ kind: 'dropped', gap: last.gap });
  }

  private tellListeners(commit: Commit): void {
    for (const listener of this.listeners) {
      try {
        listener(commit);
      } catch (error) {
        this.notify({ kind: 'listener', error: asError(error) });
      }
    }
  }

  private failed(cause: unknown, batch: Batch): void {
    this.queue.putBack(batch);
    this.troubled(cause);
    this.shed();
  }

  /** A damaged file is replaced at once; for other troubles there is a wait before the next attempt. */
  private troubled(cause: unknown): void {
    let error = asError(cause);
    if (isDamage(cause)) {
      try {
        this.writer.replace();
        return;
      } catch (again) {
        error = asError(again);
      }
    }
    if (this.retryMs === 0) this.notify({ kind: 'failing', error });
    this.retryMs = Math.min(Math.max(this.retryMs * 2, RETRY_FIRST_MS), RETRY_MAX_MS);
  }

  private onSetAside(path: string, count: number): void {
    this.tellDamaged(count);
    this.notify({ kind: 'damaged', setAside: path });
  }

  private tellDamaged(count: number): void {
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    this.queue.pushGap({ stage: 'spool', cause: 'spool-damaged', fromNs: nowNs, toNs: nowNs, count: BigInt(count) });
    this.schedule();
  }

  private shed(): void {
    this.queue.shed(this.options.memoryRecords ?? DEFAULT_MEMORY_RECORDS, (rank) => this.countDropped(rank, 1));
  }

  private countDropped(rank: number, count: number): void {
    const name = rankName(rank);
    this.dropped.set(name, (this.dropped.get(name) ?? 0) + count);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
