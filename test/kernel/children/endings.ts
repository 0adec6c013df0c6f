import { spawn } from 'node:child_process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Batch, openSensor, type Sensor, SensorError } from '../../../native/index.ts';
import { planFor } from '../support/sensor.ts';

/**
 * Ways to end that a test process cannot take itself. Usage: node endings.js MODE OBJECT [STORM]. Prints one line of
 * JSON, where there is something to tell.
 */
const [, , mode = '', objectPath = '', storm = ''] = process.argv;
/** The storm goes on for about a second, and ends by itself. */
const STORM = ['calls', '-1', '2', '300', '1000000'];

/** A sensor in the middle of a storm: the first batch is here, and more come. */
function running({ objectPath, storm }: Tools): Promise<Sensor> {
  const sensor = openSensor({ objectPath });
  sensor.load();
  sensor.setPlan(planFor(['open']));
  sensor.attach();
  spawn(storm, STORM, { stdio: 'ignore', detached: true }).unref();
  return new Promise((resolve, reject) => {
    sensor.start((batch) => {
      batch.release();
      resolve(sensor);
    }, reject);
  });
}

/** A batch that is still out when its sensor is closed. */
function firstBatch({ objectPath, storm }: Tools): Promise<Batch> {
  const sensor = openSensor({ objectPath });
  sensor.load();
  sensor.setPlan(planFor(['open']));
  sensor.attach();
  spawn(storm, STORM, { stdio: 'ignore', detached: true }).unref();
  return new Promise((resolve, reject) => {
    sensor.start((batch) => {
      sensor.close();
      resolve(batch);
    }, reject);
  });
}

interface Tools {
  readonly objectPath: string;
  readonly storm: string;
}
const TOOLS: Tools = { objectPath, storm };

function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A worker that runs this file, and says 'running' when its sensor does. */
function startWorker(how: string): Promise<Worker> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { how, ...TOOLS } });
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve(worker));
    worker.once('error', reject);
  });
}

const MODES: Readonly<Record<string, () => unknown>> = {
  /** process.exit while batches come. */
  exit: async () => {
    await running(TOOLS);
    process.exit(7);
  },
  /** The event loop has nothing left but the sensor, which must not keep it alive once it is closed. */
  fall: async () => (await running(TOOLS)).close(),
  /** An error that nobody catches. */
  throw: async () => {
    await running(TOOLS);
    throw new Error('on purpose');
  },
  /** The whole life in a worker thread. */
  worker: async () => {
    const worker = await startWorker('life');
    worker.once('exit', (code) => tell({ worker: code }));
  },
  /** Terminated from outside, a few times over. */
  terminate: async () => {
    for (let i = 0; i < 5; i++) await (await startWorker('run')).terminate();
    tell({ terminated: 5 });
  },
  /** A worker that calls process.exit, which ends that thread alone. */
  'worker-exit': async () => {
    const worker = await startWorker('exit');
    worker.once('exit', (code) => tell({ worker: code }));
  },
  /** Two at once, one of them in a worker, and the process exits under both. */
  both: async () => {
    await running(TOOLS);
    await startWorker('run');
    process.exit(0);
  },
  /** Stopped and closed, closed at once, closed with batches out: lives after one another. */
  lives: async () => {
    const left: number[] = [];
    for (let i = 0; i < 5; i++) {
      const stopped = await running(TOOLS);
      stopped.heartbeat();
      stopped.tasks();
      await stopped.stop();
      stopped.close();
      (await running(TOOLS)).close();
      const batch = await firstBatch(TOOLS);
      batch.release();
      left.push(batch.buffer.length);
    }
    tell({ left });
  },
  /** How far a process comes that may do little, and what the error says where it comes no further. */
  refused: () => {
    try {
      const sensor = openSensor({ objectPath });
      sensor.load();
      sensor.setPlan(planFor(['open', 'exec']));
      sensor.attach();
      sensor.start(
        (batch) => batch.release(),
        () => {},
      );
      sensor.heartbeat();
      tell(sensor.tasks().length > 0 ? 'works' : 'sees no tasks');
      sensor.close();
    } catch (error) {
      if (!(error instanceof SensorError)) throw error;
      const { operation, errno, code, hint, message } = error;
      tell({ operation, errno, code, hint, message });
    }
  },
};

async function inWorker({ how, ...tools }: { how: string } & Tools): Promise<void> {
  const sensor = await running(tools);
  parentPort?.postMessage('running');
  if (how === 'exit') process.exit(3);
  if (how === 'life') {
    await sensor.stop();
    sensor.close();
  }
}

if (isMainThread) await MODES[mode]?.();
else await inWorker(workerData as { how: string } & Tools);
