import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { EnvelopeBody } from '../../../agent/events/alert.ts';
import { newEpoch } from '../../../agent/outputs/chain.ts';
import type { Spool, SpoolNotice } from '../../../agent/outputs/spool.ts';
import { decodeEnvelope } from '../../../proto/envelope.ts';
import { alertOf, Bench, bodyOf, numberOf, range, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

function read(spool: Spool) {
  return (spool.page(0, 100_000, Number.MAX_SAFE_INTEGER) ?? []).map((record) => ({
    ...record,
    envelope: decodeEnvelope(record.bytes),
  }));
}

function numbersIn(spool: Spool): number[] {
  return read(spool).flatMap(({ envelope: { body } }) => (body.type === 'alert' ? [numberOf(body.alert)] : []));
}

function gapsIn(spool: Spool) {
  return read(spool).flatMap(({ envelope: { body } }) => (body.type === 'gap' ? [body.gap] : []));
}

const heartbeat: EnvelopeBody = {
  type: 'heartbeat',
  heartbeat: { timeNs: 1n, version: '1', ruleSetDigest: '', hookPlan: 'syscall', kinds: [], produced: 0n, lost: 0n },
};

test('append resolves after the commit, and listeners hear of it between', async () => {
  const spool = bench.spool();
  const order: string[] = [];
  spool.onCommit(({ records, bodies }) => order.push(`commit ${records.length} ${bodies.length}`));
  const done = spool.append([bodyOf(1), bodyOf(2)]).then(() => order.push('resolved'));
  expect(spool.stats().records).toBe(0);
  await done;
  expect(order).toEqual(['commit 2 2', 'resolved']);
  expect(numbersIn(spool)).toEqual([1, 2]);
});

test('appends within the window share a commit; a large append is one too', async () => {
  const spool = bench.spool();
  await Promise.all([spool.append([bodyOf(1)]), spool.append([bodyOf(2)])]);
  expect(spool.stats().commits).toBe(1);
  await spool.append(range(3, 1203).map((number) => bodyOf(number)));
  expect(spool.stats()).toMatchObject({ commits: 2, records: 1202, committed: 1202, sequence: 1202 });
  expect(numbersIn(spool)).toEqual(range(1, 1203));
});

test('each envelope carries the hash of the one before, from a first without one', async () => {
  const spool = bench.spool();
  await spool.append(range(0, 5).map((number) => bodyOf(number)));
  await spool.append([heartbeat]);
  const records = read(spool);
  records.forEach(({ envelope, sequence, epoch }, index) => {
    const before = records[index - 1]?.bytes;
    const hash = before === undefined ? Buffer.alloc(0) : createHash('sha256').update(before).digest();
    expect(Buffer.from(envelope.previousHash)).toEqual(hash);
    expect([envelope.sequence, sequence, envelope.epoch, epoch]).toEqual([
      index + 1,
      index + 1,
      spool.epoch,
      spool.epoch,
    ]);
  });
});

test('what was not acknowledged is there after a restart, in its own epoch; a new epoch begins', async () => {
  const dir = bench.folder();
  const first = bench.spool({ dir });
  await first.append(range(0, 4).map((number) => bodyOf(number)));
  first.acknowledge(2);
  await first.close();
  const second = bench.spool({ dir });
  await second.append([bodyOf(4)]);
  expect(second.epoch).not.toBe(first.epoch);
  expect(read(second).map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
    [first.epoch, 3],
    [first.epoch, 4],
    [second.epoch, 1],
  ]);
  expect(numbersIn(second)).toEqual([2, 3, 4]);
});

test('epochs are made of time and chance, and grow with the clock', () => {
  expect(newEpoch(1000, Uint8Array.of(0xff, 0xff, 0xff))).toBe((1000n << 20n) | 0xfffffn);
  expect(newEpoch(1001, Uint8Array.of(0, 0, 0))).toBeGreaterThan(newEpoch(1000, Uint8Array.of(0xff, 0xff, 0xff)));
  expect(new Set(range(0, 200).map(() => newEpoch(1000))).size).toBeGreaterThan(190);
  expect(newEpoch(Date.parse('2200-01-01'))).toBeLessThan(2n ** 63n);
});

test('acknowledged records leave with the next commit, and without one soon after', async () => {
  const spool = bench.spool();
  await spool.append([bodyOf(0), bodyOf(1)]);
  spool.acknowledge(1);
  expect(spool.stats().records).toBe(2);
  await spool.append([bodyOf(2)]);
  expect(numbersIn(spool)).toEqual([1, 2]);
  spool.acknowledge(3);
  await until(() => spool.stats().records === 0, 'the spool is empty');
  expect(spool.stats().bytes).toBe(0);
});

test('without a collector nothing is kept', async () => {
  const spool = bench.spool({ keep: false });
  await spool.append([bodyOf(0)]);
  await until(() => spool.stats().records === 0, 'the spool is empty');
});

test('over its limit the spool drops what matters least and is oldest, counts it and says so in a gap', async () => {
  const notices: SpoolNotice[] = [];
  const limitBytes = 40_000;
  const spool = bench.spool({ limitBytes, onNotice: (notice) => notices.push(notice) });
  await spool.append([heartbeat]);
  await spool.append(range(0, 10).map((number) => bodyOf(number, { priority: 'Debug' })));
  await spool.append(range(10, 20).map((number) => bodyOf(number, { priority: 'Critical' })));
  for (const number of range(20, 80)) await spool.append([bodyOf(number, { priority: 'Warning' })]);
  const { bytes, dropped, records } = spool.stats();
  expect(bytes).toBeLessThanOrEqual(limitBytes);
  const numbers = numbersIn(spool);
  const warnings = numbers.filter((number) => number >= 20);
  expect(numbers).toEqual([...range(10, 20), ...warnings]);
  expect(warnings).toEqual(range(80 - warnings.length, 80));
  expect(dropped.get('heartbeat')).toBe(1);
  expect(dropped.get('Debug')).toBe(10);
  expect(dropped.get('Warning')).toBe(60 - warnings.length);
  const gaps = gapsIn(spool);
  expect(records).toBe(numbers.length + gaps.length);
  expect(gaps.reduce((sum, { count }) => sum + count, 0n)).toBe(BigInt(71 - warnings.length));
  expect(gaps[0]).toMatchObject({ stage: 'spool', cause: 'spool-limit', fromNs: 1n });
  expect(notices.filter(({ kind }) => kind === 'dropped').length).toBe(gaps.length);
});

test('records on their way are dropped for the limit only when nothing else is left', async () => {
  const spool = bench.spool({ limitBytes: 12_000 });
  await spool.append(range(0, 10).map((number) => bodyOf(number, { priority: 'Debug' })));
  spool.protect(5);
  for (const number of range(10, 30)) await spool.append([bodyOf(number, { priority: 'Emergency' })]);
  const numbers = numbersIn(spool);
  expect(numbers.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  expect(numbers[5]).toBeGreaterThan(10);
  spool.protect(spool.lastId());
  await spool.append(range(30, 60).map((number) => bodyOf(number, { priority: 'Emergency' })));
  expect(numbersIn(spool)).not.toContain(0);
  expect(spool.stats().bytes).toBeLessThanOrEqual(12_000);
});

test('a damaged file is set aside, said and told as a gap, and service goes on', async () => {
  const dir = bench.folder();
  const first = bench.spool({ dir });
  await first.append([bodyOf(0)]);
  await first.close();
  const path = join(dir, 'spool.db');
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 4096);
  writeFileSync(path, bytes);
  const notices: SpoolNotice[] = [];
  const second = bench.spool({ dir, onNotice: (notice) => notices.push(notice) });
  const [notice] = notices;
  expect(notice?.kind).toBe('damaged');
  expect(notice?.kind === 'damaged' && readFileSync(notice.setAside)).toEqual(bytes);
  await second.append([bodyOf(1)]);
  expect(numbersIn(second)).toEqual([1]);
  expect(gapsIn(second)).toMatchObject([{ stage: 'spool', cause: 'spool-damaged', count: 0n }]);
});

test('a record whose bytes are damaged is left out and told once, and those behind it are given', async () => {
  const dir = bench.folder();
  const first = bench.spool({ dir });
  await first.append(range(0, 6).map((number) => bodyOf(number)));
  await first.close();
  const database = new Database(join(dir, 'spool.db'));
  database.prepare('UPDATE record SET bytes = ? WHERE id IN (2, 3)').run(Buffer.from([0x0a, 0x7f, 1]));
  database.close();
  const second = bench.spool({ dir });
  expect(numbersIn(second)).toEqual([0, 3, 4, 5]);
  expect(second.page(1, 1, 1)?.map(({ id }) => id)).toEqual([4]);
  await second.append([bodyOf(6)]);
  expect(numbersIn(second)).toEqual([0, 3, 4, 5, 6]);
  expect(gapsIn(second)).toMatchObject([{ stage: 'spool', cause: 'spool-damaged', count: 2n }]);
});

test.each([
  ['text', Buffer.from('not a database, but long enough to be taken for one: '.repeat(50))],
  ['a file cut short', Buffer.from('SQLite format 3\0')],
])('%s in the place of the spool is set aside', async (_, bytes) => {
  const dir = bench.folder();
  writeFileSync(join(dir, 'spool.db'), bytes);
  const spool = bench.spool({ dir });
  await spool.append([bodyOf(1)]);
  expect(numbersIn(spool)).toEqual([1]);
  expect(readdirSync(dir).some((name) => name.startsWith('spool.db.damaged-'))).toBe(true);
});

test('two agents cannot share a spool', async () => {
  const dir = bench.folder();
  bench.spool({ dir });
  expect(() => bench.spool({ dir })).toThrow(
    expect.objectContaining({ code: 'E_DATA_DIR', message: expect.stringContaining('in use by another process') }),
  );
});

test('a folder that cannot be made is named', () => {
  expect(() => bench.spool({ dir: '/proc/no/such' })).toThrow(
    expect.objectContaining({ code: 'E_DATA_DIR', message: expect.stringContaining('/proc/no/such') }),
  );
  const dir = bench.folder();
  writeFileSync(join(dir, 'file'), '');
  expect(() => bench.spool({ dir: join(dir, 'file') })).toThrow(expect.objectContaining({ code: 'E_DATA_DIR' }));
});

test('closing commits what waits, and refuses what comes after', async () => {
  const dir = bench.folder();
  const spool = bench.spool({ dir, commitDelayMs: 10_000 });
  const waiting = spool.append([bodyOf(1)]);
  await spool.close();
  await waiting;
  await expect(spool.append([bodyOf(2)])).rejects.toMatchObject({ code: 'E_SPOOL_CLOSED' });
  expect(numbersIn(bench.spool({ dir }))).toEqual([1]);
  expect(existsSync(join(dir, 'spool.db'))).toBe(true);
});

test('a listener that throws harms neither the others nor the commit', async () => {
  const notices: SpoolNotice[] = [];
  const spool = bench.spool({ onNotice: (notice) => notices.push(notice) });
  let heard = 0;
  spool.onCommit(() => {
    throw new Error('broken');
  });
  const stop = spool.onCommit(() => heard++);
  await spool.append([bodyOf(1)]);
  stop();
  await spool.append([bodyOf(2)]);
  expect(heard).toBe(1);
  expect(spool.stats().committed).toBe(2);
  expect(notices.map(({ kind }) => kind)).toEqual(['listener', 'listener']);
});

test('the age of the oldest record is known', async () => {
  const spool = bench.spool();
  expect(spool.stats().oldestNs).toBeUndefined();
  await spool.append([bodyOf(5), bodyOf(6)]);
  expect(spool.stats().oldestNs).toBe(alertOf(5).timeNs);
});
