import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { PRIORITIES } from '../../../agent/events/alert.ts';
import type { Wanted } from '../../../collector/store/question.ts';
import type { StoredRecord } from '../../../collector/store/record.ts';
import { openStore, type StoreNotice, type StoreOptions } from '../../../collector/store/store.ts';
import { Bench, range } from '../support/delivery.ts';
import { columnsOf, DAY_1_NS, DAY_NS } from './support/records.ts';

const bench = new Bench();
afterEach(() => bench.end());

function open(options: StoreOptions = {}, folder = bench.folder()) {
  const notices: StoreNotice[] = [];
  const { store } = openStore(join(folder, 'c.db'), { onNotice: (notice) => notices.push(notice), ...options });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= store.close();
    return closed;
  };
  bench.onEnd(close);
  return { store, notices, folder, close };
}

const files = (folder: string) => readdirSync(join(folder, 'c-records')).filter((name) => name.endsWith('.db'));
const ids = (records: readonly StoredRecord[]) => records.map(({ id }) => id);

test('each day has a file of its own, and reading goes through them as through one', () => {
  const { store, folder } = open();
  for (const day of range(0, 4)) {
    store.append(
      range(0, 3).map((number) => columnsOf(day * 3 + number, DAY_1_NS + BigInt(day) * DAY_NS)),
      [{ agentId: 'node-1', epoch: 1n, sequence: day * 3 + 3, hash: Buffer.from([day]) }],
    );
  }
  expect(files(folder)).toEqual(['2026-03-01.db', '2026-03-02.db', '2026-03-03.db', '2026-03-04.db']);
  expect(ids(store.after(2, 5))).toEqual([3, 4, 5, 6, 7]);
  expect([store.head(), store.tail(), store.count()]).toEqual([12, 0, 12]);
  expect([-1n, 0n, 1n, DAY_NS, 3n * DAY_NS + 1n].map((since) => store.lastBefore(DAY_1_NS + since))).toEqual([
    0, 0, 3, 3, 12,
  ]);
  expect(store.position('node-1', 1n)).toEqual({ sequence: 12, hash: Buffer.from([3]) });
});

test('a new day knows how far agents had come', () => {
  const { store } = open();
  store.append([columnsOf(0, DAY_1_NS)], [{ agentId: 'quiet', epoch: 9n, sequence: 1, hash: Buffer.from('q') }]);
  store.append([columnsOf(1, DAY_1_NS + DAY_NS)], []);
  expect(store.position('quiet', 9n)).toEqual({ sequence: 1, hash: Buffer.from('q') });
});

test('whole days go when they are too old, the newest never', () => {
  const { store, notices, folder } = open({ retention: { days: 2, bytes: 10 ** 12 } });
  for (const day of range(0, 5)) store.append([columnsOf(day, DAY_1_NS + BigInt(day) * DAY_NS)], []);
  store.retain(DAY_1_NS + 4n * DAY_NS);
  expect(files(folder)).toEqual(['2026-03-03.db', '2026-03-04.db', '2026-03-05.db']);
  expect([store.tail(), store.head(), store.count()]).toEqual([2, 5, 3]);
  expect(ids(store.after(0, 10))).toEqual([3, 4, 5]);
  store.retain(DAY_1_NS + 400n * DAY_NS);
  expect(files(folder)).toEqual(['2026-03-05.db']);
  expect(notices.map((notice) => notice.kind === 'dropped' && notice.name)).toEqual([
    '2026-03-01.db',
    '2026-03-02.db',
    '2026-03-03.db',
    '2026-03-04.db',
  ]);
});

test('above the limit of size the oldest go, unless they are held back', () => {
  const { store, folder } = open({ retention: { days: 90, bytes: 1 } });
  for (const day of range(0, 3)) store.append([columnsOf(day, DAY_1_NS + BigInt(day) * DAY_NS)], []);
  store.retain(DAY_1_NS, ({ name }) => name < '2026-03-02');
  expect(files(folder)).toEqual(['2026-03-02.db', '2026-03-03.db']);
  store.retain(DAY_1_NS);
  expect(files(folder)).toEqual(['2026-03-03.db']);
});

test('a day that was set aside is missing, told, and nothing else is harmed', async () => {
  const first = open();
  for (const day of range(0, 3)) first.store.append([columnsOf(day, DAY_1_NS + BigInt(day) * DAY_NS)], []);
  const { name } = first.store;
  await first.close();
  writeFileSync(join(first.folder, 'c-records', '2026-03-02.db'), 'nonsense '.repeat(2000));
  const { store, notices } = open({}, first.folder);
  expect(ids(store.after(0, 10))).toEqual([1, 3]);
  expect(notices).toEqual([{ kind: 'damaged', setAside: expect.stringContaining('2026-03-02.db.damaged-') }]);
  expect([store.name, store.head()]).toEqual([name, 3]);
});

test('no id is given twice, also when the newest file is lost', async () => {
  const first = open();
  first.store.append([columnsOf(0, DAY_1_NS), columnsOf(1, DAY_1_NS)], []);
  await first.close();
  writeFileSync(join(first.folder, 'c-records', '2026-03-01.db'), 'nonsense '.repeat(2000));
  const second = open({}, first.folder);
  const [stored] = second.store.append([columnsOf(2, DAY_1_NS)], []);
  expect(stored?.id).toBeGreaterThan(2);
  await second.close();
  const third = open({}, first.folder);
  expect(third.store.head()).toBe(stored?.id);
  expect(third.store.append([columnsOf(3, DAY_1_NS)], [])[0]?.id).toBe((stored?.id ?? 0) + 1);
});

test('a file that is damaged while it is in use is set aside, and storing goes on in a new one', async () => {
  const first = open();
  first.store.append(
    range(0, 500).map((number) => columnsOf(number, DAY_1_NS)),
    [],
  );
  await first.close();
  const path = join(first.folder, 'c-records', '2026-03-01.db');
  const bytes = readFileSync(path);
  // The pages of the table and its indices, not the header: the damage shows when they are read.
  bytes.fill(0xff, 3 * 4096, bytes.length - 4096);
  writeFileSync(path, bytes);
  const { store, notices, folder } = open({}, first.folder);
  const stored = store.append(
    range(0, 200).map((number) => columnsOf(number, DAY_1_NS)),
    [],
  );
  store.after(0, 1000);
  expect(notices.map(({ kind }) => kind)).toEqual(['damaged']);
  expect(store.after(stored[0]?.id ?? 0, 1000).length).toBeLessThanOrEqual(200);
  expect(store.append([columnsOf(0, DAY_1_NS)], [])[0]?.id).toBe(store.head());
  expect(readdirSync(join(folder, 'c-records')).some((name) => name.includes('.damaged-'))).toBe(true);
});

test('a catalogue that was lost takes the name from the partitions, so that cursors still hold', async () => {
  const first = open();
  first.store.append([columnsOf(0, DAY_1_NS)], []);
  await first.close();
  writeFileSync(join(first.folder, 'c.db'), 'nonsense '.repeat(2000));
  const { store } = open({}, first.folder);
  expect([store.name, store.head()]).toEqual([first.store.name, 1]);
});

/** As format 1 had it. */
function makeOldDatabase(folder: string, count: number): void {
  const database = new BetterSqlite(join(folder, 'c.db'));
  database.exec(`
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE position (agent TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
      PRIMARY KEY (agent, epoch)) STRICT, WITHOUT ROWID;
    CREATE TABLE record (id INTEGER PRIMARY KEY, stored_ns INTEGER NOT NULL, agent TEXT NOT NULL, epoch INTEGER NOT NULL,
      sequence INTEGER NOT NULL, kind INTEGER NOT NULL, time_ns INTEGER NOT NULL, priority INTEGER NOT NULL,
      rule TEXT NOT NULL, source TEXT NOT NULL, host TEXT NOT NULL, uuid TEXT NOT NULL, tags TEXT NOT NULL,
      body BLOB NOT NULL) STRICT;
    INSERT INTO meta VALUES ('name', '0123456789ab');
    PRAGMA user_version = 1;`);
  const insert = database.prepare(`INSERT INTO record VALUES (${'?, '.repeat(13)}?)`);
  database.transaction(() => {
    for (const number of range(0, count)) {
      const c = columnsOf(number, DAY_1_NS + BigInt(number) * (DAY_NS / 1000n), { namespace: 'shop' });
      const { storedNs, agentId, epoch, sequence, kind, timeNs, priority, rule, source, hostname, uuid, tags, body } =
        c;
      insert.run(
        ...[number + 1, storedNs, agentId, epoch, sequence, kind, timeNs, priority, rule, source, hostname, uuid],
        ...[JSON.stringify(tags), body],
      );
    }
  })();
  database.prepare('INSERT INTO position VALUES (?, ?, ?, ?)').run('node-1', 1n, count, Buffer.from('h'));
  database.close();
}

test('a database of the format before is taken over whole: ids, days, name, positions', () => {
  const folder = bench.folder();
  makeOldDatabase(folder, 2500);
  const { store, notices } = open({}, folder);
  expect(notices).toEqual([{ kind: 'upgrading', path: join(folder, 'c.db') }]);
  expect([store.name, store.head(), store.count()]).toEqual(['0123456789ab', 2500, 2500]);
  expect(files(folder)).toEqual(['2026-03-01.db', '2026-03-02.db', '2026-03-03.db']);
  expect(ids(store.after(0, 5000))).toEqual(range(1, 2501));
  expect(store.position('node-1', 1n)).toEqual({ sequence: 2500, hash: Buffer.from('h') });
  expect(store.newest(0n, { timeNs: 2n ** 62n, id: 0 }, 5, { namespaces: ['shop'] }).map(({ id }) => id)).toEqual([
    2500, 2499, 2498, 2497, 2496,
  ]);
});

test('an upgrade that was interrupted goes on where it was, and counts nothing twice', async () => {
  const folder = bench.folder();
  makeOldDatabase(folder, 2500);
  const old = readFileSync(join(folder, 'c.db'));
  const first = open({}, folder);
  const cells = first.store.cells({ fromMinute: 0, toMinute: 10 ** 9, bucketMinutes: 10 ** 9 - (10 ** 9 % 60) });
  await first.close();
  // As if power had gone before the old table was dropped.
  writeFileSync(join(folder, 'c.db'), old);
  const { store } = open({}, folder);
  expect(store.count()).toBe(2500);
  expect(store.cells({ fromMinute: 0, toMinute: 10 ** 9, bucketMinutes: 10 ** 9 - (10 ** 9 % 60) })).toEqual(cells);
  expect(cells.map(({ count }) => count)).toEqual([2500]);
});

test('what was stored a moment ago and what is read from the disk are one sequence', () => {
  const { store } = open();
  // More than is kept at hand.
  const columns = columnsOf(0, DAY_1_NS);
  for (const _ of range(0, 18))
    store.append(
      range(0, 500).map(() => columns),
      [],
    );
  for (const [after, limit] of [
    [0, 10],
    [950, 100],
    [995, 2000],
    [1001, 5],
    [8990, 100],
    [9000, 10],
  ] as const) {
    expect(ids(store.after(after, limit))).toEqual(range(after + 1, Math.min(after + limit, 9000) + 1));
  }
});

const arbitraryAlert = fc.record({
  day: fc.integer({ min: 0, max: 3 }),
  minute: fc.integer({ min: 0, max: 500 }),
  namespace: fc.constantFrom('', 'a', 'b'),
  rule: fc.constantFrom('R1', 'R2', 'R3'),
  priority: fc.constantFrom(...PRIORITIES),
  agent: fc.constantFrom('n1', 'n2'),
});
type Kept = typeof arbitraryAlert extends fc.Arbitrary<infer T> ? T : never;

const arbitraryWanted: fc.Arbitrary<Wanted> = fc.record(
  {
    namespaces: fc.subarray(['', 'a', 'b'], { minLength: 1 }),
    rules: fc.subarray(['R1', 'R2'], { minLength: 1 }),
    nodes: fc.subarray(['n1', 'host-of-n2'], { minLength: 1 }),
    priority: fc.integer({ min: 1, max: 8 }),
  },
  { requiredKeys: [] },
);

function fill(alerts: readonly Kept[]) {
  const { store, close } = open();
  const sorted = [...alerts].sort((a, b) => a.day - b.day);
  const stored = sorted.flatMap((alert, number) => {
    const { namespace, rule, priority, agent, day, minute } = alert;
    const timeNs = DAY_1_NS + BigInt(minute) * 60_000_000_000n;
    const change = { namespace, rule, priority, timeNs, hostname: `host-of-${agent}` };
    return store.append([columnsOf(number, DAY_1_NS + BigInt(day) * DAY_NS, change, agent)], []);
  });
  return { store, stored, close };
}

/** Which of the conditions the chosen index and the comparisons beside it must have kept. */
function mayBeThere({ columns }: StoredRecord, { namespaces, rules, nodes, priority }: Wanted): boolean {
  if (namespaces && !namespaces.includes(columns.namespace)) return false;
  if (rules && !rules.includes(columns.rule)) return false;
  if (!namespaces && !rules && nodes && ![columns.agentId, columns.hostname].some((name) => nodes.includes(name)))
    return false;
  return priority === undefined || columns.priority <= priority;
}

test('whatever is wanted, the newest come in order, page by page, each once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryAlert, { maxLength: 60 }),
      arbitraryWanted,
      fc.integer({ min: 1, max: 7 }),
      async (alerts, wanted, limit) => {
        const { store, stored, close } = fill(alerts);
        const seen: number[] = [];
        for (let place = { timeNs: 2n ** 62n, id: 0 }; ; ) {
          const page = store.newest(0n, place, limit, wanted);
          seen.push(...ids(page));
          const last = page.at(-1);
          if (last === undefined || page.length < limit) break;
          place = { timeNs: last.columns.timeNs, id: last.id };
        }
        await close();
        const expected = stored
          .filter((record) => mayBeThere(record, wanted))
          .sort((a, b) => Number(b.columns.timeNs - a.columns.timeNs) || b.id - a.id);
        expect(seen).toEqual(ids(expected));
      },
    ),
    { numRuns: 25 },
  );
});

test('counts are those of the alerts: by every dimension, of those that are wanted, in any range', async () => {
  const of = {
    namespace: ({ columns }: StoredRecord) => columns.namespace,
    rule: ({ columns }: StoredRecord) => columns.rule,
    agent: ({ columns }: StoredRecord) => columns.agentId,
    priority: ({ columns }: StoredRecord) => String(columns.priority),
    none: () => '',
  };
  const first = Number(DAY_1_NS / 60_000_000_000n);
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryAlert, { maxLength: 50 }),
      fc.constantFrom('namespace' as const, 'rule' as const, 'agent' as const, 'priority' as const, 'none' as const),
      fc.constantFrom(0, 1, 7, 20, 60, 180),
      arbitraryWanted.map(({ nodes: _, ...wanted }) => wanted),
      fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 300 })),
      async (alerts, by, bucketMinutes, wanted, [offset, length]) => {
        const { store, stored, close } = fill(alerts);
        const whole = (minute: number) =>
          bucketMinutes === 0 ? minute : Math.floor(minute / bucketMinutes) * bucketMinutes;
        const [fromMinute, toMinute] = [whole(first + offset), whole(first + offset + length)];
        const dimension = by === 'none' ? {} : { by };
        const cells = store.cells({ fromMinute, toMinute, bucketMinutes, ...dimension, ...wanted });
        await close();
        const expected = new Map<string, number>();
        for (const record of stored) {
          const minute = Number(record.columns.timeNs / 60_000_000_000n);
          if (minute < fromMinute || minute >= toMinute || !mayBeThere(record, wanted)) continue;
          const at = `${bucketMinutes === 0 ? fromMinute : whole(minute)} ${of[by](record)}`;
          expected.set(at, (expected.get(at) ?? 0) + 1);
        }
        expect(Object.fromEntries(cells.map(({ bucket, key, count }) => [`${bucket} ${key}`, count]))).toEqual(
          Object.fromEntries(expected),
        );
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);
