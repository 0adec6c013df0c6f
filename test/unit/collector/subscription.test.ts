import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { StoredRecord } from '../../../collector/store/record.ts';
import { openStore } from '../../../collector/store/store.ts';
import { Hub } from '../../../collector/subscribe/hub.ts';
import type { Sink, SubscriptionOptions } from '../../../collector/subscribe/subscription.ts';
import { encodeEnvelope } from '../../../proto/envelope.ts';
import { decodeHead } from '../../../proto/head.ts';
import { Bench, bodyOf, range, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** A receiver that takes `room` messages, then is full. */
class FakeSink implements Sink {
  readonly heard: string[] = [];
  room = Number.POSITIVE_INFINITY;
  ended = false;

  record(record: StoredRecord): boolean {
    return this.hear(`${record.id}`);
  }

  dropped(fromId: number, toId: number): boolean {
    return this.hear(`dropped ${fromId}-${toId}`);
  }

  progress(id: number, live: boolean): boolean {
    return this.hear(`${live ? 'live' : 'at'} ${id}`);
  }

  end(): void {
    this.ended = true;
  }

  fail(error: Error): void {
    this.hear(`failed ${error.message}`);
  }

  private hear(text: string): boolean {
    this.heard.push(text);
    return --this.room > 0;
  }
}

function setUp() {
  const { store } = openStore(join(bench.folder(), 'c.db'));
  const hub = new Hub();
  bench.onEnd(() => store.close());
  bench.onEnd(() => hub.close());
  const add = (count: number) => {
    const columns = range(0, count).map((index) => {
      const sequence = store.head() + index + 1;
      const position = { agentId: 'n', bootId: 'b', epoch: 1n, sequence, previousHash: Buffer.alloc(0) };
      const body = encodeEnvelope(position, bodyOf(sequence));
      return { ...decodeHead(body), storedNs: 1n, body };
    });
    hub.publish(store.append(columns, []));
  };
  const join_ = (sink: Sink, options: Partial<SubscriptionOptions> = {}) =>
    hub.join({ store, sink, selected: () => true, afterId: store.head(), maxLag: 1000, ...options });
  return { store, hub, add, subscribe: join_ };
}

const numbers = (from: number, to: number) => range(from, to).map(String);

test('from now on: says where it is, that it is live, then what is published', async () => {
  const { add, subscribe } = setUp();
  add(3);
  const sink = new FakeSink();
  subscribe(sink);
  await until(() => sink.heard.includes('live 3'), 'live');
  add(2);
  expect(sink.heard).toEqual(['at 3', 'live 3', '4', '5']);
});

test('from a place: stored records page by page, then live, nothing twice and nothing missing', async () => {
  const { add, subscribe } = setUp();
  add(450);
  const sink = new FakeSink();
  subscribe(sink, { afterId: 10 });
  add(1);
  await until(() => sink.heard.some((text) => text.startsWith('live')), 'live');
  add(2);
  expect(sink.heard).toEqual(['at 10', ...numbers(11, 452), 'live 451', '452', '453']);
});

test('up to a place: ends there, also when nothing of it is selected', async () => {
  const { add, subscribe } = setUp();
  add(10);
  const sinks = [new FakeSink(), new FakeSink()] as const;
  subscribe(sinks[0], { afterId: 2, untilId: 5 });
  subscribe(sinks[1], { afterId: 2, untilId: 10, selected: () => false });
  await until(() => sinks.every(({ ended }) => ended), 'both end');
  expect(sinks[0].heard).toEqual(['at 2', '3', '4', '5']);
  expect(sinks[1].heard).toEqual(['at 2']);
});

test('each gets its own selection; one that is full holds up nobody and goes on from the store', async () => {
  const { add, subscribe } = setUp();
  const [all, even, slow] = [new FakeSink(), new FakeSink(), new FakeSink()];
  subscribe(all);
  subscribe(even, { selected: ({ id }) => id % 2 === 0 });
  const subscription = subscribe(slow);
  await until(() => slow.heard.includes('live 0'), 'live');
  slow.room = 2;
  add(3);
  add(3);
  expect(all.heard.slice(2)).toEqual(numbers(1, 7));
  expect(even.heard.slice(2)).toEqual(['2', '4', '6']);
  expect(slow.heard.slice(2)).toEqual(['1', '2']);
  slow.room = 100;
  subscription.drained();
  await until(() => slow.heard.length === 8, 'the slow one has all');
  expect(slow.heard.slice(2)).toEqual(numbers(1, 7));
});

test('a live one that is too far behind gets a notice with the range, and goes on with what is new', async () => {
  const { add, hub, subscribe } = setUp();
  const sink = new FakeSink();
  const subscription = subscribe(sink, { maxLag: 10 });
  await until(() => sink.heard.includes('live 0'), 'live');
  sink.room = 1;
  add(20);
  sink.room = 100;
  subscription.drained();
  add(1);
  await until(() => sink.heard.includes('21'), 'the next one');
  expect(sink.heard.slice(2)).toEqual(['1', 'dropped 1-20', '21']);
  expect(hub.counts()).toEqual({ delivered: 2, dropped: 19 });
});

test('one that reads old records is not cut short for being behind', async () => {
  const { add, subscribe } = setUp();
  add(300);
  const sink = new FakeSink();
  sink.room = 5;
  const subscription = subscribe(sink, { afterId: 0, maxLag: 10 });
  await until(() => sink.room === 0, 'full');
  sink.room = 10_000;
  subscription.drained();
  await until(() => sink.heard.includes('live 300'), 'live');
  expect(sink.heard).toEqual(['at 0', ...numbers(1, 301), 'live 300']);
});

test('when nothing is selected for a while, the place is told and moves on', async () => {
  const { add, subscribe } = setUp();
  const sink = new FakeSink();
  const subscription = subscribe(sink, { selected: () => false });
  await until(() => sink.heard.includes('live 0'), 'live');
  add(7);
  subscription.tick();
  subscription.tick();
  expect(sink.heard).toEqual(['at 0', 'live 0', 'live 7']);
});

test('one that left gets nothing more and is counted on', async () => {
  const { add, hub, subscribe } = setUp();
  const sink = new FakeSink();
  const subscription = subscribe(sink);
  await until(() => sink.heard.includes('live 0'), 'live');
  add(2);
  hub.leave(subscription);
  hub.leave(subscription);
  add(2);
  expect(sink.heard.slice(2)).toEqual(['1', '2']);
  expect([hub.size, hub.counts().delivered]).toEqual([0, 2]);
});

test('a store that cannot be read ends the subscription with its error', async () => {
  const { add, store, subscribe } = setUp();
  add(1);
  const sink = new FakeSink();
  const broken = Object.assign(Object.create(store), {
    after: () => {
      throw new Error('unreadable');
    },
  });
  subscribe(sink, { store: broken, afterId: 0 });
  await until(() => sink.heard.includes('failed unreadable'), 'the failure');
});
