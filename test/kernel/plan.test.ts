import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { eventHeader } from '../../agent/decode/layout.gen.ts';
import { decodeRecord } from './support/decoded.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';
import { readMember } from './support/record.ts';
import { planFor, startSensor } from './support/sensor.ts';
import { runStorm } from './support/storm.ts';
import { openWorkshop, type Workshop } from './support/workshop.ts';

const WRITES = 0o1 | 0o2;
const O_CLOEXEC = 0o2000000;

const family = createFamily('file', ['open', 'rename']);
let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop?.remove());

/** Everybody's opens are here: only those that hold the path are worth a look. */
function isOpenOf(record: Buffer, path: string): boolean {
  return record.includes(path) && decodeRecord(record).name?.raw === path;
}

liveTest('only successes, where the plan wants no others', async () => {
  family.setPlan({ result: { open: 'success' } });
  const { records } = await family.run('open');
  expect(new Set(records.map((record) => decodeRecord(record).succeeded))).toEqual(new Set([true]));
});

liveTest('only failures, where the plan wants no others', async () => {
  family.setPlan({ result: { open: 'failure' } });
  const { records } = await family.run('open');
  expect(new Set(records.map((record) => decodeRecord(record).succeeded))).toEqual(new Set([false]));
});

liveTest('only opens with one of the flags, where the plan names some', async () => {
  family.setPlan({ openFlagsAny: WRITES });
  const { records } = await family.run('open');
  expect(records.length).toBeGreaterThan(5);
  const flags = records.map((record) => Number(readMember(record, 'eventOpen', 'flags')));
  expect(flags.filter((given) => (given & WRITES) === 0)).toEqual([]);
  family.setPlan({});
  const all = await family.run('open');
  expect(all.records.length).toBeGreaterThan(records.length);
});

liveTest('kinds that the plan does not name make no record', async () => {
  family.setPlan({ without: ['open'] });
  const { records } = await family.run('rename', 'open');
  expect(records).toEqual([]);
  const renames = await family.run('rename');
  expect(renames.records).not.toHaveLength(0);
});

liveTest('every record carries the generation of the plan that let it through', async () => {
  for (const generation of [7, 8]) {
    family.setPlan({ generation });
    const { records } = await family.run('rename');
    const carried = records.map((record) => record.readUInt32LE(eventHeader.generation));
    expect(new Set(carried)).toEqual(new Set([generation]));
  }
});

liveTest('a change of plan misses nothing that both plans want', async () => {
  const file = join(workshop.dir, 'opened all the time');
  writeFileSync(file, '');
  const COUNT = 2_000;
  const plans = [
    planFor(['open', 'fork', 'exec', 'exit'], { result: { open: 'success' }, generation: 1 }),
    planFor(['open', 'rename', 'connect', 'exit'], { openFlagsAny: O_CLOEXEC, envWanted: true, generation: 2 }),
  ] as const;
  const running = startSensor({ plan: plans[0] });
  const opens = () => running.records.filter((record) => isOpenOf(record, file));
  const generations = () => new Set(opens().map((record) => record.readUInt32LE(eventHeader.generation)));
  let storms = 0;
  // Until both plans have let some of them through.
  for (let turn = 0; generations().size < 2; storms++) {
    let hasEnded = false;
    const ended = runStorm(workshop.storm(), 'opens', COUNT, file).finally(() => {
      hasEnded = true;
    });
    for (; !hasEnded; turn++) {
      running.sensor.setPlan(plans[(turn % 2) as 0 | 1]);
      await setImmediate();
    }
    await ended;
  }
  await running.stop();
  expect(running.gaps).toEqual([]);
  expect(opens()).toHaveLength(storms * COUNT);
});

liveTest('the agent itself is left out, whatever it does, and nobody else is', async () => {
  const running = startSensor({ plan: planFor(['open', 'fork', 'exec', 'exit']), agentPid: process.pid });
  const own = join(workshop.dir, 'opened by the agent');
  const others = join(workshop.dir, 'opened by others');
  writeFileSync(own, '');
  writeFileSync(others, '');
  closeSync(openSync(own, 'r'));
  await runStorm(workshop.storm(), 'opens', 1, others);
  await running.until('open by others', () => running.records.find((record) => isOpenOf(record, others)));
  expect(running.records.filter((record) => isOpenOf(record, own))).toEqual([]);
  expect(running.records.filter((record) => record.readUInt32LE(eventHeader.pid) === process.pid)).toEqual([]);
  await running.stop();
});
