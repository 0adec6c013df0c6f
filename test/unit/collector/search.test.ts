import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { toMatch } from '../../../collector/store/search-text.ts';
import { openStore, type Store } from '../../../collector/store/store.ts';
import { Bench, range, until } from '../support/delivery.ts';
import { columnsOf, DAY_1_NS, DAY_NS } from './support/records.ts';

const bench = new Bench();
afterEach(() => bench.end());

const OUTPUTS = [
  'Sensitive file opened (file=/etc/shadow user=root)',
  'Shell in a container (user=Älter cmd="bash -i")',
  'Outbound connection to 10.0.0.5:443 (cmd=curl)',
  'NEAR("a b") OR output : x * ^ -',
];

function open(folder?: string, owner = bench): { store: Store; folder: string; close: () => Promise<void> } {
  const place = folder ?? owner.folder();
  const { store } = openStore(join(place, 'c.db'));
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= store.close();
    return closed;
  };
  owner.onEnd(close);
  return { store, folder: place, close };
}

/** Two days with all outputs each. */
async function filled(owner = bench) {
  const opened = open(undefined, owner);
  for (const day of [0, 1]) {
    opened.store.append(
      OUTPUTS.map((output, number) =>
        columnsOf(day * OUTPUTS.length + number, DAY_1_NS + BigInt(day) * DAY_NS, {
          output: `10:00:00.123456789: Warning ${output}`,
        }),
      ),
      [],
    );
  }
  await indexed(opened.store);
  return opened;
}

/** The newest day is indexed, and the one before, which was named first, too. */
function indexed(store: Store): Promise<void> {
  const all = () => store.search(toMatch('"cmd"'), 10 ** 9, 100).records.length === 4;
  return until(() => store.unindexed() === 0 && all(), 'all is in the index');
}

function found(store: Store, text: string): number[] {
  return store.search(toMatch(text), 10 ** 9, 100).records.map(({ id }) => id);
}

const shared = new Bench();
let common: Store;
beforeAll(async () => {
  common = (await filled(shared)).store;
});
afterAll(() => shared.end());

test.each([
  ['shadow', [5, 1]],
  ['/etc/shadow', [5, 1]],
  ['SHELL container', [6, 2]],
  ['container shell', [6, 2]],
  ['"container shell"', []],
  ['"in a container"', [6, 2]],
  ['älter', [6, 2]],
  ['cmd=curl', [7, 3]],
  ['10.0.0.5', [7, 3]],
  ['conn*', [7, 3]],
  ['conn', []],
  ['NEAR("a b")', [8, 4]],
  ['output : x', [8, 4]],
  ['shell* OR', []],
  // Time and priority are no words of an alert.
  ['Warning', []],
  ['123456789', []],
])('searching for %s finds %j', (text, ids) => {
  expect(found(common, text)).toEqual(ids);
});

test.each(['', '  ', '* - ()', '""'])('a text without words is refused: %j', (text) => {
  expect(() => toMatch(text)).toThrow(expect.objectContaining({ code: 'E_FILTER' }));
});

test('pages go on where the one before ended', async () => {
  const { store } = await filled();
  const first = store.search(toMatch('cmd'), 10 ** 9, 3);
  expect([first.records.map(({ id }) => id), first.beforeId]).toEqual([[7, 6, 3], 3]);
  expect(store.search(toMatch('cmd'), 3, 3)).toMatchObject({ beforeId: undefined, records: [{ id: 2 }] });
});

test('an alert is found by its uuid, in the index or not yet', async () => {
  const { store } = await filled();
  const uuid = (number: number) => `00000000-0000-8000-8000-${number.toString(16).padStart(12, '0')}`;
  expect([store.find(uuid(0))?.id, store.find(uuid(6))?.id]).toEqual([1, 7]);
  const [late] = store.append([columnsOf(999, DAY_1_NS + DAY_NS)], []);
  expect(store.find(uuid(999))?.id).toBe(late?.id);
  expect(store.find(uuid(12345))).toBeUndefined();
});

test('an index that was lost is made again after a restart', async () => {
  const { folder, close } = await filled();
  await close();
  rmSync(join(folder, 'c-records', '2026-03-01.index'));
  const { store } = open(folder);
  await indexed(store);
  expect(found(store, 'shadow')).toEqual([5, 1]);
});

test('an index that is damaged is made again when that shows', async () => {
  const { folder, close } = await filled();
  await close();
  for (const suffix of ['-wal', '-shm'])
    rmSync(join(folder, 'c-records', `2026-03-02.index${suffix}`), { force: true });
  writeFileSync(join(folder, 'c-records', '2026-03-02.index'), 'nonsense '.repeat(2000));
  const { store } = open(folder);
  await indexed(store);
  expect(found(store, 'shadow')).toEqual([5, 1]);
});

test('many records are indexed in slices, in the order of storing', async () => {
  const { store } = open();
  store.append(
    range(0, 1700).map((number) => columnsOf(number, DAY_1_NS, { output: `word${number % 10} all` })),
    [],
  );
  expect(store.unindexed()).toBe(1700);
  await until(() => store.unindexed() === 0, 'all is in the index');
  expect(found(store, 'word3').length).toBe(100);
  expect(store.search(toMatch('word3'), 10 ** 9, 200).records.length).toBe(170);
});
