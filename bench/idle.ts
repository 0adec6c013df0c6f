import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startAgent } from './support/agent.ts';
import { sumOf } from './support/metrics.ts';
import type { Figure } from './support/table.ts';

const SETTLE_MS = 5_000;
const WINDOW_MS = 2_000;
const WINDOWS = 8;
/** Of one CPU: what else runs below this leaves a machine idle. */
const OTHERS_MAX = 5;

/** CPU, memory and event-loop delay of an agent with all rules on a machine that does nothing else. */
export async function benchIdle(root: string): Promise<Figure[]> {
  const agent = await startAgent(root, [join(root, 'rules')], 1);
  try {
    await wait(SETTLE_MS);
    const shares: number[] = [];
    const others: number[] = [];
    const records = sumOf(await agent.metrics(), 'atalaya_decode_records_total');
    const begin = process.hrtime.bigint();
    for (let i = 0; i < WINDOWS; i++) {
      const before = agent.cpuSeconds();
      const busyBefore = busySeconds();
      const start = process.hrtime.bigint();
      await wait(WINDOW_MS);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const own = agent.cpuSeconds() - before;
      shares.push((own / seconds) * 100);
      others.push(((busySeconds() - busyBefore - own) / seconds) * 100);
    }
    const share = mean(shares);
    const resident = agent.residentMiB();
    const page = await agent.metrics();
    const rate =
      (sumOf(page, 'atalaya_decode_records_total') - records) / (Number(process.hrtime.bigint() - begin) / 1e9);
    const delay = /^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(page)?.[1];
    const idle = mean(others) <= OTHERS_MAX;
    return [
      {
        name: 'idle: what else runs',
        value: `${mean(others).toFixed(0)} % of a CPU`,
        note: `${rate.toFixed(0)} events/s${idle ? '' : '; this machine is not idle, so CPU says little'}`,
      },
      {
        name: 'idle: CPU',
        value: `${share.toFixed(2)} %`,
        promised: 'under 1 %',
        kept: share < 1,
      },
      {
        name: 'idle: resident memory',
        value: `${resident.toFixed(0)} MiB`,
        promised: 'under 150 MiB',
        kept: resident < 150,
      },
      {
        name: 'idle: event-loop delay, 99th percentile',
        value: delay ? `${(Number(delay) * 1000).toFixed(1)} ms` : 'not exported',
      },
    ];
  } finally {
    await agent.stop();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b) / values.length;
}

/** Seconds that all CPUs together have worked since boot. */
function busySeconds(): number {
  const fields = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]?.split(' ').map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields;
  return (user + nice + system + irq + softirq) / 100;
}
