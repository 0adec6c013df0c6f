import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { EVENT_KINDS } from '../../agent/events/kinds.ts';
import { TESTED_KINDS } from '../../agent/events/tested-kinds.gen.ts';
import { liveTest } from '../kernel/support/live.ts';
import { Program, run } from './support/program.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function file(name: string, text: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-cli-'));
  folders.push(folder);
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Names of the commands that a help text lists. */
function commandsIn(help: string): string[] {
  const list = help.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
  return [...list.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}

test('every command and subcommand has help with an example, and refuses flags that it does not have', async () => {
  const seen: string[] = [];
  const visit = async (words: readonly string[]): Promise<void> => {
    const [help, wrong] = await Promise.all([run(...words, '--help'), run(...words, '--no-such-flag')]);
    expect([words, help.code, help.stderr]).toEqual([words, 0, '']);
    const name = ['atalaya', ...words].join(' ');
    expect(help.stdout).toMatch(new RegExp(`^Usage: ${name}`));
    expect(help.stdout).toMatch(/\nExamples?:\n {2}\S/);
    expect([words, wrong.code, wrong.stdout]).toEqual([words, 2, '']);
    expect(wrong.stderr).toMatch(
      /^atalaya: (unknown option '--no-such-flag'|required option|missing required argument)/,
    );
    seen.push(words.join(' '));
    for (const command of commandsIn(help.stdout)) await visit([...words, command]);
  };
  await visit([]);
  expect(seen).toEqual(
    expect.arrayContaining(['run', 'record', 'replay', 'collector', 'subscribe', 'rules', 'rules check', 'rules list']),
  );
  expect(seen).toEqual(
    expect.arrayContaining(['fields', 'events', 'doctor', 'config', 'config print', 'config check']),
  );
}, 120_000);

test('a command that does not exist names the nearest', async () => {
  const ended = await run('subscrib');
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('subscribe');
});

test.each(['constructor', 'toString', '__proto__'])('what all objects have is no command: %s', async (word) => {
  expect(await run(word)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(`unknown command '${word}'`),
  });
});

test('events lists every tested kind, with lane and names', async () => {
  const table = await run('events');
  const json = await run('events', '--json');
  expect(table.stdout).toMatch(/^connect +bulk +connect$/m);
  const kinds = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(kinds.map(({ kind }) => kind)).toEqual(TESTED_KINDS);
  expect(kinds[0]).toEqual({
    kind: 'fork',
    lane: 'lifecycle',
    lane_of_failures: 'lifecycle',
    types: ['clone', 'clone3', 'fork', 'vfork'],
  });
});

test('config print says of each value where it comes from', async () => {
  const path = file('a.yaml', 'log:\n  level: warn\nhttp: none\n');
  const program = new Program(['config', 'print', '--json', '--config', path], { ATALAYA_HTTP: '127.0.0.1:1' });
  const { code, stdout } = await program.ended;
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(rows).toContainEqual({ key: 'log.level', value: 'warn', from: `${path}:2:3` });
  expect(rows).toContainEqual({ key: 'http', value: '127.0.0.1:1', from: 'the environment variable ATALAYA_HTTP' });
  expect(rows).toContainEqual({ key: 'outputs', value: ['stdout'], from: 'default' });
});

test('config check tells all mistakes at once, with file, line, column and what was expected', async () => {
  const path = file('b.yaml', 'htttp: none\nlog:\n  level: loud\nspool: {limit_mib: 0}\n');
  const { code, stdout } = await run('config', 'check', path);
  expect(code).toBe(1);
  expect(stdout.trim().split('\n').sort()).toEqual([
    `${path}:1:1: unknown key 'htttp'; did you mean 'http'?`,
    `${path}:3:3: log.level is "loud"; expected one of debug, info, warn, error`,
    `${path}:4:9: spool.limit_mib is 0; expected a whole number from 1 to 1048576`,
  ]);
});

test('config check takes the example, and a file that it cannot read is wrong usage', async () => {
  expect(await run('config', 'check', 'deploy/atalaya.example.yaml')).toMatchObject({ code: 0 });
  expect(await run('config', 'check', '--config', 'deploy/atalaya.example.yaml')).toMatchObject({ code: 0 });
  expect(await new Program(['config', 'check'], { ATALAYA_LOG_LEVEL: 'loud' }).ended).toMatchObject({
    code: 1,
    stdout:
      'the environment variable ATALAYA_LOG_LEVEL: log.level is "loud"; expected one of debug, info, warn, error\n',
  });
  expect(await run('config', 'check', '/nonexistent.yaml')).toMatchObject({ code: 2, stdout: '' });
  const bytes = file('c.yaml', Buffer.from([0xff, 0xfe, 0x00]));
  const ended = await run('config', 'check', bytes);
  expect([ended.code, ended.stderr]).toEqual([2, `atalaya: ${bytes}:1:1: is UTF-16; expected UTF-8\n`]);
});

test('config check warns of names in rules.select that no rule has', async () => {
  const path = file(
    'select.yaml',
    'rules:\n  select:\n    - disable: {rule: Shell history remvoed}\n    - enable: {tag: container}\n',
  );
  const { code, stdout, stderr } = await run('config', 'check', path);
  expect([code, stdout]).toEqual([0, `${path}: no mistakes found\n`]);
  expect(stderr).toMatch(
    /^atalaya: warning: .*:3:\d+: rules\.select\.0: no rule is called 'Shell history remvoed'; did you mean 'Shell history removed'\?\n$/,
  );
});

test('results that cannot be written are a failure of the environment, without a stack', async () => {
  const full = new Program(['fields'], {}, ['sh', '-c', 'exec "$@" > /dev/full', 'sh']);
  expect(await full.ended).toMatchObject({
    code: 3,
    stderr: 'atalaya: standard output cannot be written: ENOSPC: no space left on device, write\n',
  });
});

test('hostile keys and values of a configuration forge no line', async () => {
  const path = file('d.yaml', '"a\\nb\\e[31m": 1\nhttp: "x\\n\\u202e"\n');
  const { code, stdout } = await run('config', 'check', path);
  expect(code).toBe(1);
  expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

liveTest('doctor loads, attaches and sees an event, and tells what is covered', async () => {
  const { code, stdout, stderr } = await run('doctor', '--json');
  expect([code, stderr]).toEqual([0, '']);
  const { works, checks, coverage } = JSON.parse(stdout);
  expect(works).toBe(true);
  const states = Object.fromEntries(checks.map(({ name, state }: { name: string; state: string }) => [name, state]));
  expect(states).toMatchObject({
    kernel: 'ok',
    'kernel types': 'ok',
    'programs load': 'ok',
    'programs attach': 'ok',
    'process list': 'ok',
    'events arrive': 'ok',
  });
  expect(coverage.kinds.covered).toEqual(EVENT_KINDS);
  expect(coverage.rules.missing).toEqual([]);
  expect(coverage.techniques.covered).toContain('T1611');
});

liveTest('doctor without capabilities ends with 3 and says which are missing', async () => {
  const words = [
    '--reuid',
    '65534',
    '--regid',
    '65534',
    '--clear-groups',
    '--inh-caps=-all,+dac_read_search',
    '--ambient-caps=-all,+dac_read_search',
  ];
  const { code, stdout } = await new Program(['doctor'], {}, ['setpriv', ...words]).ended;
  expect(code).toBe(3);
  expect(stdout).toMatch(/^MISSING {2}capabilities +uid 65534, without CAP_BPF CAP_PERFMON/m);
  expect(stdout).toContain(`kinds of events covered: 0 of ${EVENT_KINDS.length}`);
  expect(stdout).toContain('The agent cannot watch this node.');
});

test('doctor with a file that is no object of programs says so', async () => {
  const { code, stdout } = await run('doctor', '--object', file('x.o', 'no object'));
  expect(code).toBe(3);
  expect(stdout).toMatch(/^MISSING {2}open +sensor: open failed/m);
});
