import { afterEach, expect, test } from 'vitest';
import { Feed } from '../../../agent/outputs/feed.ts';
import { SpoolQueue } from '../../../agent/outputs/spool-queue.ts';
import { Window } from '../../../agent/outputs/window.ts';
import { Bench, bodyOf, range } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

const ALL = Number.MAX_SAFE_INTEGER;
const ids = (records: readonly { readonly id: number }[]) => records.map(({ id }) => id);

function bodies(from: number, to: number) {
  return range(from, to).map((number) => bodyOf(number));
}

test('a feed gives old records from the disk, then new ones, each once and in order', async () => {
  const spool = bench.spool();
  await spool.append(bodies(0, 10));
  const feed = new Feed(spool, ALL);
  bench.onEnd(() => feed.close());
  await spool.append(bodies(10, 15));
  expect(ids(feed.take(4, ALL))).toEqual([1, 2, 3, 4]);
  expect(ids(feed.take(100, ALL))).toEqual(range(5, 16));
  expect(feed.take(100, ALL)).toEqual([]);
  await spool.append(bodies(15, 17));
  expect(ids(feed.take(100, ALL))).toEqual([16, 17]);
});

test('what memory does not hold comes from the disk', async () => {
  const spool = bench.spool();
  const feed = new Feed(spool, 2000);
  bench.onEnd(() => feed.close());
  await spool.append(bodies(0, 50));
  expect(ids(feed.take(20, ALL))).toEqual(range(1, 21));
  expect(ids(feed.take(100, ALL))).toEqual(range(21, 51));
});

test('after a rewind the same records come again', async () => {
  const spool = bench.spool();
  const feed = new Feed(spool, ALL);
  bench.onEnd(() => feed.close());
  await spool.append(bodies(0, 10));
  feed.take(100, ALL);
  feed.rewind(4);
  await spool.append(bodies(10, 11));
  expect(ids(feed.take(100, ALL))).toEqual(range(5, 12));
});

test('dropped records are neither given from memory nor waited for', async () => {
  const spool = bench.spool({ limitBytes: 10_000 });
  const feed = new Feed(spool, ALL);
  bench.onEnd(() => feed.close());
  await spool.append(bodies(0, 10));
  await spool.append(bodies(10, 30));
  const taken = ids(feed.take(100, ALL));
  expect(taken).toEqual(ids(spool.page(0, 100, ALL) ?? []));
  expect(taken.length).toBeLessThan(30);
  expect(feed.lastId).toBe(spool.lastId());
});

test('a batch has at least one record, however large', async () => {
  const spool = bench.spool();
  await spool.append(bodies(0, 3));
  const feed = new Feed(spool, ALL);
  bench.onEnd(() => feed.close());
  expect(ids(feed.take(100, 1))).toEqual([1]);
  await spool.append(bodies(3, 5));
  feed.take(100, ALL);
  await spool.append(bodies(5, 7));
  expect(ids(feed.take(100, 1))).toEqual([6]);
});

function record(id: number, epoch: bigint, sequence: number) {
  return { id, epoch, sequence, bytes: new Uint8Array(10) };
}

test('a window counts what is on its way, in records and bytes', () => {
  const window = new Window(3, 25);
  expect(window.room()).toBe(3);
  window.add(record(1, 1n, 1));
  window.add(record(2, 1n, 2));
  expect(window.room()).toBe(1);
  window.add(record(3, 1n, 3));
  expect(window.room()).toBe(0);
  expect(window.acknowledge(1n, 2)).toBe(2);
  expect([window.room(), window.records, window.acknowledgedId]).toEqual([2, 1, 2]);
});

test('an acknowledgement covers its own epoch, and what comes twice nothing', () => {
  const window = new Window(100, 1000);
  window.add(record(1, 1n, 8));
  window.add(record(2, 2n, 1));
  expect(window.acknowledge(2n, 1)).toBe(0);
  expect(window.acknowledge(1n, 9)).toBe(1);
  expect(window.acknowledge(1n, 9)).toBe(0);
  expect(window.acknowledge(2n, 1)).toBe(1);
  window.add(record(3, 2n, 2));
  window.clear();
  expect([window.records, window.room(), window.acknowledgedId]).toEqual([0, 100, 2]);
});

test('a queue that overflows gives up whole appends, the oldest first, and tells of them in one gap', () => {
  const queue = new SpoolQueue();
  const outcomes: string[] = [];
  for (const number of [0, 10, 20]) {
    queue.push({
      bodies: bodies(number, number + 5),
      resolve: () => outcomes.push(`${number} stored`),
      reject: (error) => outcomes.push(`${number} ${(error as Error & { code: string }).code}`),
    });
  }
  const lost: number[] = [];
  queue.shed(5, (rank) => lost.push(rank));
  expect(outcomes).toEqual(['0 E_SPOOL_FULL', '10 E_SPOOL_FULL']);
  expect(lost.length).toBe(10);
  const batch = queue.take(1);
  expect(batch.appends.length).toBe(1);
  expect(batch.gaps).toMatchObject([{ cause: 'spool-unwritable', count: 10n }]);
  expect(batch.bodies.length).toBe(6);
  expect(queue.length).toBe(0);
  queue.putBack(batch);
  expect(queue.length).toBe(6);
});
