import { Worker } from 'node:worker_threads';

export interface NumberedOpens {
  /** Ends after the number that is being opened; gives how many there were. */
  stop(): Promise<number>;
}

/**
 * Opens FOLDER/n-0, FOLDER/n-1, ... for writing, one after another in a thread of its own, and between them files that
 * no rule is about.
 */
export function startNumberedOpens(folder: string, othersEach: number): NumberedOpens {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(OPEN, { eval: true, workerData: { folder, othersEach, flag } });
  const count = new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    stop: () => {
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
      return count;
    },
  };
}

const OPEN = `
const { closeSync, openSync, unlinkSync } = require('node:fs');
const { parentPort, workerData: { folder, othersEach, flag } } = require('node:worker_threads');
let number = 0;
for (; Atomics.load(flag, 0) === 0; number++) {
  const name = folder + '/n-' + number;
  closeSync(openSync(name, 'w'));
  unlinkSync(name);
  for (let other = 0; other < othersEach; other++) closeSync(openSync('/proc/self/stat', 'r'));
  Atomics.wait(flag, 0, 0, 1);
}
parentPort.postMessage(number);
`;
