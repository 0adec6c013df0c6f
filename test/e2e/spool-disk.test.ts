import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { tellSpool } from '../../agent/notices.ts';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import type { Spool, SpoolNotice } from '../../agent/outputs/spool.ts';
import { decodeEnvelope } from '../../proto/envelope.ts';
import { liveTest } from '../kernel/support/live.ts';
import { Bench, bodyOf, numberOf, range, until } from '../unit/support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** A folder on a disk of its own. */
function smallDisk(mebibytes: number): string {
  const folder = bench.folder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'atalaya-test', folder]);
  bench.onEnd(() => execFileSync('umount', ['-l', folder]));
  return folder;
}

/** Takes all space that is left; gives what makes it free again. */
function fill(folder: string): () => void {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  for (const size of [1 << 16, 1 << 12]) {
    const block = Buffer.alloc(size, 1);
    try {
      while (writeSync(file, block) === size);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
  closeSync(file);
  return () => rmSync(path);
}

function numbersIn(spool: Spool): number[] {
  return (spool.page(0, 100_000, Number.MAX_SAFE_INTEGER) ?? []).flatMap(({ bytes }) => {
    const { body } = decodeEnvelope(bytes);
    return body.type === 'alert' ? [numberOf(body.alert)] : [];
  });
}

const bodies = (from: number, to: number) => range(from, to).map((number) => bodyOf(number));

liveTest('on a full disk alerts wait in memory, said once, and are raised in order when there is room', async () => {
  const dir = smallDisk(4);
  const notices: SpoolNotice[] = [];
  const spool = bench.spool({ dir, onNotice: (notice) => notices.push(notice) });
  await spool.append(bodies(0, 10));
  const free = fill(dir);
  const shown: number[] = [];
  spool.onCommit(({ records }) => shown.push(records.length));
  const waiting = [spool.append(bodies(10, 1000)), spool.append(bodies(1000, 1100))];
  await until(() => spool.stats().failing, 'the spool fails');
  waiting.push(spool.append(bodies(1100, 1110)));
  await until(() => spool.stats().failing && notices.length > 0, 'it is said');
  expect(notices.map(({ kind }) => kind)).toEqual(['failing']);
  expect(shown).toEqual([]);
  expect(numbersIn(spool)).toEqual(range(0, 10));
  free();
  await Promise.all(waiting);
  expect(notices.map(({ kind }) => kind)).toEqual(['failing', 'recovered']);
  expect(numbersIn(spool)).toEqual(range(0, 1110));
});

liveTest('what a full disk and a full memory cannot take is counted, and a gap tells of it', async () => {
  const dir = smallDisk(4);
  const spool = bench.spool({ dir, memoryRecords: 100 });
  const free = fill(dir);
  const appends = range(0, 30).map((part) => spool.append(bodies(part * 20, part * 20 + 20)));
  const settled = Promise.allSettled(appends);
  await until(() => spool.stats().dropped.size > 0, 'something is given up');
  free();
  const outcomes = await settled;
  const lost = outcomes.filter(({ status }) => status === 'rejected').length * 20;
  expect(lost).toBe(500);
  expect(spool.stats().dropped.get('Warning')).toBe(lost);
  expect(numbersIn(spool)).toEqual(range(lost, 600));
  const [gap] = (spool.page(0, 100_000, Number.MAX_SAFE_INTEGER) ?? [])
    .map(({ bytes }) => decodeEnvelope(bytes).body)
    .filter(({ type }) => type === 'gap');
  expect(gap).toMatchObject({ gap: { stage: 'spool', cause: 'spool-unwritable', count: BigInt(lost) } });
});

liveTest('a spool that ends on a full disk says how many alerts were never raised', async () => {
  const dir = smallDisk(4);
  const notices: SpoolNotice[] = [];
  const spool = bench.spool({ dir, memoryRecords: 100, onNotice: (notice) => notices.push(notice) });
  await spool.append(bodies(0, 10));
  fill(dir);
  const appends = range(0, 15).map((part) => spool.append(bodies(10 + part * 20, 30 + part * 20)));
  const settled = Promise.allSettled(appends);
  await until(() => spool.stats().failing, 'the spool fails');
  await spool.close();
  const outcomes = await settled;
  const rejected = outcomes.filter(({ status }) => status === 'rejected').length * 20;
  const last = notices.at(-1);
  expect(last).toEqual({ kind: 'unraised', alerts: 100, shed: rejected - 100 });
  const lines: unknown[] = [];
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) });
  if (last !== undefined) tellSpool(log, last);
  expect(lines).toMatchObject([{ level: 50, alerts: 100, shed: rejected - 100 }]);
});

liveTest('a spool that begins on a full disk begins again where it ended', async () => {
  const dir = smallDisk(4);
  const first = bench.spool({ dir });
  await first.append(bodies(0, 300));
  await first.close();
  const free = fill(dir);
  const notices: SpoolNotice[] = [];
  const second = bench.spool({ dir, onNotice: (notice) => notices.push(notice) });
  expect(numbersIn(second)).toEqual(range(0, 300));
  const waiting = second.append(bodies(300, 900));
  await until(() => second.stats().failing, 'the spool fails');
  free();
  await waiting;
  expect(numbersIn(second)).toEqual(range(0, 900));
  expect(notices.map(({ kind }) => kind)).toEqual(['failing', 'recovered']);
});

test('alerts of an agent whose spool was put back to an older copy are all stored, and none twice', async () => {
  const collector = await bench.collector();
  const listener = bench.listen({ address: collector.address, sinceNs: 0n });
  const [dir, copy] = [bench.folder(), bench.folder()];
  const identity = { address: collector.address, agentId: 'node-1', hostname: 'host-1', version: 'test' };
  const session = async (from: number, to: number): Promise<void> => {
    const spool = bench.spool({ dir });
    const forwarder = createForwarder({ spool, ...identity });
    await spool.append(bodies(from, to));
    await forwarder.stop(10_000);
    await spool.close();
  };
  const before = bench.spool({ dir });
  await before.append(bodies(0, 50));
  await before.close();
  cpSync(dir, copy, { recursive: true });
  await session(50, 150);
  await until(() => listener.alerts.length === 150, 'the first come');
  rmSync(dir, { recursive: true });
  cpSync(copy, dir, { recursive: true });
  await session(150, 250);
  await until(() => listener.alerts.length >= 250, 'those after it come');
  expect(listener.numbers).toEqual(range(0, 250));
});

test('a spool that turns out to be damaged at work is set aside, and service goes on', async () => {
  const dir = bench.folder();
  const notices: SpoolNotice[] = [];
  const spool = bench.spool({ dir, onNotice: (notice) => notices.push(notice) });
  // More than SQLite keeps in memory.
  for (const part of range(0, 30)) await spool.append(bodies(part * 1000, part * 1000 + 1000));
  const path = join(dir, 'spool.db');
  const { size } = statSync(path);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(size - 8192, 0x5a), 0, size - 8192, 8192);
  closeSync(file);
  expect(spool.page(0, 30_000, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  expect(notices.map(({ kind }) => kind)).toEqual(['damaged']);
  await spool.append(bodies(30_000, 30_010));
  expect(numbersIn(spool)).toEqual(range(30_000, 30_010));
  const gaps = (spool.page(0, 100, Number.MAX_SAFE_INTEGER) ?? []).map(({ bytes }) => decodeEnvelope(bytes).body);
  expect(gaps.at(-1)).toMatchObject({ gap: { stage: 'spool', cause: 'spool-damaged', count: 30_000n } });
  expect(readdirSync(dir).filter((name) => /^spool\.db\.damaged-[^.]+\.\d+Z$/.test(name)).length).toBe(1);
});
