import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { thisMachine } from '../../agent/pipeline/world.ts';
import { planOf } from '../../agent/rules/plan.ts';
import { toNativePlan } from '../../agent/sources/live/native-plan.ts';
import { openSensor } from '../../native/index.ts';
import { until } from '../unit/support/delivery.ts';
import { liveTest as test } from './support/live.ts';

const OPENS = `for (let i = 0; i < 20_000; i++) { const { openSync, closeSync } = require('node:fs'); closeSync(openSync('/proc/self/stat', 'r')); }`;
/** As long as a batch takes that raises some alerts. */
const WORK_MS = 3;

function work(): void {
  const endMs = performance.now() + WORK_MS;
  while (performance.now() < endMs);
}

test('a backlog of batches does not keep the rest of the program waiting until it is worked off', async () => {
  const sensor = openSensor({ batchBytes: 65_536 });
  try {
    sensor.load();
    sensor.setPlan(toNativePlan(planOf(['open'], { by: 'recorder', name: 'test' }), thisMachine(), 1));
    sensor.attach();
    let batches = 0;
    let whenTimerRan = 0;
    sensor.start(
      (batch) => {
        if (batches === 0) {
          setTimeout(() => {
            whenTimerRan = batches;
          }, 1);
        }
        batches++;
        work();
        batch.release();
      },
      (error) => {
        throw error;
      },
    );
    // The event loop stands still meanwhile, and the batches wait.
    spawnSync(process.execPath, ['-e', OPENS]);
    await until(() => batches >= 20, 'the backlog is worked off');
    expect(whenTimerRan).toBeGreaterThan(0);
    expect(whenTimerRan).toBeLessThanOrEqual(3);
  } finally {
    await sensor.stop();
    sensor.close();
  }
});
