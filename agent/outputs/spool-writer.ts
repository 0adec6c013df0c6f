import type { EnvelopeBody } from '../events/alert.ts';
import type { Gap } from '../events/gap.ts';
import { greatest, least } from '../lib/bigint.ts';
import { moveAside } from '../storage/data-file.ts';
import { adoptRecords } from './adopt.ts';
import { type AggregationOptions, Aggregator } from './aggregator.ts';
import { CHAIN_START, type ChainOwner, type ChainTail, link } from './chain.ts';
import { rankOf, timeOf } from './rank.ts';
import { type Dropped, openSpoolStore, type SpoolRecord, type SpoolStore } from './spool-store.ts';

/** One transaction that is on disk. */
export interface Commit {
  readonly records: readonly SpoolRecord[];
  /** The same records as they were given; a gap that the spool adds is the last. */
  readonly bodies: readonly EnvelopeBody[];
  /** What the transaction dropped for the limit; absent when nothing was. */
  readonly dropped?: Dropped;
}

export interface WriterOptions {
  readonly path: string;
  readonly owner: ChainOwner;
  readonly limitBytes: number;
  readonly aggregation: AggregationOptions;
  /** Wall clock, ms since 1970. */
  readonly nowMs: () => number;
  /** A damaged file was moved to `path`; it held `count` unacknowledged records (0 = not known). */
  readonly onSetAside: (path: string, count: number) => void;
}

/** How much more than needed is dropped at once, so that a full spool does not drop in every commit: 1 % of the limit. */
const DROP_SHARE = 100;

/** Puts bodies into the spool's store, each batch and all that follows from it in one transaction. */
export class SpoolWriter {
  store: SpoolStore;
  tail: ChainTail = CHAIN_START;
  /** Everything up to here is stored elsewhere. */
  acknowledgedId = 0;
  /** Everything up to here is on its way: dropped for the limit only when nothing else is left. */
  protectedId = 0;
  private deletedId = 0;
  private readonly aggregator: Aggregator;
  private readonly options: WriterOptions;

  constructor(options: WriterOptions) {
    this.options = options;
    this.aggregator = new Aggregator(options.aggregation);
    this.store = this.open(0);
    this.aggregator.restore(this.store.aggregates());
    adoptRecords(this.store, options.owner, (body) => {
      const records: SpoolRecord[] = [];
      this.tail = this.writeOne(body, this.tail, records);
    });
  }

  /** Throws what the disk or SQLite says; then nothing has changed. `last`: what is aggregated ends with it. */
  commit(given: readonly EnvelopeBody[], last = false): Commit {
    const acknowledgedId = this.acknowledgedId;
    const aggregated = this.aggregator.take(given, last ? Number.POSITIVE_INFINITY : this.options.nowMs());
    const { commit, tail } = this.store.transaction(() => {
      this.removeAcknowledged(acknowledgedId);
      for (const key of aggregated.ended) this.store.removeAggregate(key);
      for (const aggregate of aggregated.changed) this.store.putAggregate(aggregate);
      return this.write(aggregated.bodies);
    });
    aggregated.apply();
    this.tail = tail;
    this.deletedId = acknowledgedId;
    return commit;
  }

  /** The window of some aggregate has ended, so that a commit has something to write. */
  isDue(): boolean {
    return this.aggregator.isDue(this.options.nowMs());
  }

  /** Aggregates whose record is still to come. */
  get openAggregates(): number {
    return this.aggregator.size;
  }

  /** True while acknowledged records are still in the store. */
  hasAcknowledged(): boolean {
    return this.acknowledgedId > this.deletedId;
  }

  /** Moves a store that turned out to be damaged aside and goes on with a new one. */
  replace(): void {
    const { count, lastId } = this.store;
    this.store.close();
    this.options.onSetAside(moveAside(this.options.path), count);
    this.store = this.open(lastId);
    const open = this.aggregator.all();
    this.store.transaction(() => {
      for (const aggregate of open) this.store.putAggregate(aggregate);
    });
  }

  private open(firstId: number): SpoolStore {
    const { value, setAside } = openSpoolStore(this.options.path, firstId);
    if (setAside !== undefined) this.options.onSetAside(setAside, 0);
    return value;
  }

  private removeAcknowledged(id: number): void {
    if (id > this.deletedId) this.store.removeThrough(id);
  }

  private write(bodies: readonly EnvelopeBody[]): { commit: Commit; tail: ChainTail } {
    const records: SpoolRecord[] = [];
    let tail = this.tail;
    for (const body of bodies) tail = this.writeOne(body, tail, records);
    const dropped = this.makeRoom();
    if (dropped === undefined) return { commit: { records, bodies }, tail };
    const gap: EnvelopeBody = { type: 'gap', gap: gapOf(dropped) };
    tail = this.writeOne(gap, tail, records);
    return { commit: { records, bodies: [...bodies, gap], dropped }, tail };
  }

  private writeOne(body: EnvelopeBody, tail: ChainTail, records: SpoolRecord[]): ChainTail {
    const { owner } = this.options;
    const next = link(owner, tail, body);
    const { sequence } = next.tail;
    const record = { epoch: owner.epoch, sequence, rank: rankOf(body), timeNs: timeOf(body), bytes: next.bytes };
    records.push(this.store.insert(record));
    return next.tail;
  }

  private makeRoom(): Dropped | undefined {
    const { limitBytes } = this.options;
    const excess = this.store.bytes - limitBytes;
    if (excess <= 0) return undefined;
    const dropped = this.store.drop(excess + limitBytes / DROP_SHARE, this.protectedId);
    if (this.store.bytes <= limitBytes) return dropped;
    return addDropped(dropped, this.store.drop(this.store.bytes - limitBytes, 0));
  }
}

function addDropped(a: Dropped, b: Dropped): Dropped {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const byRank = new Map(a.byRank);
  for (const [rank, count] of b.byRank) byRank.set(rank, (byRank.get(rank) ?? 0) + count);
  return {
    byRank,
    count: a.count + b.count,
    fromNs: least(a.fromNs, b.fromNs),
    toNs: greatest(a.toNs, b.toNs),
  };
}

function gapOf(dropped: Dropped): Gap {
  const { fromNs, toNs, count } = dropped;
  return { stage: 'spool', cause: 'spool-limit', fromNs, toNs, count: BigInt(count) };
}
