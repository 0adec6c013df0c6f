import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent } from './support/agent.ts';
import { buildCalls, type Calls, startCalls } from './support/calls.ts';
import { atMost, type Figure } from './support/table.ts';

/** Turns of off, empty, agent; the minimum over all blocks of a state is what counts. */
const ROUNDS = 6;
const BLOCKS_PER_ROUND = 60;
const CALLS_PER_BLOCK = 1_000;
const OPENS_PER_BLOCK = 300;
const SPAWNS_PER_BLOCK = 10;

const NO_OPENS = `- rule: nothing opens
  desc: wants no file event
  condition: evt.type = ptrace and proc.name = never-so-named
  output: "%proc.name"
  priority: DEBUG
`;
const ALL_OPENS = `- rule: every open
  desc: wants every open of one program that does none
  condition: evt.type in (open, openat, openat2, creat) and proc.name = never-so-named
  output: "%proc.name"
  priority: DEBUG
`;

interface Minima {
  off: number;
  empty: number;
  agent: number;
}

/** What the sensor adds to system calls, in E: what an empty program at syscall exit adds to getppid in the same run. */
export async function benchKernel(root: string): Promise<Figure[]> {
  const built = buildCalls(join(root, 'bench/native'));
  const rulesDir = mkdtempSync(join(tmpdir(), 'atalaya-bench-rules-'));
  const noOpens = join(rulesDir, 'no-opens.yaml');
  const allOpens = join(rulesDir, 'all-opens.yaml');
  writeFileSync(noOpens, NO_OPENS);
  writeFileSync(allOpens, ALL_OPENS);
  const calls = startCalls(built.program, built.emptyObject, 0, '/etc/hostname');
  try {
    const measure = (rules: string, run: (calls: Calls) => Promise<number[]>) => inTurns(root, [rules], calls, run);
    const getppid = await measure(join(root, 'rules'), (c) => c.blocks('getppid', BLOCKS_PER_ROUND, CALLS_PER_BLOCK));
    const unwanted = await measure(noOpens, (c) => c.blocks('open', BLOCKS_PER_ROUND, OPENS_PER_BLOCK));
    const emitted = await measure(allOpens, (c) => c.blocks('open', BLOCKS_PER_ROUND, OPENS_PER_BLOCK));
    const spawned = await measure(join(root, 'rules'), (c) =>
      c.blocks('spawn', BLOCKS_PER_ROUND / 4, SPAWNS_PER_BLOCK),
    );
    const unit = getppid.empty - getppid.off;
    const inUnits = (m: Minima) => (m.agent - m.off) / unit;
    return [
      { name: 'E (empty program on getppid)', value: `${unit.toFixed(0)} ns of ${getppid.off.toFixed(0)} ns` },
      atMost('getppid, all rules', inUnits(getppid), 1.3, 'E'),
      atMost('open+close that no rule wants', inUnits(unwanted), 2.6, 'E'),
      { name: 'open+close emitted (3 components)', value: `${inUnits(emitted).toFixed(2)} E` },
      atMost('fork+exec+wait, all rules: added', (spawned.agent / spawned.off - 1) * 100, 3, '%'),
    ];
  } finally {
    calls.stop();
    rmSync(rulesDir, { recursive: true });
    rmSync(built.dir, { recursive: true });
  }
}

async function inTurns(
  root: string,
  rules: string[],
  calls: Calls,
  run: (c: Calls) => Promise<number[]>,
): Promise<Minima> {
  const minima: Minima = { off: Infinity, empty: Infinity, agent: Infinity };
  const keep = async (state: keyof Minima) => {
    minima[state] = Math.min(minima[state], ...(await run(calls)));
  };
  for (let round = 0; round < ROUNDS; round++) {
    await keep('off');
    await calls.attachEmpty();
    await keep('empty');
    await calls.detachEmpty();
    const agent = await startAgent(root, rules, 1);
    await keep('agent');
    await agent.stop();
  }
  return minima;
}
