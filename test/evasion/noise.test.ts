import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { openWorkshop, type Workshop } from '../kernel/support/workshop.ts';
import { Bench } from '../unit/support/delivery.ts';
import { startNoiseRuns } from './support/noise-run.ts';

const RUNS = 3;

const bench = new Bench();
afterEach(() => bench.end());
let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop?.remove());

test('an attack in the midst of floods is told whole by an agent that has a fifth of a core', async () => {
  const { untold } = await startNoiseRuns(bench, workshop.noise(), RUNS);
  for (let run = 0; run < RUNS; run++) expect(await untold(run), `run ${run}`).toEqual([]);
}, 180_000);
