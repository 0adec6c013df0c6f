import type { StoredRecord } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import type { Selected } from './selection.ts';

/** Where a subscription's records go. Each returns false when the receiver is full; then `drained` must be called. */
export interface Sink {
  record(record: StoredRecord): boolean;
  /** Records (fromId, toId] were left out; `gone`: they are not stored any more. */
  dropped(fromId: number, toId: number, gone: boolean): boolean;
  progress(id: number, live: boolean): boolean;
  end(): void;
  /** The store cannot be read: the subscription is over. */
  fail(error: Error): void;
}

export interface SubscriptionOptions {
  readonly store: Store;
  readonly selected: Selected;
  readonly sink: Sink;
  /** Begin after this id. */
  readonly afterId: number;
  /** End after this id; absent = go on live. */
  readonly untilId?: number;
  /** Once live: how many records behind the newest before the rest is dropped with a notice. */
  readonly maxLag: number;
}

export interface SubscriptionCounts {
  delivered: number;
  dropped: number;
}

/** Rows read from the store at once; others have their turn between. */
const PAGE_ROWS = 200;

/**
 * One subscriber's way through the store: pages from the disk until it has reached the newest record, then what is
 * published. A receiver that is full stops it; it goes on from the disk, so nobody else waits for it.
 */
export class Subscription {
  readonly counts: SubscriptionCounts = { delivered: 0, dropped: 0 };
  private readonly options: SubscriptionOptions;
  /** Everything up to here was looked at. */
  private position: number;
  /** The position that the receiver was last told. */
  private toldPosition = -1;
  /** Has reached the newest record at least once: from then on the lag counts. */
  private live = false;
  private full = false;
  private ended = false;
  private next: NodeJS.Immediate | undefined;

  constructor(options: SubscriptionOptions) {
    this.options = options;
    this.position = options.afterId;
  }

  start(): void {
    this.tellProgress();
    this.schedule();
  }

  /** New records are on disk; `headBefore` was the newest before them. */
  publish(records: readonly StoredRecord[], headBefore: number): void {
    if (this.ended || this.full) return;
    if (this.live && this.next === undefined && this.position === headBefore) this.deliver(records);
    else this.schedule();
  }

  /** The receiver takes more again. */
  drained(): void {
    if (this.ended || !this.full) return;
    this.full = false;
    this.dropLag();
    this.schedule();
  }

  /** Tells how far it has come when nothing was delivered for a while. */
  tick(): void {
    if (this.ended || this.full || this.toldPosition === this.position) return;
    this.tellProgress();
  }

  close(): void {
    this.ended = true;
    clearImmediate(this.next);
  }

  private schedule(): void {
    if (this.full || this.ended || this.next !== undefined) return;
    this.next = setImmediate(() => {
      this.next = undefined;
      this.readPage();
    });
  }

  private readPage(): void {
    if (!this.tellGone()) return;
    let page: StoredRecord[];
    try {
      page = this.options.store.after(this.position, PAGE_ROWS);
    } catch (error) {
      this.close();
      this.options.sink.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.deliver(page);
    if (this.ended || this.full) return;
    if (page.length === PAGE_ROWS) this.schedule();
    else this.reachedHead();
  }

  /** What was older than the store keeps is told, not passed over. Gives whether the receiver takes more. */
  private tellGone(): boolean {
    const { store, sink } = this.options;
    const tail = store.tail();
    if (this.position >= tail) return true;
    this.counts.dropped += tail - this.position;
    this.full = !sink.dropped(this.position, tail, true);
    this.position = tail;
    this.toldPosition = tail;
    return !this.full;
  }

  private reachedHead(): void {
    const { store, untilId, sink } = this.options;
    this.position = Math.max(this.position, store.head());
    if (untilId !== undefined) {
      this.close();
      sink.end();
    } else if (!this.live) {
      this.live = true;
      this.tellProgress();
    }
  }

  private deliver(records: readonly StoredRecord[]): void {
    const { selected, sink, untilId } = this.options;
    for (const record of records) {
      if (untilId !== undefined && record.id > untilId) {
        this.close();
        sink.end();
        return;
      }
      this.position = record.id;
      if (!selected(record)) continue;
      this.counts.delivered++;
      this.toldPosition = record.id;
      if (sink.record(record)) continue;
      this.full = true;
      return;
    }
  }

  private dropLag(): void {
    const { store, maxLag, sink } = this.options;
    const head = store.head();
    if (!this.live || head - this.position <= maxLag) return;
    this.counts.dropped += head - this.position;
    this.full = !sink.dropped(this.position, head, false);
    this.position = head;
    this.toldPosition = head;
  }

  private tellProgress(): void {
    this.toldPosition = this.position;
    if (!this.options.sink.progress(this.position, this.live)) this.full = true;
  }
}
