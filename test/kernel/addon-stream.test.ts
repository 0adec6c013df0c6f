import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Batch, openSensor, type Sensor, type SensorOptions } from '../../native/index.ts';
import type { StreamReport } from './children/sensor-process.ts';
import { createLedger, type Ledger, settle } from './support/ledger.ts';
import { liveTest } from './support/live.ts';
import { NO_BUDGETS, planFor } from './support/sensor.ts';
import { runStorm } from './support/storm.ts';
import { openWorkshop, type Workshop } from './support/workshop.ts';

const RARE = 0;
const LIFECYCLE = 1;
const BULK = 2;

let workshop: Workshop;
let objectPath: string;
let storm: string;

beforeAll(() => {
  workshop = openWorkshop();
  objectPath = workshop.smallObject();
  storm = workshop.storm();
});
afterAll(() => workshop?.remove());

function attached(options: SensorOptions): Sensor {
  const sensor = openSensor({ objectPath, heartbeatMs: 0, budgets: NO_BUDGETS, ...options });
  sensor.load();
  sensor.setPlan(planFor(['open']));
  sensor.attach();
  return sensor;
}

function fail(error: Error): void {
  throw error;
}

/** Resolves when `is` holds after some batch; the test's own time limit is the deadline. */
function startLedger(sensor: Sensor): { ledger: Ledger; until(is: (ledger: Ledger) => boolean): Promise<void> } {
  const ledger = createLedger();
  let look = () => {};
  sensor.start((batch) => {
    ledger.add(batch);
    batch.release();
    look();
  }, fail);
  return {
    ledger,
    until: (is) =>
      new Promise((resolve) => {
        look = () => {
          if (is(ledger)) resolve();
        };
        look();
      }),
  };
}

/** What holds of every stopped sensor, whatever was lost. */
function expectExact(sensor: Sensor, ledger: Ledger): void {
  const { produced, received, lost, failed, late, malformed, heartbeats, delivered } = sensor.stats();
  const told = ledger.lost.reduce((sum, count) => sum + count, 0);
  expect(ledger.faults).toEqual([]);
  expect(produced, 'produced = received + lost').toBe(received + lost);
  expect(received, 'received = delivered + heartbeats').toBe(delivered + heartbeats);
  expect({ records: BigInt(ledger.records), told: BigInt(told), inversions: BigInt(ledger.inversions) }).toEqual({
    records: delivered,
    told: lost,
    inversions: late,
  });
  expect({ malformed, failed }).toEqual({ malformed: 0n, failed: lost });
  // Those at a lane's end are behind the last record.
  expect(ledger.silent).toBeLessThanOrEqual(Number(heartbeats));
}

liveTest('three lanes on every cpu come out in one order, whole, between heartbeats', async () => {
  const bytes = 16 << 20;
  const sensor = attached({ heartbeatMs: 10, ringBytes: { rare: bytes, lifecycle: bytes, bulk: bytes } });
  const { ledger } = startLedger(sensor);
  const COUNT = 20_000;
  await Promise.all(
    [RARE, LIFECYCLE, BULK].flatMap((lane) => [
      runStorm(storm, 'calls', 0, lane, 300, COUNT),
      runStorm(storm, 'calls', 1, lane, 400, COUNT),
    ]),
  );
  await settle(sensor, ledger);
  await sensor.stop();
  expectExact(sensor, ledger);
  expect({ records: ledger.records, inversions: ledger.inversions }).toEqual({ records: 6 * COUNT, inversions: 0 });
  expect(ledger.silent).toBeGreaterThan(0);
  sensor.close();
});

liveTest('a heartbeat closes the gap at the end of a lane', async () => {
  const sensor = attached({ ringBytes: { bulk: 65_536 } });
  // Nobody reads yet: 63 records of 1,024 + 8 bytes fit.
  await runStorm(storm, 'calls', 0, BULK, 1024, 1000);
  const gaps: unknown[] = [];
  const ledger = createLedger();
  const { promise, resolve } = later();
  sensor.start((batch) => {
    ledger.add(batch);
    gaps.push(...batch.gaps);
    batch.release();
    // The records are here, and nothing shows yet that there were more.
    if (ledger.records === 63 && gaps.length === 0) sensor.heartbeat();
    if (gaps.length > 0) resolve();
  }, fail);
  await promise;
  expect(gaps).toEqual([
    {
      lane: BULK,
      cpu: 0,
      fromSequence: 64n,
      toSequence: 1000n,
      afterTimeNs: expect.any(BigInt),
      beforeTimeNs: expect.any(BigInt),
      cause: 'ring-full',
      position: 0,
    },
  ]);
  await settle(sensor, ledger);
  await sensor.stop();
  expectExact(sensor, ledger);
  sensor.close();
});

liveTest('a consumer that is slow costs bulk records at most, and neither order nor the exact sum', async () => {
  const sensor = attached({ poolBytes: 32 << 20, ringBytes: { bulk: 1 << 20 } });
  const ledger = createLedger();
  const held: Batch[] = [];
  let holds = true;
  sensor.start((batch) => {
    ledger.add(batch);
    if (holds) held.push(batch);
    else batch.release();
  }, fail);
  await Promise.all([
    runStorm(storm, 'calls', 0, BULK, 1024, 100_000),
    runStorm(storm, 'calls', 1, BULK, 1024, 100_000),
    runStorm(storm, 'calls', 0, RARE, 400, 500),
    runStorm(storm, 'calls', 1, LIFECYCLE, 300, 1000),
  ]);
  holds = false;
  for (const batch of held) batch.release();
  await settle(sensor, ledger);
  await sensor.stop();
  expectExact(sensor, ledger);
  expect(ledger.inversions).toBe(0);
  expect(ledger.lost[BULK]).toBeGreaterThan(0);
  expect(ledger.lost.slice(0, BULK)).toEqual([0, 0]);
  expect([...ledger.causes]).toContain('pool-full');
  sensor.close();
});

liveTest('a pool too small for what comes in the granted lateness never stands still', async () => {
  const sensor = attached({ poolBytes: 1 << 20, batchBytes: 65_536 });
  const { ledger } = startLedger(sensor);
  await Promise.all([
    runStorm(storm, 'calls', 0, BULK, 1024, 100_000),
    runStorm(storm, 'calls', 1, BULK, 1024, 100_000),
    runStorm(storm, 'calls', 0, RARE, 400, 2_000),
    runStorm(storm, 'calls', 1, LIFECYCLE, 300, 5_000),
  ]);
  await settle(sensor, ledger);
  await sensor.stop();
  expectExact(sensor, ledger);
  // Without lateness, what another cpu was about to send may be overtaken, but no more than that.
  expect(ledger.inversions).toBeLessThan(ledger.records / 1000);
  expect(ledger.lost.slice(0, BULK)).toEqual([0, 0]);
  sensor.close();
});

liveTest(
  'a consumer that never gives a batch back does not keep stop from ending, and the sum stays exact',
  async () => {
    const sensor = attached({ poolBytes: 1 << 20, batchBytes: 65_536, ringBytes: { bulk: 1 << 20 } });
    const ledger = createLedger();
    sensor.start((batch) => ledger.add(batch), fail);
    await runStorm(storm, 'calls', 0, BULK, 1024, 20_000);
    await sensor.stop();
    const { produced, received, lost, delivered } = sensor.stats();
    expect(ledger.faults).toEqual([]);
    expect(produced).toBe(20_000n);
    expect(received + lost).toBe(produced);
    expect(BigInt(ledger.records)).toBe(delivered);
    expect(lost).toBeGreaterThan(0n);
    sensor.close();
  },
);

liveTest('a main thread that does not look up costs nothing while the pool has room', async () => {
  const sensor = attached({});
  const { ledger } = startLedger(sensor);
  const COUNT = 100_000;
  const ended = Promise.all([
    runStorm(storm, 'calls', 0, BULK, 256, COUNT),
    runStorm(storm, 'calls', 1, BULK, 256, COUNT),
  ]);
  // Both storms end while nobody here does anything.
  while (sensor.stats().produced < 2 * COUNT) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  await ended;
  await settle(sensor, ledger);
  await sensor.stop();
  expectExact(sensor, ledger);
  expect(ledger.records).toBe(2 * COUNT);
  sensor.close();
});

liveTest('batches are not small on a busy machine, and not late on a quiet one', async () => {
  const sensor = attached({});
  const { ledger, until } = startLedger(sensor);
  await runStorm(storm, 'calls', 0, RARE, 300, 1);
  // Alone: nothing later has to come behind it.
  await until(({ records }) => records === 1);
  await runStorm(storm, 'calls', 0, BULK, 300, 100_000);
  await settle(sensor, ledger);
  await sensor.stop();
  expectExact(sensor, ledger);
  const { batches, delivered } = sensor.stats();
  expect(Number(delivered / batches)).toBeGreaterThan(100);
  sensor.close();
});

liveTest(
  'a storm of opens while the agent is stopped loses nothing of forks, execs, exits and changes of user',
  async () => {
    const program = fileURLToPath(new URL('../../dist/test/kernel/children/sensor-process.js', import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const file = join(workshop.dir, 'opened');
    writeFileSync(file, '');
    try {
      expect((await lines.next()).value).toBe('ready');
      child.kill('SIGSTOP');
      await Promise.all([
        runStorm(storm, 'opens', 60_000, file),
        runStorm(storm, 'opens', 60_000, file),
        runStorm(storm, 'forks', 150),
      ]);
      child.kill('SIGCONT');
      child.stdin.end();
      const report = JSON.parse((await lines.next()).value) as StreamReport;
      const { produced, received, lost, late, heartbeats, delivered } = report.stats;
      expect(report.faults).toEqual([]);
      expect({ late, inversions: report.inversions }).toEqual({ late: 0, inversions: 0 });
      expect(report.lost[BULK], 'opens lost').toBeGreaterThan(0);
      expect(report.lost.slice(0, BULK), 'lost of rare and lifecycle').toEqual([0, 0]);
      expect({ produced, received, records: report.records }).toEqual({
        produced: Number(received) + Number(lost),
        received: Number(delivered) + Number(heartbeats),
        records: delivered,
      });
      expect(report.causes).toContain('agent-starved');
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  },
);

function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
