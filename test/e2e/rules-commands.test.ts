import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from './support/program.ts';

const data = (name: string): string => fileURLToPath(new URL(`../data/${name}`, import.meta.url));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atalaya-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);

function write(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

const rule = (name: string, condition: string): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n`;

/** Nothing that could end a line, colour a terminal or turn text around. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u;

describe('rules check', () => {
  test('takes the files of upstream together', async () => {
    const { code, stdout, stderr } = await run('rules', 'check', data('upstream-rules'));
    expect(code).toBe(0);
    expect(stderr).toMatch(/^5 files, 97 rules, 0 errors, \d+ warnings\n$/);
    expect(stdout).toMatch(/warning in rule 'Outbound Connection to C2 Servers': 'evt\.dir' tells nothing any more/);
  });

  test('tells all faults of all files at once, in their order, with the line of each', async () => {
    const a = write('a.yaml', `${rule('r', 'evt.type=opne and proc.nmae=a')}- lst: l\n`);
    const b = write('b.yaml', rule('s', 'spawned'));
    const { code, stdout, stderr } = await run('rules', 'check', '--source', a, b);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      `${a}:3:23: error in rule 'r': no event is called 'opne'; expected the name of an event; did you mean 'open'? [LOAD_ERR_COMPILE_CONDITION]`,
      '3 |   condition: evt.type=opne and proc.nmae=a',
      '                          ^',
      `${a}:3:32: error in rule 'r': there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_ERR_COMPILE_CONDITION]`,
      '3 |   condition: evt.type=opne and proc.nmae=a',
      '                                   ^',
      `${a}:6:3: warning: the item is of no known kind and is ignored; expected one of the keys rule, macro, list, required_engine_version, required_plugin_versions; did you mean 'list'? [LOAD_UNKNOWN_ITEM]`,
      '6 | - lst: l',
      '      ^',
      `${b}:3:14: error in rule 's': there is no macro 'spawned' that can be used here [LOAD_ERR_VALIDATE]`,
      '3 |   condition: spawned',
      '                 ^',
      '',
    ]);
    expect(stderr).toBe('2 files, 0 rules, 3 errors, 1 warning\n');
  });

  test('--json is one object with everything', async () => {
    const file = write('a.yaml', rule('r', 'proc.nmae=a'));
    const { code, stdout, stderr } = await run('rules', 'check', '--json', file, path('nothing'));
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      files: [
        { path: path('nothing'), errors: 1, warnings: 0 },
        { path: file, errors: 1, warnings: 0 },
      ],
      rules: 0,
      errors: [
        { code: 'LOAD_ERR_FILE_READ', file: path('nothing'), line: 1, column: 1, message: 'no such file or folder' },
        {
          code: 'LOAD_ERR_COMPILE_CONDITION',
          file,
          line: 3,
          column: 14,
          item: "rule 'r'",
          message: "there is no field 'proc.nmae'",
          nearest: 'proc.name',
        },
      ],
      warnings: [],
    });
  });

  test('ends with 0 on warnings, 1 on errors, 2 on what is not there, 3 on what cannot be read', async () => {
    const codeOf = async (...paths: readonly string[]) => (await run('rules', 'check', ...paths)).code;
    const fine = write('fine.yaml', rule('r', 'evt.type=open'));
    const suspicious = write('suspicious.yaml', '- list: l\n  items: []\n');
    const broken = write('broken.yaml', 'a: "b\n');
    mkdirSync(path('empty'));
    execFileSync('mkfifo', [path('pipe')]);
    expect(await Promise.all([codeOf(fine), codeOf(suspicious), codeOf(broken)])).toEqual([0, 0, 1]);
    expect(await Promise.all([codeOf(path('x')), codeOf(path('empty')), codeOf(path('pipe')), codeOf()])).toEqual([
      2, 2, 2, 2,
    ]);
    expect(await codeOf(fine, '/proc/self/mem')).toBe(3);
    expect(await codeOf(path('empty'), fine)).toBe(0);
  });

  test('never runs what rules say, nor lets it forge a line or colour a terminal', async () => {
    const hostile = '"\\e[31mred\\n\\u202eevil: error \\u0085\\0 ${process.exit(9)} `x` \\" \' \\\\ </script>"';
    const file = write(
      'hostile\n\u001b[32m.yaml',
      rule(hostile, hostile) +
        rule('__proto__', `'evt.type=open and proc.name = "\${process.exit(9)}\`"'`) +
        `- ${hostile}: 1\n`,
    );
    const { code, stdout } = await run('rules', 'check', '--source', file);
    expect(code).toBe(1);
    expect(stdout).not.toMatch(UNSAFE);
    expect(stdout.split('\n').filter((line) => line.includes('.yaml:'))).toHaveLength(2);
    const json = await run('rules', 'check', '--json', file);
    expect(JSON.parse(json.stdout).errors[0].file).toBe(file);
  });
});

describe('rules list', () => {
  test('shows the rules that come with Atalaya, in a table of one line each', async () => {
    const { code, stdout } = await run('rules', 'list');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect([code, head?.split(/ +/)]).toEqual([0, ['rule', 'priority', 'source', 'kinds', 'tags']]);
    expect(rows.length).toBeGreaterThanOrEqual(20);
  });

  test('selects by tag, name and priority', async () => {
    const file = write(
      'a.yaml',
      `${rule('Read a', 'evt.type in (open, openat)')}  tags: [t, u]\n${rule('Read b', 'evt.type=execve')}  enabled: false\n` +
        rule('Write', 'proc.name=a').replace('INFO', 'critical'),
    );
    const namesOf = async (...words: readonly string[]) =>
      (await run('rules', 'list', '--json', ...words, file)).stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).name);
    expect(await namesOf()).toEqual(['Read a', 'Read b', 'Write']);
    expect(await namesOf('--name', 'Read*')).toEqual(['Read a', 'Read b']);
    expect(await namesOf('--tag', 'x', '--tag', 'u')).toEqual(['Read a']);
    expect(await namesOf('--priority', 'WARNING')).toEqual(['Write']);
    expect((await run('rules', 'list', '--json', '--name', 'Read b', file)).stdout).toBe(
      `${JSON.stringify({
        name: 'Read b',
        priority: 'Informational',
        source: 'syscall',
        enabled: false,
        tags: [],
        kinds: ['exec'],
        file,
        line: 7,
      })}\n`,
    );
    const { code, stderr } = await run('rules', 'list', '--priority', 'loud', file);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Expected one of Emergency, Alert')]);
  });

  test('of rules that do not compile is wrong usage, with all that is wrong', async () => {
    const file = write('a.yaml', rule('r\u001b', 'proc.nmae=a') + rule('s', 'm'));
    const { code, stdout, stderr } = await run('rules', 'list', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toMatch(UNSAFE);
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
  });

  test('prints hostile names on one line each', async () => {
    const file = write('a.yaml', rule('"a\\n\\e[31m\\u202eb"', 'evt.type=open'));
    const { stdout } = await run('rules', 'list', file);
    expect(stdout).not.toMatch(UNSAFE);
    expect(stdout.split('\n')[1]).toMatch(/^a\\n\\u001b\[31m\\u202eb {2}Informational/);
  });
});

describe('fields', () => {
  test('are a table, or JSON lines, by prefix', async () => {
    const { code, stdout } = await run('fields', 'proc.aname');
    expect([code, stdout.split('\n').map((line) => line.split(/ {2,}/))]).toEqual([
      0,
      [
        ['field', 'type', 'scope', 'meaning'],
        ['proc.aname or proc.aname[N]', 'CHARBUF', 'process', expect.stringContaining('ancestor')],
        [''],
      ],
    ]);
    const json = await run('fields', '--json', 'evt.arg');
    expect(
      json.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).name)
        .sort(),
    ).toEqual(['evt.arg', 'evt.args']);
  });

  test('of no such prefix name the nearest', async () => {
    expect(await run('fields', 'prok')).toMatchObject({
      code: 2,
      stderr: 'atalaya: no field begins with "prok"; did you mean \'proc\'?\n',
    });
  });
});

describe('migrate', () => {
  test('writes a configuration that config check takes, and tells what became of each key', async () => {
    const target = path('atalaya.yaml');
    const { code, stdout, stderr } = await run('migrate', data('migrate/falco.yaml'), '-o', target);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^line {2}key .*\n2 {5}rules_files +\[2\] +carried over/);
    expect(stderr).toMatch(/^\d+ keys: \d+ carried over, /);
    expect(await run('config', 'check', target)).toMatchObject({ code: 0 });
    const again = await run('migrate', data('migrate/falco.yaml'), '-o', target);
    expect([again.code, again.stderr]).toEqual([2, `atalaya: ${target} cannot be written: is there already\n`]);
  });

  test('without a target writes the configuration to stdout and the keys to stderr', async () => {
    const file = write('falco.yaml', 'priority: notice\njson_ouput: true\n"a\\nb\\e[31m": 1\n');
    const { code, stdout, stderr } = await run('migrate', file);
    expect(code).toBe(1);
    expect(parse(stdout)).toEqual({ outputs: [], rules: { priority: 'Notice', matching: 'first' } });
    expect(stderr).toContain("it is ignored; did you mean 'json_output'?");
    expect(stdout + stderr).not.toMatch(UNSAFE);
    const json = await run('migrate', '--json', file);
    expect(JSON.parse(json.stdout)).toMatchObject({
      keys: [{ key: 'priority', line: 1, kind: 'carried' }, { key: 'json_ouput' }, {}, {}, {}, {}],
      config: stdout,
    });
  });

  test('refuses what is no configuration, with its place', async () => {
    const file = write('falco.yaml', '- a\n');
    expect(await run('migrate', file)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `atalaya: ${file}:1:1: found a list, expected a mapping of keys\n`,
    });
    expect(await run('migrate', path('nothing'))).toMatchObject({ code: 2 });
    expect(await run('migrate', '/dev/zero')).toMatchObject({ code: 2 });
    expect(readFileSync(file, 'utf8')).toBe('- a\n');
  });
});
