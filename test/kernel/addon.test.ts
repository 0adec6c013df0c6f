import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { openSensor, type Sensor, SensorError } from '../../native/index.ts';
import { liveTest } from './support/live.ts';
import { planFor } from './support/sensor.ts';
import { runStorm } from './support/storm.ts';
import { openWorkshop, type Workshop } from './support/workshop.ts';

let workshop: Workshop;
let objectPath: string;

beforeAll(() => {
  workshop = openWorkshop();
  objectPath = workshop.smallObject();
});
afterAll(() => workshop?.remove());

const ignore = () => {};
const plan = planFor(['open']);

/** Every state a sensor can be in, each with the steps that lead there from the one before. */
const STATES = [
  ['opened', ignore],
  ['loaded', (sensor: Sensor) => sensor.load()],
  ['planned', (sensor: Sensor) => sensor.setPlan(plan)],
  ['attached', (sensor: Sensor) => sensor.attach()],
  ['started', (sensor: Sensor) => sensor.start((batch) => batch.release(), ignore)],
  ['stopped', (sensor: Sensor) => sensor.stop()],
  ['closed', (sensor: Sensor) => sensor.close()],
] as const;
type State = (typeof STATES)[number][0];

async function sensorIn(state: State): Promise<Sensor> {
  const sensor = openSensor({ objectPath });
  for (const [name, step] of STATES) {
    await step(sensor);
    if (name === state) break;
  }
  return sensor;
}

/** The error that a step ends with; undefined where it works. */
function errorOf(step: () => unknown): SensorError | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (error instanceof SensorError) return error;
    throw error;
  }
}

/** What can be called, and in which states. stop, close and stats can be called in every state. */
const ALLOWED: Readonly<Record<string, readonly [call: (sensor: Sensor) => unknown, states: readonly State[]]>> = {
  load: [(sensor) => sensor.load(), ['opened']],
  attach: [(sensor) => sensor.attach(), ['loaded', 'planned']],
  setPlan: [(sensor) => sensor.setPlan(plan), ['loaded', 'planned', 'attached', 'started']],
  tasks: [(sensor) => sensor.tasks(), ['loaded', 'planned', 'attached', 'started']],
  heartbeat: [(sensor) => sensor.heartbeat(), ['loaded', 'planned', 'attached', 'started', 'stopped']],
  start: [(sensor) => sensor.start((batch) => batch.release(), ignore), ['attached']],
  stats: [(sensor) => sensor.stats(), STATES.map(([state]) => state)],
};

for (const [state] of STATES) {
  liveTest(`${state}: what the order allows works, the rest is an error that says so`, async () => {
    for (const [name, [call, states]] of Object.entries(ALLOWED)) {
      const sensor = await sensorIn(state);
      const error = errorOf(() => call(sensor));
      expect({ name, code: error?.code }).toEqual({
        name,
        code: states.includes(state) ? undefined : 'E_SENSOR_STATE',
      });
      sensor.close();
    }
  });

  liveTest(`${state}: stop, then close, then close again`, async () => {
    const sensor = await sensorIn(state);
    await sensor.stop();
    sensor.close();
    sensor.close();
    expect(errorOf(() => sensor.load())?.code).toBe('E_SENSOR_STATE');
  });

  liveTest(`${state}: close at once; the figures stay`, async () => {
    const sensor = await sensorIn(state);
    const { programs } = sensor.stats();
    sensor.close();
    await sensor.stop();
    expect(sensor.stats().programs).toEqual(programs);
  });
}

liveTest('an error carries operation, errno, code and a hint', async () => {
  const sensor = await sensorIn('attached');
  const error = errorOf(() => sensor.load());
  sensor.close();
  expect({ ...error, message: error?.message }).toEqual({
    name: 'SensorError',
    message: 'sensor: load failed with EBADFD',
    operation: 'load',
    errno: 77,
    code: 'E_SENSOR_STATE',
    hint: 'The order is: openSensor, load, setPlan, attach, start, stop, close.',
  });
});

liveTest('an object of another ABI is refused at open, and the numbers are told', () => {
  const error = errorOf(() => openSensor({ objectPath: workshop.smallObject('OTHER_ABI=77') }));
  expect(error).toMatchObject({ operation: 'check abi', code: 'E_ABI_MISMATCH' });
  expect(error?.message).toMatch(/^sensor: check abi failed with EPROTO: the object has abi 77, this addon reads \d+$/);
});

liveTest('a missing object, and a file that is none, are refused at open', () => {
  const missing = errorOf(() => openSensor({ objectPath: join(workshop.dir, 'missing.o') }));
  expect(missing).toMatchObject({ operation: 'open', errno: 2, code: 'E_BPF_OBJECT' });
  const text = join(workshop.dir, 'text.o');
  writeFileSync(text, 'no object\n'.repeat(100));
  const damaged = errorOf(() => openSensor({ objectPath: text }));
  expect(damaged).toMatchObject({ operation: 'open', code: 'E_BPF_OBJECT' });
  expect(damaged?.message).toMatch(/^sensor: open failed: .*text.o/);
  expect(damaged?.hint).toMatch(/build-native/);
});

liveTest('a program that the verifier refuses: its last lines are in the error', () => {
  const sensor = openSensor({ objectPath: workshop.smallObject('REFUSED') });
  const error = errorOf(() => sensor.load());
  sensor.close();
  expect(error).toMatchObject({ operation: 'load', errno: 13, code: 'E_BPF_LOAD' });
  expect(error?.verifierLog).toMatch(/R\d+ invalid mem access 'scalar'/);
  expect(error?.verifierLog?.split('\n').length).toBeLessThanOrEqual(40);
  expect(error?.message).toBe('sensor: load failed with EACCES');
});

liveTest('a program that cannot attach is named, and those that are attached already are detached', async () => {
  const sensor = openSensor({ objectPath: workshop.smallObject('UNATTACHABLE') });
  sensor.load();
  sensor.setPlan(plan);
  const error = errorOf(() => sensor.attach());
  expect(error).toMatchObject({ operation: 'attach nowhere', errno: 2, code: 'E_BPF_ATTACH' });
  expect(error?.hint).toMatch(/does not let it attach/);
  expect(sensor.stats().programs.filter((program) => program.attached)).toEqual([]);
  await runStorm(workshop.storm(), 'calls', -1, 2, 300, 100);
  expect(sensor.stats().produced).toBe(0n);
  sensor.close();
});

liveTest('a hierarchy of cgroups that this kernel does not have is refused', () => {
  // Typed callers cannot ask for it, the configuration of another version can.
  const error = errorOf(() => openSensor({ objectPath, cgroupHierarchy: 'nonsense' as 'cpu' }));
  expect(error).toMatchObject({ operation: 'choose cgroup hierarchy', code: 'E_CGROUP_HIERARCHY' });
  expect(error?.message).toContain('no controller nonsense');
});

liveTest('options out of range are refused before anything is opened', () => {
  expect(() => openSensor({ objectPath, batchBytes: 1 })).toThrow(/batchBytes is 1; it must be from 65536 to/);
  expect(() => openSensor({ objectPath, pollMs: 0 })).toThrow(/pollMs is 0/);
  expect(() => openSensor({ objectPath, ringBytes: { bulk: 10 } })).toThrow(/ringBytes.bulk is 10/);
  const loaded = openSensor({ objectPath });
  loaded.load();
  expect(() => loaded.setPlan({ ...plan, syscallClass: new Uint8Array(3) })).toThrow(/syscallClass.length is 3/);
  loaded.close();
});

liveTest('what onBatch throws goes to onError, and the batch is given back', async () => {
  const sensor = openSensor({ objectPath, heartbeatMs: 0 });
  const errors: string[] = [];
  sensor.load();
  sensor.setPlan(plan);
  sensor.attach();
  sensor.start(
    () => {
      throw new Error('no appetite');
    },
    (error) => errors.push(error.message),
  );
  await runStorm(workshop.storm(), 'calls', -1, 0, 500, 100);
  await sensor.stop();
  expect(new Set(errors)).toEqual(new Set(['no appetite']));
  // The reader keeps one chunk for what comes next.
  expect(sensor.stats()).toMatchObject({ delivered: 100n, produced: 100n, lost: 0n, poolBytes: 256 << 10 });
  sensor.close();
});
