import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { atMost, type Figure } from './support/table.ts';

const ACTS = 400;
/** Acts come at uneven times, so that they do not fall in step with any timer. */
const PAUSE_MS = { least: 5, most: 35 };
/** The first ones find code that has not been compiled yet, and caches that are empty. */
const WARM_UP = 100;
const SETTLE_MS = 3_000;
const READY_MS = 30_000;
const ARRIVAL_MS = 60_000;

/**
 * Time from the return of a system call (an open of a file that a rule names) to the line that `atalaya subscribe`
 * writes: kernel, agent, spool, gRPC, collector, store and subscriber, each in its process.
 */
export async function benchLatency(root: string): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-bench-latency-'));
  const children: ChildProcess[] = [];
  const start = (words: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [join(root, 'dist/agent/cli/main.js'), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };
  try {
    const rules = join(folder, 'rules.yaml');
    writeFileSync(rules, rulesFor(folder));
    const data = join(folder, 'collector');
    const collector = start(['collector', '--listen', '127.0.0.1:0', '--http', 'none', '--data', data]);
    const address = /"grpc":"([^"]+)"/.exec(await said(collector, /"ready"/))?.[1] ?? '';
    const subscriber = start(['subscribe', '--address', address, '--json']);
    await said(subscriber, /connected/);
    const agent = start([
      ...['run', '--rules', join(root, 'rules'), '--rules', rules, '--data', join(folder, 'agent')],
      ...['--collector', address, '--output', 'file:/dev/null', '--http', 'none'],
    ]);
    await said(agent, /"ready"/);
    await wait(SETTLE_MS);
    return figuresOf(await measure(folder, subscriber));
  } finally {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

function rulesFor(folder: string): string {
  return `
- rule: Latency
  desc: benchmark
  condition: evt.type in (open, openat) and evt.is_open_write = true and fd.name startswith ${folder}/act-
  output: "%fd.name"
  priority: NOTICE
`;
}

/** Milliseconds of each act. */
async function measure(folder: string, subscriber: ChildProcess): Promise<number[]> {
  const began = new Map<number, bigint>();
  const taken: number[] = [];
  if (subscriber.stdout === null) throw new Error('the subscriber has no output');
  createInterface({ input: subscriber.stdout }).on('line', (line) => {
    const number = Number(/act-(\d+)/.exec(line)?.[1]);
    const start = began.get(number);
    if (start === undefined) return;
    began.delete(number);
    if (number >= WARM_UP) taken.push(Number(process.hrtime.bigint() - start) / 1e6);
  });
  for (let number = 0; number < ACTS + WARM_UP; number++) {
    const path = join(folder, `act-${number}`);
    const file = openSync(path, 'w');
    began.set(number, process.hrtime.bigint());
    closeSync(file);
    unlinkSync(path);
    await wait(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
  }
  for (const endMs = Date.now() + ARRIVAL_MS; taken.length < ACTS; await wait(5)) {
    if (Date.now() > endMs) throw new Error(`${ACTS - taken.length} of ${ACTS} alerts did not arrive`);
  }
  return taken;
}

function figuresOf(taken: readonly number[]): Figure[] {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return [
    atMost('system call to subscriber: median', at(0.5), 100, 'ms'),
    atMost('system call to subscriber: 99th percentile', at(0.99), 300, 'ms'),
    { name: 'system call to subscriber: longest', value: `${at(1).toFixed(2)} ms` },
  ];
}

/** What a program has said on standard error when the pattern is in it. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`not ready in time:\n${text}`)), READY_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-8000);
      if (!pattern.test(text)) return;
      clearTimeout(late);
      resolve(text);
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`it ended with ${code}:\n${text}`));
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
