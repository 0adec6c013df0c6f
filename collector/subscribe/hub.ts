import type { StoredRecord } from '../store/record.ts';
import { Subscription, type SubscriptionCounts, type SubscriptionOptions } from './subscription.ts';

/** How often a subscription that gets nothing is told how far it has come. */
const PROGRESS_MS = 5000;

/** All who listen. Each gets its own full copy; none waits for another. */
export class Hub {
  private readonly subscriptions = new Set<Subscription>();
  /** Of those that have ended. */
  private readonly past: SubscriptionCounts = { delivered: 0, dropped: 0 };
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      for (const subscription of this.subscriptions) subscription.tick();
    }, PROGRESS_MS);
    this.timer.unref();
  }

  get size(): number {
    return this.subscriptions.size;
  }

  counts(): SubscriptionCounts {
    const total = { ...this.past };
    for (const { counts } of this.subscriptions) add(total, counts);
    return total;
  }

  /** Begins at once; `leave` ends it. */
  join(options: SubscriptionOptions): Subscription {
    const subscription = new Subscription(options);
    this.subscriptions.add(subscription);
    subscription.start();
    return subscription;
  }

  leave(subscription: Subscription): void {
    if (!this.subscriptions.delete(subscription)) return;
    subscription.close();
    add(this.past, subscription.counts);
  }

  /** `records` are on disk and follow each other. */
  publish(records: readonly StoredRecord[]): void {
    const first = records[0];
    if (first === undefined) return;
    for (const subscription of this.subscriptions) subscription.publish(records, first.id - 1);
  }

  close(): void {
    clearInterval(this.timer);
    for (const subscription of [...this.subscriptions]) this.leave(subscription);
  }
}

function add(total: SubscriptionCounts, part: SubscriptionCounts): void {
  total.delivered += part.delivered;
  total.dropped += part.dropped;
}
