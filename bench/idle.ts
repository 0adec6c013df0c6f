import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startAgent } from './support/agent.ts';
import type { Figure } from './support/table.ts';

const SETTLE_MS = 5_000;
const WINDOW_MS = 2_000;
const WINDOWS = 8;

/** CPU, memory and event-loop delay of an agent with all rules on a machine that does nothing else. */
export async function benchIdle(root: string): Promise<Figure[]> {
  const agent = await startAgent(root, [join(root, 'rules')], 1);
  try {
    await wait(SETTLE_MS);
    const shares: number[] = [];
    for (let i = 0; i < WINDOWS; i++) {
      const before = agent.cpuSeconds();
      const start = process.hrtime.bigint();
      await wait(WINDOW_MS);
      shares.push(((agent.cpuSeconds() - before) / (Number(process.hrtime.bigint() - start) / 1e9)) * 100);
    }
    const share = shares.reduce((a, b) => a + b) / shares.length;
    const resident = agent.residentMiB();
    const delay = /^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(await agent.metrics())?.[1];
    return [
      { name: 'idle: CPU', value: `${share.toFixed(2)} %`, promised: 'under 1 %', kept: share < 1 },
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
