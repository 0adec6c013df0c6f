import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { openSensor } from '../../native/index.ts';
import { expectNoLeak, liveOnce } from './support/holdings.ts';
import { liveTest } from './support/live.ts';
import { openWorkshop, type Workshop } from './support/workshop.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/test/kernel/children/endings.js', import.meta.url));
const OBJECT = fileURLToPath(new URL('../../native/build/atalaya.bpf.o', import.meta.url));
/** A thread that is not joined or a loop that is kept alive would run into this. */
const DEADLINE_MS = 20_000;

let workshop: Workshop;
let objectPath: string;
let storm: string;

beforeAll(() => {
  workshop = openWorkshop();
  objectPath = workshop.smallObject();
  storm = workshop.storm();
});
afterAll(() => workshop?.remove());

/** Below this a program may do only what the capabilities say; it may read all files, for a checkout need not be open. */
function asNobody(capabilities: string): string[] {
  const sets = ['--bounding-set', '--inh-caps', '--ambient-caps'].map((set) => `${set}=-all,+${capabilities}`);
  return ['setpriv', ...sets, '--reuid=65534', '--clear-groups'];
}

interface Ending {
  readonly code: number | string | null;
  readonly signal: string | null;
  readonly output: unknown;
}

/** Runs children/endings.ts in this mode, below a command where one is given. */
function end(mode: string, object = objectPath, below: readonly string[] = []): Promise<Ending> {
  const [command = '', ...args] = [...below, process.execPath, PROGRAM, mode, object, storm];
  return new Promise((resolve) => {
    execFile(command, args, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' }, (error, stdout) =>
      resolve({
        code: error === null ? 0 : (error.code ?? null),
        signal: error?.signal ?? null,
        output: stdout === '' ? undefined : JSON.parse(stdout),
      }),
    );
  });
}

liveTest('process.exit while batches come ends with its own code', async () => {
  expect(await end('exit')).toEqual({ code: 7, signal: null, output: undefined });
});

liveTest('a closed sensor does not keep the process alive', async () => {
  expect(await end('fall')).toEqual({ code: 0, signal: null, output: undefined });
});

liveTest('an error that nobody catches ends the process as ever', async () => {
  expect(await end('throw')).toEqual({ code: 1, signal: null, output: undefined });
});

liveTest('one life comes after another; a batch that is out when its sensor is closed is empty', async () => {
  expect(await end('lives')).toEqual({ code: 0, signal: null, output: { left: [0, 0, 0, 0, 0] } });
});

liveTest('a worker thread can have a sensor for its whole life', async () => {
  expect(await end('worker')).toEqual({ code: 0, signal: null, output: { worker: 0 } });
});

liveTest('a worker that is terminated takes its sensor with it', async () => {
  expect(await end('terminate')).toEqual({ code: 0, signal: null, output: { terminated: 5 } });
});

liveTest('process.exit in a worker ends the worker alone', async () => {
  expect(await end('worker-exit')).toEqual({ code: 0, signal: null, output: { worker: 3 } });
});

liveTest('process.exit ends sensors of the main thread and of a worker at once', async () => {
  expect(await end('both')).toEqual({ code: 0, signal: null, output: undefined });
});

liveTest('without capabilities the error says which are needed', async () => {
  const below = asNobody('dac_read_search');
  expect(await end('refused', OBJECT, below)).toEqual({
    code: 0,
    signal: null,
    output: {
      operation: 'load',
      errno: 1,
      code: 'E_BPF_PERMISSION',
      hint: 'Run as root, or with the capabilities CAP_BPF and CAP_PERFMON.',
      message: 'sensor: load failed with EPERM',
    },
  });
});

liveTest('with the capabilities BPF and PERFMON alone everything works', async () => {
  const withAmbient = asNobody('dac_read_search,+bpf,+perfmon');
  expect(await end('refused', OBJECT, withAmbient)).toEqual({ code: 0, signal: null, output: 'works' });
});

liveTest('a thousand sensors that are opened and closed leave nothing behind', () =>
  // Without the look at the kernel's types, which takes most of the time of an open; the whole lives have it.
  expectNoLeak(1000, () => openSensor({ objectPath, cgroupHierarchy: 'v2' }).close()),
);

liveTest('whole lives leave nothing behind', () => expectNoLeak(100, () => liveOnce(objectPath)));
