import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { eventHeader, eventKind } from '../../agent/decode/layout.gen.ts';
import type { CollectedKind } from '../../agent/events/kinds.ts';
import { decodeDevice } from '../../agent/lib/device.ts';
import type { CountedRow, Named } from '../../native/index.ts';
import { type Cgroup, makeCgroup } from './support/cgroup.ts';
import { decodeRecord } from './support/decoded.ts';
import { liveTest } from './support/live.ts';
import { attack, makeNoise, prepareAttack, startNoise } from './support/noise.ts';
import { planFor, type RunningSensor, startSensor } from './support/sensor.ts';
import { openWorkshop, type Workshop } from './support/workshop.ts';

const RARE = 0;
/** Nobody's here. */
const UID_FIRST = 20_000;
const COLLECTED = ['open', 'setuid', 'ptrace', 'fork', 'exec', 'exit'] as const;
/** Small, so that a short storm is far above them whatever else the machine does. */
const BUDGETS = { rare: 20, lifecycle: 200, bulk: 200 };
/** Half a second's, and a second for a storm on a busy machine. */
const STORM = 20_000;

let workshop: Workshop;
let noise: string;
const ends: (() => void)[] = [];

beforeAll(() => {
  workshop = openWorkshop();
  noise = workshop.noise();
  // Other users run what is in it.
  chmodSync(workshop.dir, 0o755);
});
afterAll(() => workshop?.remove());
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

interface Run {
  readonly running: RunningSensor;
  readonly storm: Cgroup;
  readonly other: Cgroup;
  readonly folder: string;
  /** Records of a cgroup of one kind. */
  records(cgroup: Cgroup, kind: CollectedKind): Buffer[];
  /** Ends the sensor; the rows of what was counted all along. */
  stop(): Promise<readonly CountedRow[]>;
}

function start(options: { named?: (folder: string) => Named } = {}): Run {
  const folder = mkdtempSync(join(workshop.dir, 'run-'));
  const named = options.named?.(folder);
  const running = startSensor({ plan: planFor(COLLECTED), budgets: BUDGETS });
  ends.push(() => running.sensor.close());
  if (named !== undefined) running.sensor.setNamed(named);
  const [storm, other] = [0, 1].map(() => makeCgroup(running.sensor.cgroupHierarchy)) as [Cgroup, Cgroup];
  ends.push(storm.remove, other.remove);
  return {
    running,
    storm,
    other,
    folder,
    records: (cgroup, kind) =>
      running.records.filter(
        (record) =>
          record.readUInt16LE(eventHeader.kind) === eventKind[kind] &&
          record.readBigUInt64LE(eventHeader.cgroupId) === cgroup.id,
      ),
    stop: async () => {
      await running.sensor.stop();
      const rows = running.sensor.takeCounted();
      return rows;
    },
  };
}

function fileId(path: string): { dev: number; inode: bigint } {
  const { dev, ino } = statSync(path, { bigint: true });
  return { dev: decodeDevice(Number(dev)), inode: ino };
}

function makeFile(folder: string, name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  return path;
}

const sum = (rows: readonly CountedRow[]): bigint => rows.reduce((total, { count }) => total + count, 0n);

liveTest('above its budget a cgroup is counted, and no event is missing from the sum', async () => {
  const { running, storm, folder, records, stop } = start();
  const file = makeFile(folder, 'opened');
  await makeNoise(noise, storm.procs, 'opens', STORM, [file]);
  const rows = await stop();
  const { produced, received, lost, counted, unlisted } = running.sensor.stats();
  expect(produced).toBe(received + lost + counted);
  expect(counted - unlisted).toBe(sum(rows));
  expect({ lost, unlisted }).toEqual({ lost: 0n, unlisted: 0n });
  const own = rows.filter(
    ({ cgroupId, kind, object }) => cgroupId === storm.id && kind === eventKind.open && object === fileId(file).inode,
  );
  const sent = records(storm, 'open').filter((record) => decodeRecord(record).name?.raw === file);
  // Each open of it is a record or in a row.
  expect(BigInt(sent.length) + sum(own)).toBe(BigInt(STORM));
  expect(sent.length).toBeGreaterThanOrEqual(BUDGETS.bulk / 2);
});

liveTest('a row says what was counted: kind, program, file, flags, result and when', async () => {
  const { storm, folder, stop } = start();
  const file = makeFile(folder, 'opened');
  await makeNoise(noise, storm.procs, 'opens', STORM, [file]);
  await makeNoise(noise, storm.procs, 'ptrace', STORM);
  const rows = (await stop()).filter(({ cgroupId }) => cgroupId === storm.id);
  const exe = fileId(noise);
  const object = fileId(file);
  const [open] = rows.filter(({ kind, object }) => kind === eventKind.open && object === fileId(file).inode);
  expect(open).toMatchObject({
    lane: 2,
    isCoarse: false,
    exeDev: exe.dev,
    exeInode: exe.inode,
    objectDev: object.dev,
    object: object.inode,
    class: 0,
  });
  expect((open?.lastNs ?? 0n) >= (open?.firstNs ?? 0n)).toBe(true);
  const ESRCH = 3;
  const [ptrace] = rows.filter(({ kind }) => kind === eventKind.ptrace);
  expect(ptrace).toMatchObject({ lane: 2, exeInode: exe.inode, object: 1n << 30n, class: ESRCH });
});

liveTest('a cgroup has no more than its share of the rows; the rest is counted by kind', async () => {
  const FILES = 3_000;
  const SHARE = 16_384 / 8;
  const { storm, folder, running, stop } = start();
  const files = Array.from({ length: FILES }, (_, i) => makeFile(folder, `f${i}`));
  await makeNoise(noise, storm.procs, 'opens', 4 * FILES, files);
  const rows = (await stop()).filter(({ cgroupId }) => cgroupId === storm.id);
  const coarse = rows.filter(({ isCoarse }) => isCoarse);
  expect(rows.length - coarse.length).toBeLessThanOrEqual(SHARE);
  expect(rows.length - coarse.length).toBeGreaterThan(SHARE / 2);
  expect(new Set(coarse.map(({ kind }) => kind))).toContain(eventKind.open);
  expect(coarse.map(({ exeInode, object }) => [exeInode, object])).toEqual(coarse.map(() => [0n, 0n]));
  const { produced, received, lost, counted } = running.sensor.stats();
  expect(produced).toBe(received + lost + counted);
});

liveTest('the storm of one cgroup costs another nothing', async () => {
  const { storm, other, folder, records, stop } = start();
  const file = makeFile(folder, 'opened');
  const quiet = makeFile(folder, 'quiet');
  const COUNT = BUDGETS.bulk / 4;
  await Promise.all([
    makeNoise(noise, storm.procs, 'opens', STORM, [file]),
    makeNoise(noise, storm.procs, 'setuid', STORM),
    makeNoise(noise, other.procs, 'opens', COUNT, [quiet]),
    makeNoise(noise, other.procs, 'forks', 20),
  ]);
  const rows = await stop();
  expect(rows.filter(({ cgroupId }) => cgroupId === other.id)).toEqual([]);
  expect(records(other, 'open').filter((record) => decodeRecord(record).name?.raw === quiet)).toHaveLength(COUNT);
  expect(records(other, 'fork')).toHaveLength(20);
  expect(rows.some(({ cgroupId }) => cgroupId === storm.id)).toBe(true);
});

liveTest('first touches come through the noise of their own cgroup whole, by the rare lane', async () => {
  const ROUNDS = 60;
  let programs: readonly string[] = [];
  let files: readonly string[] = [];
  const { storm, folder, records, stop, running } = start({
    named: (at) => {
      ({ files, programs } = prepareAttack(at, ROUNDS));
      return { files: files.map(fileId), names: [] };
    },
  });
  const other = makeFile(folder, 'other');
  // Spends all budgets, and goes on.
  const storms = [
    makeNoise(noise, storm.procs, 'opens', 10 * STORM, [other]),
    makeNoise(noise, storm.procs, 'forks', BUDGETS.lifecycle * 4),
  ];
  await running.until('counted', () => (running.sensor.stats().counted > 0n ? true : undefined));
  expect(await attack(noise, storm.procs, folder, ROUNDS, UID_FIRST)).toBe(ROUNDS);
  await Promise.all(storms);
  await stop();
  const opened = records(storm, 'open').filter((record) => record.readUInt8(eventHeader.lane) === RARE);
  expect(new Set(opened.map((record) => decodeRecord(record).file?.path))).toEqual(new Set(files));
  const ran = records(storm, 'exec').map((record) => decodeRecord(record).image?.exe.path ?? '');
  expect(programs.filter((program) => !ran.includes(program))).toEqual([]);
  const users = records(storm, 'setuid').map((record) => decodeRecord(record).uid);
  expect(programs.map((_, i) => UID_FIRST + i).filter((uid) => !users.includes(uid))).toEqual([]);
});

liveTest('a name that rules know stands out in whatever directory; repeats of it are counted', async () => {
  const COUNT = 5_000;
  const { storm, folder, records, stop } = start({ named: () => ({ files: [], names: ['secrets'] }) });
  const noisy = makeFile(folder, 'noisy');
  const secrets = makeFile(folder, 'secrets');
  await makeNoise(noise, storm.procs, 'opens', STORM, [noisy]);
  await makeNoise(noise, storm.procs, 'opens', COUNT, [secrets]);
  const rows = await stop();
  const opened = records(storm, 'open').filter((record) => decodeRecord(record).file?.path === secrets);
  expect(opened.filter((record) => record.readUInt8(eventHeader.lane) === RARE).length).toBeGreaterThan(0);
  const own = rows.filter(({ cgroupId, object }) => cgroupId === storm.id && object === fileId(secrets).inode);
  expect(BigInt(opened.length) + sum(own)).toBe(BigInt(COUNT));
});

liveTest('what is read while the storm goes on is read once', async () => {
  const { running, storm, folder, stop } = start();
  const file = makeFile(folder, 'opened');
  const storms = [1, 2].map(() => startNoise(noise, storm.procs, 'opens', [file]));
  let total = 0n;
  for (let look = 0; look < 3; look++) {
    // The agent's own rhythm: what is counted settles between two looks.
    await setTimeout(1000);
    total += sum(running.sensor.takeCounted());
  }
  const made = await Promise.all(storms.map(({ end }) => end()));
  expect(Math.min(...made)).toBeGreaterThan(0);
  expect(total).toBeGreaterThan(0n);
  total += sum(await stop());
  const { counted, unlisted } = running.sensor.stats();
  expect(total + unlisted).toBe(counted);
});
