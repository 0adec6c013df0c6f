import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';
import { Program } from './support/program.ts';
import { runVictim, victimRules } from './support/shell-victim.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** As deploy/kubernetes gives them, by their numbers. */
const CAPABILITIES = { dac_read_search: 2n, sys_ptrace: 19n, perfmon: 38n, bpf: 39n } as const;

test('an agent with four capabilities and no others works whole', async () => {
  const folder = bench.folder();
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, victimRules(folder, 'token9'));
  const set = Object.keys(CAPABILITIES).map((name) => `+${name}`);
  const prefix = ['setpriv', '--no-new-privs', '--inh-caps', '-all', '--bounding-set', ['-all', ...set].join(',')];
  const words = ['run', '--rules', rules, '--data', join(folder, 'data'), '--http', '127.0.0.1:0'];
  const agent = new Program(words, {}, prefix);
  bench.onEnd(() => agent.end());
  await agent.logged('ready');
  const status = readFileSync(`/proc/${agent.child.pid}/status`, 'latin1');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]}`);
  expect(effective).toBe(Object.values(CAPABILITIES).reduce((mask, bit) => mask | (1n << bit), 0n));
  await runVictim(folder, 'token9');
  await until(() => agent.lines.length >= 3, 'three alerts are shown');
  expect(agent.alerts.map(({ rule }) => rule)).toEqual([
    'The file is opened',
    'The port is connected to',
    'The program is run',
  ]);
  expect(await agent.end()).toMatchObject({ code: 0, signal: null });
});
