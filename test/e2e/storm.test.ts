import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { createRedactor } from '../../agent/alert/redact.ts';
import type { EnvelopeBody } from '../../agent/events/alert.ts';
import type { Gap } from '../../agent/events/gap.ts';
import { LANES } from '../../agent/events/kinds.ts';
import { type Live, startLive } from '../../agent/pipeline/live.ts';
import { loadRules } from '../../agent/pipeline/load-rules.ts';
import { thisMachine } from '../../agent/pipeline/world.ts';
import { planOf } from '../../agent/rules/plan.ts';
import { openLiveSource } from '../../agent/sources/live/source.ts';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** Opens made as fast as they can be, between them a few programs run. */
const STORM = `
const { openSync, closeSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const [opens, programs] = process.argv.slice(1).map(Number);
for (let i = 0; i < opens; i++) {
  closeSync(openSync('/proc/self/stat', 'r'));
  if (i % Math.floor(opens / programs) === 0) spawnSync('/bin/true');
}
`;
const OPENS = 150_000;
const PROGRAMS = 20;

async function start(onRaised: (bodies: readonly EnvelopeBody[]) => undefined): Promise<Live> {
  const source = openLiveSource({ machine: thisMachine(), cgroups: 'auto', poolBytes: 4 << 20 });
  bench.onEnd(() => source.close());
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-storm-'));
  bench.onEnd(() => rmSync(folder, { recursive: true, force: true }));
  return startLive({
    source,
    node: '',
    ruleSet: loadRules([]).ruleSet,
    matching: 'all',
    redactor: createRedactor({ enabled: true, names: [] }),
    processLimitBytes: 64 << 20,
    extra: planOf(['open'], { by: 'recorder', name: 'test' }),
    onRaised,
    onError: (error) => {
      throw error;
    },
  });
}

function storm(): Promise<void> {
  const child = spawn(process.execPath, ['-e', STORM, String(OPENS), String(PROGRAMS)], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the storm ended with ${code}`))));
  });
}

test('a storm while the agent stands still costs opens only, and each that is missing is told', async () => {
  const gaps: Gap[] = [];
  const live = await start((bodies) => {
    for (const body of bodies) if (body.type === 'gap') gaps.push(body.gap);
    return undefined;
  });
  const opensAtStart = live.pipeline.counts.events.open.bulk;
  let over = false;
  const storms = Promise.all([storm(), storm()]).finally(() => {
    over = true;
  });
  // The event loop stands still for a while, again and again, as it does when a node has no time for the agent.
  const still = new Int32Array(new SharedArrayBuffer(4));
  await until(
    () => {
      Atomics.wait(still, 0, 0, 2000);
      return over;
    },
    'the storms end',
    50_000,
  );
  await storms;
  // Before the end, which waits no longer than a moment for a consumer that is behind.
  const made = live.source.stats().produced;
  await until(
    () => {
      const { received, lost, counted, delivered } = live.source.stats();
      return received + lost + counted >= made && BigInt(live.records) === delivered;
    },
    'all is worked through',
    30_000,
  );
  await live.stop();
  const { produced, received, lost, counted, delivered, heartbeats } = live.source.stats();
  const { events, decode } = live.pipeline.counts;
  const count = (lane: (typeof LANES)[number]): number =>
    Object.values(events).reduce((sum, lanes) => sum + lanes[lane], 0);
  // The kernel's own count = what was read + what is missing; what is missing = what gaps tell of.
  expect(produced).toBe(received + lost + counted);
  expect(gaps.reduce((sum, gap) => sum + gap.count, 0n)).toBe(lost + counted);
  expect(new Set(gaps.map(({ lane }) => lane))).toEqual(new Set(['bulk']));
  // Two storms are more than their cgroup may send.
  const ofBudget = gaps.filter(({ cause }) => cause === 'budget');
  expect(ofBudget.reduce((sum, gap) => sum + gap.count, 0n)).toBe(counted);
  expect(counted).toBeGreaterThan(0n);
  // Whoever shares the cgroup has spent it too.
  expect(ofBudget.map(({ kind }) => kind)).toContain('open');
  // In = out + dropped, stage by stage.
  expect(received).toBe(delivered + heartbeats);
  expect(BigInt(live.records)).toBe(delivered);
  expect(LANES.reduce((sum, lane) => sum + count(lane), 0) + decode.malformed).toBe(live.records);
  expect(decode.malformed).toBe(0);
  expect(events.open.bulk - opensAtStart + Number(lost + counted)).toBeGreaterThan(2 * OPENS);
  expect(events.exec.rare).toBeGreaterThanOrEqual(2 * PROGRAMS);
});
