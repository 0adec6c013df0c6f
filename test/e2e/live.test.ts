import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';
import { Program } from './support/program.ts';
import { runVictim, type Truth, victimRules } from './support/shell-victim.ts';

const bench = new Bench();
afterEach(() => bench.end());

function start(words: readonly string[]): Program {
  const program = new Program(words);
  bench.onEnd(() => program.end());
  return program;
}

/** An agent with the victim's rules. */
async function startAgent(folder: string, token: string, args: readonly string[]): Promise<Program> {
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, victimRules(folder, token));
  const agent = start(['run', '--rules', rules, '--data', join(folder, 'data'), '--http', 'none', ...args]);
  await agent.logged('ready');
  return agent;
}

/** Rule and output fields of what the victim did. */
function expected({ pid, file, port, command }: Truth) {
  return {
    'The file is opened': { 'fd.name': file, 'proc.pid': pid, 'evt.res': 'SUCCESS' },
    'The port is connected to': { 'fd.rport': port, 'fd.rip': '127.0.0.1', 'fd.l4proto': 'tcp', 'proc.pid': pid },
    'The program is run': { 'proc.cmdline': command, 'proc.pid': pid, 'proc.ppid': process.pid },
  };
}

test("a victim's openat, connect and execve reach a subscriber of the collector", async () => {
  const folder = bench.folder();
  const collector = await bench.collector();
  const listener = bench.listen({ address: collector.address });
  await until(() => listener.live, 'the subscription is live');
  const output = join(folder, 'alerts.jsonl');
  const agent = await startAgent(folder, 'token1', ['--collector', collector.address, '--output', `file:${output}`]);
  const truth = await runVictim(folder, 'token1');
  await until(() => listener.alerts.length >= 3, 'three alerts arrive');
  const alerts = listener.alerts;
  expect(Object.fromEntries(alerts.map(({ rule, outputFields }) => [rule, outputFields]))).toEqual(expected(truth));
  expect(alerts.map(({ rule }) => rule)).toEqual([
    'The file is opened',
    'The port is connected to',
    'The program is run',
  ]);
  expect(alerts.map(({ completeness }) => completeness)).toEqual(['complete', 'complete', 'complete']);
  expect(new Set(alerts.map(({ process }) => process?.pid))).toEqual(new Set([truth.pid]));
  expect(alerts.map(({ ancestors }) => ancestors[0]?.pid)).toEqual([process.pid, process.pid, process.pid]);
  await agent.end();
});

test('agent, collector and subscriber are three processes; outputs and subscriber show the same alerts', async () => {
  const folder = bench.folder();
  const data = join(folder, 'collector');
  const collector = start(['collector', '--listen', '127.0.0.1:0', '--http', 'none', '--data', data]);
  const address = String((await collector.logged('ready'))['grpc']);
  const subscriber = start([
    'subscribe',
    '--address',
    address,
    '--since',
    '1h',
    '--json',
    '--filter',
    'proc.name in (bash, echo)',
  ]);
  const file = join(folder, 'alerts.jsonl');
  const agent = await startAgent(folder, 'token2', [
    ...['--collector', address, '--output', 'stdout', '--output', `file:${file}`],
  ]);
  const truth = await runVictim(folder, 'token2');
  await until(() => subscriber.lines.length >= 3, 'the subscriber shows three alerts');
  await agent.end();
  const fields = subscriber.alerts.map(({ rule, output_fields }) => [rule, output_fields]);
  expect(Object.fromEntries(fields)).toEqual(expected(truth));
  expect(subscriber.alerts.map(({ uuid }) => uuid)).toEqual(agent.alerts.map(({ uuid }) => uuid));
});

test('heartbeats tell what the agent collects, under which rules, and what it lost', async () => {
  const folder = bench.folder();
  const collector = await bench.collector();
  const listener = bench.listen({ address: collector.address, allKinds: true, sinceNs: 0n });
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, victimRules(folder, 'token10'));
  const words = ['run', '--rules', rules, '--data', join(folder, 'data'), '--http', 'none'];
  const env = { ATALAYA_COLLECTOR_ADDRESS: collector.address, ATALAYA_HEARTBEAT_SECONDS: '1', ATALAYA_NODE: 'node-7' };
  const agent = new Program(words, env);
  bench.onEnd(() => agent.end());
  const ready = await agent.logged('ready');
  const heartbeats = () =>
    listener.items.flatMap((item) =>
      item.type === 'record' && item.envelope.body.type === 'heartbeat'
        ? [{ agentId: item.envelope.agentId, ...item.envelope.body.heartbeat }]
        : [],
    );
  await until(() => heartbeats().length >= 2, 'two heartbeats arrive');
  const [first, second] = heartbeats();
  expect(first).toMatchObject({ agentId: 'node-7', ruleSetDigest: ready['digest'], hookPlan: 'syscall', lost: 0n });
  expect(first?.kinds).toEqual(ready['kinds']);
  expect(second?.produced).toBeGreaterThan(first?.produced ?? 0n);
});
