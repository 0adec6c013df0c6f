import { AtalayaError } from '../../agent/lib/errors.ts';
import type { StoredRecord } from '../store/record.ts';
import { Subscription, type SubscriptionCounts, type SubscriptionOptions } from './subscription.ts';

/** How often a subscription that gets nothing is told how far it has come. */
const PROGRESS_MS = 5000;
/** Each alert is held against each subscription's filter. */
const MAX_ALL = 2000;
const MAX_OF_CLIENT = 500;

/** All who listen. Each gets its own full copy; none waits for another. */
export class Hub {
  /** With whose they are. */
  private readonly subscriptions = new Map<Subscription, string>();
  private readonly ofClient = new Map<string, number>();
  /** Subscriptions that were too many. */
  refused = 0;
  /** Of those that have ended. */
  private readonly past: SubscriptionCounts = { delivered: 0, dropped: 0 };
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      for (const subscription of this.subscriptions.keys()) subscription.tick();
    }, PROGRESS_MS);
    this.timer.unref();
  }

  get size(): number {
    return this.subscriptions.size;
  }

  counts(): SubscriptionCounts {
    const total = { ...this.past };
    for (const { counts } of this.subscriptions.keys()) add(total, counts);
    return total;
  }

  /** Begins at once; `leave` ends it. `client`: whose it is, for the limit. Throws E_TOO_MANY. */
  join(options: SubscriptionOptions, client = ''): Subscription {
    const own = this.ofClient.get(client) ?? 0;
    if (this.size >= MAX_ALL || own >= MAX_OF_CLIENT) {
      this.refused++;
      const limit = own >= MAX_OF_CLIENT ? `${MAX_OF_CLIENT} of one client` : `${MAX_ALL}`;
      throw new AtalayaError('E_TOO_MANY', `more subscriptions than ${limit} are not served at once`);
    }
    const subscription = new Subscription(options);
    this.subscriptions.set(subscription, client);
    this.ofClient.set(client, own + 1);
    subscription.start();
    return subscription;
  }

  leave(subscription: Subscription): void {
    const client = this.subscriptions.get(subscription);
    if (client === undefined) return;
    this.subscriptions.delete(subscription);
    const others = (this.ofClient.get(client) ?? 1) - 1;
    if (others > 0) this.ofClient.set(client, others);
    else this.ofClient.delete(client);
    subscription.close();
    add(this.past, subscription.counts);
  }

  /** `records` are on disk and follow each other. */
  publish(records: readonly StoredRecord[]): void {
    const first = records[0];
    if (first === undefined) return;
    for (const subscription of this.subscriptions.keys()) subscription.publish(records, first.id - 1);
  }

  close(): void {
    clearInterval(this.timer);
    for (const subscription of [...this.subscriptions.keys()]) this.leave(subscription);
  }
}

function add(total: SubscriptionCounts, part: SubscriptionCounts): void {
  total.delivered += part.delivered;
  total.dropped += part.dropped;
}
