import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An agent that runs in its own process, as a user starts it. */
export interface RunningAgent {
  readonly pid: number;
  /** CPU seconds (user + system, all threads) since its start. */
  cpuSeconds(): number;
  /** Resident set in MiB. */
  residentMiB(): number;
  /** Its metrics page, in the Prometheus text format. */
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;
const CLOCK_TICKS_PER_SECOND = 100;

/** Starts `atalaya run` pinned to one cpu and waits for its ready line. Throws with its log when it ends before. */
export async function startAgent(root: string, rules: readonly string[], cpu: number): Promise<RunningAgent> {
  const data = mkdtempSync(join(tmpdir(), 'atalaya-bench-data-'));
  const http = `127.0.0.1:${30_000 + (process.pid % 20_000)}`;
  const args = ['-c', String(cpu), process.execPath, join(root, 'dist/agent/cli/main.js'), 'run', '--data', data];
  for (const path of rules) args.push('--rules', path);
  args.push('--collector', 'none', '--output', 'file:/dev/null', '--http', http);
  const child = spawn('taskset', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await ready(child).catch((error: unknown) => {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
    throw error;
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    cpuSeconds: () => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
    },
    residentMiB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024,
    metrics: async () => (await fetch(`http://${http}/metrics`)).text(),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          rmSync(data, { recursive: true, force: true });
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const late = setTimeout(() => reject(new Error(`the agent was not ready in time:\n${log}`)), READY_TIMEOUT_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-8_000);
      if (!/\bready\b/.test(log)) return;
      clearTimeout(late);
      resolve();
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the agent ended with ${code}:\n${log}`));
    });
  });
}
