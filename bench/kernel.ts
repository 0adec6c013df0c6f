import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startAgent } from './support/agent.ts';
import { buildCalls, type Calls, startCalls } from './support/calls.ts';
import { loadedSensors } from './support/sensors.ts';
import { atMost, type Figure } from './support/table.ts';

/** Turns of all states; the minimum over all blocks of a state is what counts. */
const ROUNDS = 6;
const BLOCKS = 60;
/** Calls of a block, about a millisecond; a spawn is one by itself. */
const PER_BLOCK = { getppid: 1_000, open: 300, spawn: 1 } as const;
/** Blocks while somebody else's sensor was there do not count; so often they are tried again, then it is an error. */
const TRIES = 240;
const RETRY_MS = 500;

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

type Call = keyof typeof PER_BLOCK;

/** What the sensor adds to system calls, in E: what an empty program at syscall exit adds to getppid in the same run. */
export async function benchKernel(root: string): Promise<Figure[]> {
  const built = buildCalls(join(root, 'bench/native'));
  const rulesDir = mkdtempSync(join(tmpdir(), 'atalaya-bench-rules-'));
  const noOpens = join(rulesDir, 'no-opens.yaml');
  const allOpens = join(rulesDir, 'all-opens.yaml');
  writeFileSync(noOpens, NO_OPENS);
  writeFileSync(allOpens, ALL_OPENS);
  const calls = startCalls(built.program, built.emptyObject, 0, '/etc/hostname');
  const blocks = new Blocks(root, calls);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await blocks.take('off', 0, ['getppid', 'open', 'spawn']);
      await calls.attachEmpty();
      await blocks.take('empty', 0, ['getppid']);
      await calls.detachEmpty();
      await blocks.withAgent('all rules', join(root, 'rules'), ['getppid', 'spawn']);
      await blocks.withAgent('no opens', noOpens, ['open']);
      await blocks.withAgent('all opens', allOpens, ['open']);
    }
  } finally {
    calls.stop();
    rmSync(rulesDir, { recursive: true });
    rmSync(built.dir, { recursive: true });
  }
  const off = blocks.least('off', 'getppid');
  const unit = blocks.least('empty', 'getppid') - off;
  const added = (state: string, call: Call): number => (blocks.least(state, call) - blocks.least('off', call)) / unit;
  const spawned = blocks.least('all rules', 'spawn') / blocks.least('off', 'spawn') - 1;
  return [
    { name: 'E (empty program on getppid)', value: `${unit.toFixed(0)} ns of ${off.toFixed(0)} ns` },
    atMost('getppid, all rules', added('all rules', 'getppid'), 1.3, 'E'),
    atMost('open+close that no rule wants', added('no opens', 'open'), 2.6, 'E'),
    { name: 'open+close emitted', value: `${added('all opens', 'open').toFixed(2)} E` },
    atMost('fork+exec+wait, all rules: added', spawned * 100, 3, '%'),
  ];
}

/** Blocks of calls in states of the machine, and the shortest of each. */
class Blocks {
  private readonly root: string;
  private readonly calls: Calls;
  private readonly shortest = new Map<string, number>();

  constructor(root: string, calls: Calls) {
    this.root = root;
    this.calls = calls;
  }

  async withAgent(state: string, rules: string, calls: readonly Call[]): Promise<void> {
    const agent = await startAgent(this.root, [rules], 1);
    try {
      await this.take(state, 1, calls);
    } finally {
      await agent.stop();
    }
  }

  /** `sensors`: how many are loaded in this state. */
  async take(state: string, sensors: number, calls: readonly Call[]): Promise<void> {
    for (const call of calls) {
      const taken = await this.undisturbed(sensors, () => this.calls.blocks(call, BLOCKS, PER_BLOCK[call]));
      const key = `${state}: ${call}`;
      this.shortest.set(key, Math.min(this.shortest.get(key) ?? Number.POSITIVE_INFINITY, ...taken));
    }
  }

  least(state: string, call: Call): number {
    return this.shortest.get(`${state}: ${call}`) ?? Number.NaN;
  }

  private async undisturbed(sensors: number, measure: () => Promise<number[]>): Promise<number[]> {
    const alone = (): boolean => (loadedSensors(this.root) ?? sensors) === sensors;
    for (let tried = 0; tried < TRIES; tried++) {
      if (alone()) {
        const taken = await measure();
        if (alone()) return taken;
      }
      await wait(RETRY_MS);
    }
    throw new Error('other sensors are loaded on this machine');
  }
}
