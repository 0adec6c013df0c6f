import { type ChildProcess, spawn } from 'node:child_process';

/** Starts test/kernel/programs/storm.c; rejects unless it ends well. */
export function runStorm(storm: string, ...args: readonly (string | number)[]): Promise<void> {
  const child: ChildProcess = spawn(storm, args.map(String), { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`storm ${args.join(' ')} ended with ${code ?? signal}`)),
    );
  });
}
