import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { hostname, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createBatchReader } from '../../agent/decode/batch.ts';
import { callClasses } from '../../agent/decode/call-classes.ts';
import { KIND_CODES } from '../../agent/decode/kinds.ts';
import { abi } from '../../agent/decode/layout.gen.ts';
import { EVENT_KINDS } from '../../agent/events/kinds.ts';
import { createContexts } from '../../agent/pipeline/context.ts';
import { createLiveWorld, machineTables } from '../../agent/pipeline/world.ts';
import { planOf } from '../../agent/rules/plan.ts';
import { type CaptureHeader, type Fact, layoutDigest } from '../../agent/sources/capture/header.ts';
import { createRecorder } from '../../agent/sources/capture/recorder.ts';
import { type Batch, openSensor } from '../../native/index.ts';

/** About 120,000 events. */
const ROUNDS = 8;
const PROCESS_LIMIT_BYTES = 64 << 20;

/** Records every kind of event while corpus/activity.sh runs on this machine, as a capture with all that it needs. */
export async function recordMix(root: string, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-bench-mix-'));
  const sensor = openSensor({});
  try {
    const facts: Fact[] = [];
    const { cgroupHierarchy } = sensor;
    const world = createLiveWorld({ hostname: hostname(), cgroupHierarchy, onFact: (fact) => facts.push(fact) });
    const origin = { machine: world.machine, wallOffsetNs: wallOffsetNs() };
    const recorder = await createRecorder(`${path}.part`, headerOf(world));
    const reader = createBatchReader(origin);
    const contexts = createContexts(world, PROCESS_LIMIT_BYTES);
    sensor.load();
    sensor.setPlan(everything(world.machine));
    sensor.attach();
    const tasks = sensor.tasks();
    recorder.tasks(tasks);
    contexts.processes.seed((visit) => reader.forEachTask(tasks, visit));
    let failure: Error | undefined;
    const take = (batch: Batch): void => {
      // What state asks of the machine while the events are new is part of the capture.
      reader.forEach(batch.buffer, (event) => void contexts.of(event));
      for (const fact of facts.splice(0)) recorder.fact(fact);
      void recorder.batch({ buffer: batch.buffer, gaps: [] }, batch.count, origin.wallOffsetNs);
      batch.release();
    };
    sensor.start(take, (error) => {
      failure = error;
    });
    await run(join(root, 'bench/corpus/activity.sh'), [folder, String(ROUNDS)]);
    await sensor.stop();
    await recorder.close();
    if (failure !== undefined) throw failure;
    renameSync(`${path}.part`, path);
  } finally {
    sensor.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(`${path}.part`, { force: true });
  }
}

function headerOf(world: ReturnType<typeof createLiveWorld>): CaptureHeader {
  return {
    abi: abi.version,
    layout: layoutDigest(),
    version: 'bench',
    machine: world.machine,
    kernel: release(),
    hostname: world.hostname,
    bootId: world.bootId,
    startedNs: BigInt(Date.now()) * 1_000_000n,
    utcOffsetMinutes: -new Date().getTimezoneOffset(),
    plan: planOf(EVENT_KINDS, { by: 'recorder', name: 'bench' }),
    ...machineTables(),
  };
}

function everything(machine: 'x86_64' | 'arm64') {
  const classes = callClasses(machine, () => true);
  return {
    syscallClass: classes.native,
    compatClass: classes.compat,
    uringClass: classes.uring,
    wantedKind: new Uint8Array(KIND_CODES).fill(1),
    resultWanted: new Uint8Array(KIND_CODES),
    openFlagsAny: 0,
    envWanted: false,
    generation: 1,
  };
}

/** Wall clock minus boot clock; a millisecond more or less does not matter here. */
function wallOffsetNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
}

function run(script: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [script, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}`))));
  });
}
