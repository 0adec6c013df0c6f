import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const family = createFamily('file', ['open', 'rename']);
let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop?.remove());

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

liveTest('the agent itself is left out, whatever it does, and nobody else is', async () => {
  const running = startSensor({ plan: planFor(['open', 'fork', 'exec', 'exit']), agentPid: process.pid });
  const own = join(workshop.dir, 'opened by the agent');
  const others = join(workshop.dir, 'opened by others');
  writeFileSync(own, '');
  writeFileSync(others, '');
  closeSync(openSync(own, 'r'));
  await runStorm(workshop.storm(), 'opens', 1, others);
  const names = () => running.records.map((record) => decodeRecord(record).name?.raw);
  await running.until('open by others', () => (names().includes(others) ? true : undefined));
  expect(names()).not.toContain(own);
  expect(running.records.filter((record) => record.readUInt32LE(eventHeader.pid) === process.pid)).toEqual([]);
  await running.stop();
});
