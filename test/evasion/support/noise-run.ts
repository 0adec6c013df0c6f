import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Program } from '../../e2e/support/program.ts';
import { type Cgroup, holdBack, makeCgroup } from '../../kernel/support/cgroup.ts';
import { attack, type NoiseKind, prepareAttack, startNoise } from '../../kernel/support/noise.ts';
import { type Bench, until } from '../../unit/support/delivery.ts';

/** Of a core, for the agent with all its threads. */
const AGENT_SHARE = 0.2;
const FLOODS: readonly NoiseKind[] = ['opens', 'opens', 'forks', 'setuid', 'ptrace'];
const NOISY_FILES = 500;
/** Steps of an attack, each on a file, a user and a program of its own. */
const ROUNDS = 10;
/** Nobody's here; from which on rules look. */
const UID_FIRST = 20_000;
/** An agent that is held back takes as long to say something or to work through what it has. */
const LATE_MS = 60_000;

/** A real agent that is held back, noise in one cgroup, and attacks in it and in another. */
export interface NoiseRun {
  /** An attack in each cgroup while all floods go on; what no alert told of. */
  untold(run: number): Promise<string[]>;
}

interface Attack {
  readonly where: string;
  readonly cgroup: Cgroup;
  readonly folder: string;
  readonly files: readonly string[];
  readonly programs: readonly string[];
  readonly uids: readonly number[];
}

/** Prepares so many runs. */
export async function startNoiseRuns(bench: Bench, program: string, runs: number): Promise<NoiseRun> {
  const folder = bench.folder();
  // Other users run what is in it.
  chmodSync(folder, 0o755);
  const noisyFiles = Array.from({ length: NOISY_FILES }, (_, i) => join(folder, `noisy-${i}`));
  for (const file of noisyFiles) writeFileSync(file, '');
  const prepared = Array.from({ length: 2 * runs }, (_, i) => {
    const place = join(folder, `attack-${i}`);
    mkdirSync(place);
    const uids = Array.from({ length: ROUNDS }, (_, round) => UID_FIRST + i * ROUNDS + round);
    return { folder: place, uids, ...prepareAttack(place, ROUNDS) };
  });
  const rules = join(folder, 'rules.yaml');
  writeFileSync(
    rules,
    rulesFor(
      prepared.flatMap(({ files }) => files),
      prepared.flatMap(({ programs }) => programs),
    ),
  );
  const http = join(folder, 'http');
  const agent = new Program([
    ...['run', '--collector', 'none', '--http', `unix:${http}`, '--rules', rules],
    ...['--output', 'stdout', '--data', join(folder, 'data')],
  ]);
  bench.onEnd(() => agent.end());
  const { cgroups } = await agent.logged('ready');
  const [noisy, quiet] = [0, 1].map(() => makeCgroup(String(cgroups))) as [Cgroup, Cgroup];
  const held = holdBack(agent.child.pid ?? 0, AGENT_SHARE);
  bench.onEnd(async () => {
    // Its group can only go when it is gone.
    await agent.end('SIGKILL');
    for (const cgroup of [noisy, quiet, held]) cgroup.remove();
  });
  const attackOf = (index: number, where: string, cgroup: Cgroup): Attack => {
    const one = prepared[index];
    if (one === undefined) throw new Error(`run ${index} was not prepared`);
    return { where, cgroup, ...one };
  };

  return {
    untold: async (run) => {
      const attacks = [
        attackOf(2 * run, 'in the midst of the noise', noisy),
        attackOf(2 * run + 1, 'in another cgroup', quiet),
      ];
      const before = await countedBy(http);
      const floods = FLOODS.map((kind) => startNoise(program, noisy.procs, kind, noisyFiles));
      try {
        // The noise is above what its cgroup may send, by far.
        await untilCounted(http, before + 10_000);
        const went = await Promise.all(
          attacks.map(({ cgroup, folder, uids: [uid = 0] }) => attack(program, cgroup.procs, folder, ROUNDS, uid)),
        );
        if (went.some((rounds) => rounds !== ROUNDS)) return [`of ${ROUNDS} rounds ${went.join(' and ')} went well`];
      } finally {
        await Promise.all(floods.map(({ end }) => end()));
      }
      const missing = () => attacks.flatMap((one) => missingOf(one, agent));
      await until(() => missing().length === 0, 'all alerts', LATE_MS).catch(() => {});
      return missing();
    },
  };
}

function missingOf({ where, files, programs, uids }: Attack, agent: Program): string[] {
  const told = new Set(agent.alerts.map(({ output }) => output.replace(/^.*marked /s, '')));
  const expected = [
    ...files.map((file) => `open of ${file}.`),
    ...uids.map((uid) => `change to ${uid}.`),
    ...programs.map((program) => `run of ${program}.`),
  ];
  return expected.filter((one) => !told.has(one)).map((one) => `${where}: ${one}`);
}

function rulesFor(files: readonly string[], programs: readonly string[]): string {
  const rule = (name: string, condition: string, output: string): string =>
    `- rule: ${name}\n  desc: test\n  condition: ${condition}\n  output: "marked ${output}."\n  priority: CRITICAL\n`;
  return [
    rule('opens', `evt.type in (open, openat, openat2) and fd.name in (${files.join(', ')})`, 'open of %fd.name'),
    rule('users', `evt.type = setuid and user.uid >= ${UID_FIRST}`, 'change to %user.uid'),
    rule('programs', `evt.type = execve and proc.exepath in (${programs.join(', ')})`, 'run of %proc.exepath'),
    // So that the noise is collected too.
    rule('failures', 'evt.type = ptrace and evt.failed = true and user.uid >= 20000', 'failed'),
  ].join('');
}

async function untilCounted(http: string, least: number): Promise<void> {
  const endMs = Date.now() + LATE_MS;
  while ((await countedBy(http)) < least) {
    if (Date.now() > endMs) throw new Error('the noise stays within its budget');
  }
}

/** Sum of atalaya_sensor_counted_total. */
async function countedBy(socketPath: string): Promise<number> {
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request({ socketPath, path: '/metrics' }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        body += part;
      });
      answer.on('end', () => resolve(body));
    });
    asked.on('error', reject).end();
  });
  return [...text.matchAll(/^atalaya_sensor_counted_total\{[^}]*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}
