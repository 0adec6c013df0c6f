import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type RunningAgent, startAgent } from './support/agent.ts';
import { buildCalls, type Calls, startCalls } from './support/calls.ts';
import { sumOf } from './support/metrics.ts';
import { createQuota, type Quota } from './support/quota.ts';
import type { Figure } from './support/table.ts';

const SHARE = 0.2;
const BLOCKS = 2_000;
const OPENS_PER_BLOCK = 300;
const PROGRAMS = 200;
const SETTLE_MS = 120_000;
const LOOK_MS = 250;

const ALL_OPENS = `- rule: every open
  desc: wants every open of one program that does none
  condition: evt.type in (open, openat, openat2, creat) and proc.name = never-so-named
  output: "%proc.name"
  priority: DEBUG
`;

/** What the agent's page says, as far as the balance needs it. */
interface Counts {
  readonly produced: number;
  readonly received: number;
  readonly lost: number;
  readonly told: number;
  readonly heartbeats: number;
  readonly worked: number;
  readonly opens: number;
  readonly forks: number;
  readonly execs: number;
  readonly exits: number;
}

/**
 * Opens that a rule wants, as fast as two processes can make them, while the agent has a fifth of one CPU; programs
 * are run meanwhile. No fork, exec or exit of theirs may be missing, and every open that is must be told.
 */
export async function benchStorm(root: string): Promise<Figure[]> {
  const quota = createQuota(`atalaya-bench-${process.pid}`, SHARE);
  if (quota === undefined) throw new Error('no cpu controller of cgroups can be used here');
  const built = buildCalls(join(root, 'bench/native'));
  const rules = join(mkdtempSync(join(tmpdir(), 'atalaya-bench-rules-')), 'all-opens.yaml');
  writeFileSync(rules, ALL_OPENS);
  const started = await startAgent(root, [rules], 1).catch((error: unknown) => {
    quota.remove();
    throw error;
  });
  try {
    quota.add(started.pid);
    return await storm(started, quota, (cpu) => startCalls(built.program, built.emptyObject, cpu, '/etc/hostname'));
  } finally {
    await started.stop();
    quota.remove();
    rmSync(join(rules, '..'), { recursive: true });
    rmSync(built.dir, { recursive: true });
  }
}

async function storm(agent: RunningAgent, quota: Quota, start: (cpu: number) => Calls): Promise<Figure[]> {
  const processes = [start(0), start(1), start(0)] as const;
  const [one, two, programs] = processes;
  let before: Counts;
  let after: Counts;
  let seconds: number;
  try {
    before = await settled(agent);
    const begin = process.hrtime.bigint();
    await Promise.all([
      one.blocks('open', BLOCKS, OPENS_PER_BLOCK),
      two.blocks('open', BLOCKS, OPENS_PER_BLOCK),
      programs.blocks('spawn', PROGRAMS, 1),
    ]);
    seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    after = await settled(agent);
  } finally {
    for (const calls of processes) calls.stop();
  }
  const grown = (read: (counts: Counts) => number): number => read(after) - read(before);
  const opens = 2 * BLOCKS * OPENS_PER_BLOCK;
  const lost = grown((counts) => counts.lost);
  const inLanes = Math.min(
    grown((counts) => counts.forks),
    grown((counts) => counts.execs),
    grown((counts) => counts.exits),
  );
  const balanced = after.produced === after.received + after.lost && after.lost === after.told;
  return [
    {
      name: 'storm',
      value: `${(opens / seconds / 1e3).toFixed(0)} k opens/s`,
      note: `${opens} opens, ${PROGRAMS} programs`,
    },
    { name: 'periods in which the agent had to wait', value: String(quota.throttled()) },
    { name: 'opens seen', value: String(grown((counts) => counts.opens)), note: `${lost} told as gaps` },
    {
      name: 'forks, execs and exits seen, the least of them',
      value: String(inLanes),
      promised: `at least ${PROGRAMS}`,
      kept: inLanes >= PROGRAMS,
    },
    {
      name: 'opens seen or told',
      value: String(grown((counts) => counts.opens) + lost),
      promised: `at least ${opens}`,
      kept: grown((counts) => counts.opens) + lost >= opens,
    },
    {
      name: 'produced = received + told as gaps',
      value: `${after.produced} = ${after.received} + ${after.told}`,
      promised: 'exactly',
      kept: balanced,
    },
  ];
}

/** The agent's counts when it has worked through all that there was. */
async function settled(agent: RunningAgent): Promise<Counts> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const counts = countsOf(await agent.metrics());
    const done = counts.produced === counts.received + counts.lost;
    if (done && counts.worked === counts.received - counts.heartbeats && counts.lost === counts.told) return counts;
    if (Date.now() > deadline) {
      throw new Error(`the agent's counts do not add up after ${SETTLE_MS / 1000} s: ${JSON.stringify(counts)}`);
    }
    await wait(LOOK_MS);
  }
}

function countsOf(page: string): Counts {
  const lost = (stage: string): number => sumOf(page, 'atalaya_events_lost_total', `stage="${stage}"`);
  const events = (kind: string): number => sumOf(page, 'atalaya_events_total', `kind="${kind}"`);
  return {
    produced: sumOf(page, 'atalaya_sensor_produced_total'),
    received: sumOf(page, 'atalaya_sensor_received_total'),
    lost: sumOf(page, 'atalaya_sensor_lost_total'),
    told: lost('kernel') + lost('reader'),
    heartbeats: sumOf(page, 'atalaya_sensor_heartbeats_total'),
    worked: sumOf(page, 'atalaya_decode_records_total'),
    opens: events('open'),
    forks: events('fork'),
    execs: events('exec'),
    exits: events('exit'),
  };
}
