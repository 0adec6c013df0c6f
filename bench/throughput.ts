import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { atMost, type Figure } from './support/table.ts';

interface Step {
  readonly perSecond: number;
  readonly seconds: number;
  /** Of the 99th percentile, milliseconds; undefined: all need only arrive. */
  readonly limitMs?: number;
}

const STEPS: readonly Step[] = [
  { perSecond: 5_000, seconds: 15, limitMs: 100 },
  { perSecond: 10_000, seconds: 15, limitMs: 200 },
  { perSecond: 20_000, seconds: 10 },
];
/** Code is compiled in the first seconds; they are in the counts, not in the times. */
const WARM_UP_SECONDS = 4;
const READY_MS = 60_000;
const ARRIVAL_MS = 120_000;
const AGENT_MIB = 130;
const CLOCK_TICKS_PER_SECOND = 100;

interface Reading {
  readonly received: number;
  readonly outOfOrder: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Measured {
  readonly count: number;
  readonly agentMiB: number;
  /** From when the last alert was due until all had arrived. */
  readonly lateMs: number;
  /** CPU seconds for 1,000 alerts, the start of the process included: of agent and collector. */
  readonly cost: readonly number[];
}

/**
 * Alerts from an agent's spool to a subscriber: spool, stream, collector, store, client, each side in its process. The
 * agent has no sensor and no rules here: what is measured is delivery.
 */
export async function benchThroughput(root: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const step of STEPS) figures.push(...(await measure(root, step)));
  return figures;
}

async function measure(root: string, { perSecond, seconds, limitMs }: Step): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-bench-throughput-'));
  const children: ChildProcess[] = [];
  const start = (script: string, ...words: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [join(root, 'dist', script), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };
  const count = perSecond * seconds;
  try {
    const data = join(folder, 'collector');
    const collector = start(
      'agent/cli/main.js',
      'collector',
      '--listen',
      '127.0.0.1:0',
      '--http',
      'none',
      '--data',
      data,
    );
    const address = /"grpc":"([^"]+)"/.exec(await said(collector, /"ready"/))?.[1] ?? '';
    const reader = start('bench/throughput-reader.js', address, String(count), String(perSecond * WARM_UP_SECONDS));
    const reading = read(reader);
    await said(reader, /live/);
    const options = { dir: join(folder, 'agent'), address, node: 'node-1', from: 0, perSecond, count, drainMs: 1000 };
    const beganMs = performance.now();
    const agent = start('test/faults/producer.js', JSON.stringify({ ...options, ledger: join(folder, 'ledger') }));
    let agentMiB = 0;
    const timer = setInterval(() => {
      agentMiB = Math.max(agentMiB, residentMiB(agent.pid ?? 0));
    }, 250);
    const got = await Promise.race([reading, wait(seconds * 1000 + ARRIVAL_MS, undefined)]);
    clearInterval(timer);
    if (got === undefined) throw new Error(`${count} alerts at ${perSecond}/s did not arrive in time`);
    const lateMs = performance.now() - beganMs - seconds * 1000;
    const cost = [agent, collector].map(({ pid }) => (cpuSeconds(pid ?? 0) * 1000) / count);
    return figuresOf(perSecond, limitMs, got, { count, agentMiB, lateMs, cost });
  } finally {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(
  perSecond: number,
  limitMs: number | undefined,
  { received, outOfOrder, p50, p99, max }: Reading,
  { count, agentMiB, lateMs, cost }: Measured,
): Figure[] {
  const name = `${perSecond} alerts/s`;
  const note = `longest ${max.toFixed(0)} ms; ${outOfOrder} out of order; the last arrived ${lateMs.toFixed(0)} ms after the end`;
  const times =
    limitMs === undefined
      ? { name: `${name}: median, 99th percentile`, value: `${p50.toFixed(0)}, ${p99.toFixed(0)} ms` }
      : atMost(`${name}: 99th percentile (median ${p50.toFixed(0)} ms)`, p99, limitMs, 'ms');
  return [
    atMost(`${name}: lost of ${count}`, count - received, 0, 'alerts'),
    { ...times, note },
    {
      name: `${name}: CPU seconds for 1,000, agent and collector`,
      value: cost.map((each) => each.toFixed(3)).join(', '),
    },
    perSecond === 5_000
      ? atMost(`${name}: resident memory of the delivering agent`, agentMiB, AGENT_MIB, 'MiB')
      : { name: `${name}: resident memory of the delivering agent`, value: `${agentMiB.toFixed(2)} MiB` },
  ];
}

function residentMiB(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;
  } catch {
    return 0;
  }
}

/** User and system, all threads. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

async function read(reader: ChildProcess): Promise<Reading> {
  let text = '';
  reader.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(reader, 'close');
  if (!text.startsWith('{')) throw new Error('the subscriber ended without a result');
  return JSON.parse(text) as Reading;
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
