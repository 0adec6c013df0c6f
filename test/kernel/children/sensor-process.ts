import { openSensor } from '../../../native/index.ts';
import { createLedger, settle } from '../support/ledger.ts';
import { NO_BUDGETS, planFor } from '../support/sensor.ts';

/**
 * A process that runs the sensor until its standard input ends, then prints, as one line of JSON, what the stream was
 * like. Prints "ready" first.
 */
// Budgets would keep the rings from filling up.
const sensor = openSensor({ budgets: NO_BUDGETS });
const ledger = createLedger();
sensor.load();
sensor.setPlan(planFor(['open', 'fork', 'exec', 'exit', 'setuid']));
sensor.attach();
sensor.start(
  (batch) => {
    ledger.add(batch);
    batch.release();
  },
  (error) => {
    throw error;
  },
);
process.stdout.write('ready\n');

process.stdin.resume().on('end', async () => {
  await settle(sensor, ledger);
  await sensor.stop();
  const { produced, received, lost, late, heartbeats, delivered, longestPauseMs, scheduler } = sensor.stats();
  sensor.close();
  const stats = { produced, received, lost, late, heartbeats, delivered };
  const report: StreamReport = {
    stats: Object.fromEntries(Object.entries(stats).map(([name, value]) => [name, Number(value)])),
    longestPauseMs,
    scheduler,
    faults: ledger.faults,
    records: ledger.records,
    inversions: ledger.inversions,
    lost: ledger.lost,
    silent: ledger.silent,
    causes: [...ledger.causes],
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
});

export interface StreamReport {
  readonly stats: Readonly<Record<string, number>>;
  readonly longestPauseMs: number;
  readonly scheduler: string;
  readonly faults: readonly string[];
  readonly records: number;
  readonly inversions: number;
  readonly lost: readonly [number, number, number];
  readonly silent: number;
  readonly causes: readonly string[];
}
