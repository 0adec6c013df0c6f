import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';
import { AS_NOBODY, Program } from './support/program.ts';
import { runVictim, victimRules } from './support/shell-victim.ts';

const bench = new Bench();
afterEach(() => bench.end());

function start(words: readonly string[], prefix: readonly string[] = []): Program {
  const program = new Program(words, {}, prefix);
  bench.onEnd(() => program.end());
  return program;
}

/** A folder with rules for one victim, and the arguments of an agent that uses it. */
function prepare(token: string): { folder: string; rules: string; args: string[] } {
  const folder = bench.folder();
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, victimRules(folder, token));
  return { folder, rules, args: ['run', '--rules', rules, '--data', join(folder, 'data'), '--http', 'none'] };
}

/** Exit code and what was said on standard error. */
async function outcome(program: Program): Promise<{ code: number | null; said: string }> {
  const { code, stderr } = await program.ended;
  return { code, said: stderr.trimEnd() };
}

// An end that takes longer than it may is cut off by the program itself, which then says so instead of `ended`.
describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends an agent cleanly, with all that was raised shown', async () => {
    const { folder, args } = prepare('token4');
    const agent = start(args);
    await agent.logged('ready');
    await runVictim(folder, 'token4');
    expect(await agent.end(signal)).toMatchObject({ code: 0, signal: null });
    expect(agent.log.slice(-2)).toMatchObject([{ msg: 'ending', signal }, { msg: 'ended' }]);
    expect(agent.alerts.map(({ rule }) => rule)).toEqual([
      'The file is opened',
      'The port is connected to',
      'The program is run',
    ]);
  });
});

test('SIGTERM ends an agent whose collector does not answer', async () => {
  const { args } = prepare('token5');
  const agent = start([...args, '--collector', '127.0.0.1:1']);
  await agent.logged('ready');
  expect(await agent.end()).toMatchObject({ code: 0, signal: null });
  expect(agent.log.at(-1)?.msg).toBe('ended');
});

test('after kill -9, what was raised is in the spool and reaches a collector that comes later', async () => {
  const { folder, args } = prepare('token6');
  const agent = start([...args, '--collector', '127.0.0.1:1']);
  await agent.logged('ready');
  await runVictim(folder, 'token6');
  await until(() => agent.lines.length >= 3, 'three alerts are shown');
  expect(await agent.end('SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });
  const collector = await bench.collector();
  const listener = bench.listen({ address: collector.address, sinceNs: 0n });
  const second = start([...args, '--collector', collector.address]);
  await second.logged('ready');
  await until(() => listener.alerts.length >= 3, 'the alerts of the first run arrive');
  expect(listener.alerts.map(({ uuid }) => uuid)).toEqual(agent.alerts.map(({ uuid }) => uuid));
});

test('a recorder of a program that is not there ends with 2 and begins no capture', async () => {
  const capture = join(bench.folder(), 'none.cap');
  const { code, said } = await outcome(start(['record', '-o', capture, '--', 'no-such-program']));
  expect([code, said, existsSync(capture)]).toEqual([
    2,
    'atalaya: no-such-program is in no folder of PATH as a file that can be run; expected a program and its arguments after --',
    false,
  ]);
});

test('a recorder that is killed leaves a capture that can be read', async () => {
  const { folder, rules } = prepare('token7');
  const capture = join(folder, 'killed.cap');
  const recorder = start(['record', '-o', capture]);
  await recorder.logged('ready');
  await runVictim(folder, 'token7');
  const replay = async (): Promise<Program> => {
    const replayed = start(['replay', capture, '--rules', rules]);
    await replayed.ended;
    return replayed;
  };
  // Blocks are written as time goes by: the victim's acts are in the file at some moment before the kill.
  for (let found = 0; found < 3; found = (await replay()).lines.length);
  await recorder.end('SIGKILL');
  const replayed = await replay();
  expect(replayed.alerts.map(({ rule }) => rule)).toEqual([
    'The file is opened',
    'The port is connected to',
    'The program is run',
  ]);
  const { code, said } = await outcome(replayed);
  expect(code).toBe(4);
  expect(said).toContain(capture);
});

test('record ends with its command, and after its time', async () => {
  const { folder } = prepare('token8');
  const withCommand = start(['record', '-o', join(folder, 'a.cap'), '--', 'true']);
  const withTime = start(['record', '-o', join(folder, 'b.cap'), '--for', '200ms']);
  for (const recorder of [withCommand, withTime]) {
    const { code, said } = await outcome(recorder);
    expect(code).toBe(0);
    expect(said).toMatch(/recorded \d+ events/);
  }
  const replayed = start(['replay', join(folder, 'a.cap'), join(folder, 'b.cap')]);
  expect((await replayed.ended).code).toBe(0);
});

test('record that is asked to end does not wait for its command', async () => {
  const { folder } = prepare('none');
  const recorder = start(['record', '-o', join(folder, 'a.cap'), '--', 'sleep', '1000']);
  await recorder.logged('ready');
  expect(await recorder.end('SIGINT')).toMatchObject({ code: 0, signal: null });
  const replayed = start(['replay', join(folder, 'a.cap')]);
  expect((await replayed.ended).code).toBe(0);
});

describe('ends with 3 and says why', () => {
  test('when the port of its metrics is in use', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    bench.onEnd(() => new Promise((resolve) => server.close(resolve)));
    const { args } = prepare('none');
    const { code, said } = await outcome(start([...args, '--http', `127.0.0.1:${port}`]));
    expect(code).toBe(3);
    expect(said).toBe(`atalaya: 127.0.0.1:${port} is in use by another program`);
  });

  test('when its data folder cannot be written', async () => {
    const { rules } = prepare('none');
    const { code, said } = await outcome(start(['run', '--rules', rules, '--data', '/proc/atalaya', '--http', 'none']));
    expect(code).toBe(3);
    expect(said).toContain('the data folder /proc/atalaya cannot be made');
  });

  test('when its data folder belongs to another user', async () => {
    const data = join(bench.folder(), 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'collector.db'), '');
    chmodSync(join(data, '..'), 0o755);
    chmodSync(data, 0o755);
    const words = ['collector', '--listen', '127.0.0.1:0', '--http', 'none', '--data', data];
    const { code, said } = await outcome(start(words, AS_NOBODY));
    expect(code).toBe(3);
    expect(said).toBe(
      `atalaya: ${join(data, 'collector.db')} cannot be written: EACCES: permission denied, access '${data}'`,
    );
  });

  test('when another agent has the data folder, before the kernel takes any program', async () => {
    const { args } = prepare('none');
    const first = start(args);
    await first.logged('ready');
    // Without its programs it could go no further.
    const { code, said } = await outcome(start(args, ['env', 'ATALAYA_SENSOR_OBJECT=/nonexistent.bpf.o']));
    expect(code).toBe(3);
    expect(said).toContain('spool.db is in use by another process');
  });

  test('when the kernel does not describe its types', async () => {
    const { args } = prepare('none');
    const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', 'sh'];
    const { code, said } = await outcome(start(args, hidden));
    expect(code).toBe(3);
    expect(said.split('\n')).toHaveLength(1);
    expect(said).toContain('/sys/kernel/btf/vmlinux');
  });

  test('when it is not root', async () => {
    const { folder, rules } = prepare('none');
    chmodSync(folder, 0o755);
    const data = join(folder, 'nobody');
    mkdirSync(data);
    chmodSync(data, 0o777);
    const { code, said } = await outcome(start(['run', '--rules', rules, '--data', data, '--http', 'none'], AS_NOBODY));
    expect(code).toBe(3);
    expect(said.split('\n')).toHaveLength(1);
    expect(said).toContain('Run as root, or with the capabilities CAP_BPF and CAP_PERFMON.');
    expect(existsSync(join(data, 'spool.db'))).toBe(false);
  });
});

describe('ends with 2 and names the place', () => {
  test('for an unknown key of the configuration', async () => {
    const { folder, args } = prepare('none');
    const config = join(folder, 'atalaya.yaml');
    writeFileSync(config, 'node: a\nheartbeat_second: 3\n');
    const { code, said } = await outcome(start([...args, '--config', config]));
    expect(code).toBe(2);
    expect(said).toBe(`atalaya: ${config}:2:1: unknown key 'heartbeat_second'; did you mean 'heartbeat_seconds'?`);
  });

  test('for rules that do not compile, all of them at once', async () => {
    const { rules, args } = prepare('none');
    writeFileSync(
      rules,
      ['Bad field', 'Bad macro']
        .map(
          (name) =>
            `- rule: ${name}\n  desc: d\n  condition: evt.type=open and ${name === 'Bad field' ? 'proc.nme=a' : 'no_such_macro'}\n  output: o\n  priority: ERROR\n`,
        )
        .join(''),
    );
    const { code, said } = await outcome(start(args));
    expect(code).toBe(2);
    expect(said).toContain(`${rules}:3:`);
    expect(said).toContain("did you mean 'proc.name'?");
    expect(said).toContain(`${rules}:8:`);
  });

  test('for a flag that does not exist', async () => {
    const { code, said } = await outcome(start(['run', '--ruls', 'x']));
    expect(code).toBe(2);
    expect(said).toContain('--rules');
  });
});
