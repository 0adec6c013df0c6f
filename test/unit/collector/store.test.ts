import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Columns } from '../../../collector/store/record.ts';
import { openStore, type Store } from '../../../collector/store/store.ts';
import { formatCursor, parseCursor } from '../../../collector/subscribe/cursor.ts';
import { encodeEnvelope } from '../../../proto/envelope.ts';
import { decodeHead } from '../../../proto/head.ts';
import { alertOf, Bench, bodyOf, numberOf, range } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

function open(path = join(bench.folder(), 'c.db')): Store {
  const { store } = openStore(path);
  bench.onEnd(() => store.close());
  return store;
}

function columnsOf(number: number, storedNs = BigInt(number)): Columns {
  const position = {
    agentId: 'node-1',
    bootId: 'b',
    epoch: 2n ** 64n - 1n,
    sequence: number + 1,
    previousHash: Buffer.alloc(0),
  };
  const body = encodeEnvelope(position, bodyOf(number));
  return { ...decodeHead(body), storedNs, body };
}

const NO_POSITIONS: [] = [];

test('gives back what it took, body and columns, after a restart too', () => {
  const path = join(bench.folder(), 'c.db');
  const first = open(path);
  const columns = columnsOf(5, 2n ** 62n);
  const [stored] = first.append(
    [columns],
    [{ agentId: 'a', epoch: 2n ** 64n - 1n, sequence: 3, hash: Buffer.from('h') }],
  );
  expect(stored?.id).toBe(1);
  const { name } = first;
  first.close();
  const second = open(path);
  const [read] = second.after(0, 10);
  const { previousHash: _, bootId: __, ...kept } = columns as Columns & { previousHash: unknown; bootId: unknown };
  expect(read?.columns).toEqual({ ...kept, body: Buffer.from(columns.body) });
  expect(read?.alert()).toEqual(alertOf(5));
  expect(second.position('a', 2n ** 64n - 1n)).toEqual({ sequence: 3, hash: Buffer.from('h') });
  expect(second.position('a', 1n)).toBeUndefined();
  expect([second.head(), second.count(), second.name]).toEqual([1, 1, name]);
});

test('a transaction is whole or not at all', () => {
  const store = open();
  const bad = { ...columnsOf(2), body: undefined as unknown as Uint8Array };
  expect(() => store.append([columnsOf(1), bad], NO_POSITIONS)).toThrow();
  expect([store.head(), store.count()]).toEqual([0, 0]);
  store.append([columnsOf(1)], NO_POSITIONS);
  expect(store.head()).toBe(1);
});

test('finds where a time of storing begins', () => {
  const store = open();
  expect(store.lastBefore(5n)).toBe(0);
  store.append(
    [10n, 20n, 20n, 20n, 30n].map((storedNs, index) => columnsOf(index, storedNs)),
    NO_POSITIONS,
  );
  expect([0n, 10n, 11n, 20n, 21n, 30n, 31n].map((time) => store.lastBefore(time))).toEqual([0, 0, 1, 1, 4, 4, 5]);
});

test('the newest by event time come first, page by page, each once', () => {
  const store = open();
  // Two alerts share each event time.
  store.append(
    [3, 1, 2, 0].flatMap((number) => [columnsOf(number), columnsOf(number)]),
    NO_POSITIONS,
  );
  const seen: number[] = [];
  let place = { timeNs: 2n ** 63n - 1n, id: 0 };
  for (;;) {
    const page = store.newest(alertOf(1).timeNs, place, 3);
    for (const record of page) {
      seen.push(record.id);
      place = { timeNs: record.columns.timeNs, id: record.id };
    }
    if (page.length < 3) break;
  }
  expect(seen).toEqual([2, 1, 6, 5, 4, 3]);
});

test('a body that cannot be read is known as such, and is no alert', () => {
  const store = open();
  const columns = columnsOf(1);
  store.append([{ ...columns, body: Buffer.from([0x52, 0x7f, 1]) }, columns], NO_POSITIONS);
  const [bad, good] = store.after(0, 10);
  expect([bad?.isReadable(), bad?.alert(), good?.isReadable()]).toEqual([false, undefined, true]);
  expect(good?.alert() && numberOf(good.alert() ?? alertOf(0))).toBe(1);
});

test('a damaged database is set aside', () => {
  const folder = bench.folder();
  writeFileSync(join(folder, 'c.db'), 'no database at all, '.repeat(500));
  const { store, setAside } = openStore(join(folder, 'c.db'));
  bench.onEnd(() => store.close());
  expect(setAside).toContain('c.db.damaged-');
  expect(readdirSync(folder)).toContain('c.db');
  expect(store.count()).toBe(0);
});

test('cursors of this database are read, others refused', () => {
  for (const id of [0, 1, ...range(35, 38), 2 ** 50])
    expect(parseCursor('0123456789ab', formatCursor('0123456789ab', id))).toBe(id);
  expect(() => parseCursor('0123456789ab', formatCursor('ba9876543210', 5))).toThrow(
    expect.objectContaining({ code: 'E_CURSOR', message: expect.stringContaining('another database') }),
  );
  for (const text of ['', '5', '0123456789ab-', '0123456789ab--1', '0123456789ab-1 ', "0123456789ab-1'"]) {
    expect(() => parseCursor('0123456789ab', text)).toThrow(expect.objectContaining({ code: 'E_CURSOR' }));
  }
});
