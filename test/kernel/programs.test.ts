import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { openSensor, type Sensor, type SensorStats } from '../../native/index.ts';
import { liveTest } from './support/live.ts';

interface Cost {
  readonly verifiedInstructions: number;
  readonly jitedBytes: number;
}

/** By architecture, then program; written by scripts/update-budget.mjs. */
const BUDGET: Readonly<Record<string, Readonly<Record<string, Cost>>>> = JSON.parse(
  readFileSync(new URL('../../native/bpf/budget.json', import.meta.url), 'utf8'),
);
/** Verifiers and compilers differ a little from version to version. */
const HEAD_ROOM = 1.25;
/** No verifier goes through more (BPF_COMPLEXITY_LIMIT_INSNS). */
const VERIFIER_LIMIT = 1_000_000;

let sensor: Sensor | undefined;
let programs: SensorStats['programs'] = [];

beforeAll(() => {
  sensor = openSensor();
  sensor.load();
  programs = sensor.stats().programs;
});
afterAll(() => sensor?.close());

liveTest('every program keeps to its budget', () => {
  const budget = BUDGET[process.arch] ?? {};
  const over = programs.filter(({ name, verifiedInstructions, jitedBytes }) => {
    const allowed = budget[name];
    return (
      allowed === undefined ||
      verifiedInstructions > allowed.verifiedInstructions * HEAD_ROOM ||
      jitedBytes > allowed.jitedBytes * HEAD_ROOM
    );
  });
  expect(over, 'if a program grew for a reason: node scripts/update-budget.mjs').toEqual([]);
});

liveTest('the budget names no program that is gone', () => {
  const names = new Set(programs.map(({ name }) => name));
  expect(Object.keys(BUDGET[process.arch] ?? {}).filter((name) => !names.has(name))).toEqual([]);
});

liveTest('no program comes near to the limit of the verifier', () => {
  const near = programs.filter(({ verifiedInstructions: n }) => n === 0 || n > VERIFIER_LIMIT / 10);
  expect(near).toEqual([]);
});

liveTest('one program alone runs at syscall exit, beside fork, exec, exit and io_uring', () => {
  sensor?.attach();
  const attached = sensor?.stats().programs.filter((program) => program.attached);
  expect(attached?.map(({ name }) => name).sort()).toEqual([
    'process_exec',
    'process_exit',
    'process_fork',
    'syscall_exit',
    'uring_complete',
    'uring_overflow',
    'uring_submit',
  ]);
});
