import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { create as createBacktest } from '../../../agent/cli/rules-backtest.ts';
import { create as createExplain } from '../../../agent/cli/rules-explain.ts';
import { create as createSuggest } from '../../../agent/cli/rules-suggest-exception.ts';
import { create as createTest } from '../../../agent/cli/rules-test.ts';
import { ruleText } from './support.ts';

const CAPTURE = fileURLToPath(new URL('../../data/captures-peer/attacks-container.scap', import.meta.url));

let folder: string;
let out: string;
let err: string;
let code: typeof process.exitCode;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-cli-'));
  [out, err] = ['', ''];
  code = process.exitCode;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = code;
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The exit code; what was printed is in out and err. */
async function run(command: Command, ...words: readonly string[]): Promise<unknown> {
  process.exitCode = 0;
  await command.parseAsync([...words], { from: 'user' });
  return process.exitCode;
}

const TESTS = `${ruleText('evt.type = execve and proc.name = bad')}---\ntests:\n`;
const PASSES = '  - {test: a, events: [{evt.type: execve, proc.name: bad}], expect: [R]}\n';
const FAILS = '  - {test: b, events: [{evt.type: execve, proc.name: bad}], expect: []}\n';
const IS_WRONG = '  - {test: c, events: [{evt.type: execve, proc.nme: bad}], expect: []}\n';

describe('rules test', () => {
  test('ends with 0, 1 or 2, as the tests pass, fail or are wrong', async () => {
    expect(await run(createTest(), write('a.yaml', TESTS + PASSES))).toBe(0);
    expect([out, err]).toEqual(['', expect.stringMatching(/^1 passed, 0 failed, 0 wrong; \d+ ms\n$/)]);
    expect(await run(createTest(), write('b.yaml', TESTS + PASSES + FAILS))).toBe(1);
    expect(out).toContain('b.yaml:9: FAILED: b\n  + event 1: R: told bad\n');
    expect(await run(createTest(), write('c.yaml', TESTS + FAILS + IS_WRONG))).toBe(2);
    expect(out).toContain("c.yaml:9:43: error: unknown field 'proc.nme'; did you mean 'proc.name'?\n");
  });

  test('takes no tests, and no such file, for wrong', async () => {
    expect(await run(createTest(), write('a.yaml', ruleText('evt.type = execve')))).toBe(2);
    expect(err).toContain('no tests found (1 file has rules only)');
    expect(await run(createTest(), join(folder, 'nothing'))).toBe(2);
    expect(out).toContain('nothing:1:1: error: ');
  });

  test('looks into folders, writes JUnit and lists what nothing fired', async () => {
    write('a.yaml', TESTS + PASSES);
    const xml = join(folder, 'result.xml');
    expect(await run(createTest(), folder, '--junit', xml, '--coverage')).toBe(0);
    expect(readFileSync(xml, 'utf8')).toContain('<testsuite name="');
    expect(out).toBe('rules fired: 1 of 1; exceptions that kept a rule silent: 0 of 0\n');
  });
});

describe('rules explain', () => {
  test('prints the event, the tree and the counts', async () => {
    expect(await run(createExplain(), '--rule', 'Program run from memory', CAPTURE)).toBe(0);
    const [head, root] = out.split('\n');
    expect(head).toMatch(/^event \d+: execve by memfd:payload .*: rule 'Program run from memory' matches$/);
    expect(root).toBe('yes and');
    expect(err).toMatch(/: 16293 events, \d+ of types that the rule looks at, 1 match\n$/);
  });

  test('names the nearest rule, and the events that there are', async () => {
    await expect(run(createExplain(), '--rule', 'Program run frm memory', CAPTURE)).rejects.toThrow(
      "there is no rule 'Program run frm memory'; did you mean 'Program run from memory'?",
    );
    await expect(run(createExplain(), '--rule', 'Miner started', '--event', '99999', CAPTURE)).rejects.toThrow(
      'there is no event 99999; expected 1 to 16293',
    );
  });

  test('says that a rule never looks at an event, and which exception keeps it silent', async () => {
    const rules = write(
      'rules.yaml',
      ruleText('evt.type = ptrace', '  exceptions:\n    - {name: tool, fields: [proc.name], values: [[ptr]]}\n'),
    );
    await run(createExplain(), '--rule', 'R', '--rules', rules, '--event', '1', CAPTURE);
    expect(out).toContain('the rule is never evaluated for ');
    out = '';
    await run(createExplain(), '--rule', 'R', '--rules', rules, CAPTURE);
    expect(out).toContain("exception 'tool' keeps it silent\n");
  });
});

test('rules backtest prints each change and says what it cannot know', async () => {
  const more = write('more.yaml', ruleText('evt.type = memfd_create and evt.failed = false'));
  expect(await run(createBacktest(), CAPTURE, '--with', more)).toBe(0);
  expect(out).toMatch(/^\+ event \d+ at \S+: Notice R: told memfd\n$/);
  expect(err).toContain('alerts: 1 added, 0 removed, 0 changed, ');
  expect(err).toContain('this kind of capture does not say what was left out of it');
  out = '';
  expect(await run(createBacktest(), CAPTURE, '--with', more, '--rules', more, '--replace')).toBe(0);
  expect(out).toBe('');
});

test('rules suggest-exception writes an exception whose tests pass', async () => {
  const alert = {
    rule: 'Program run from memory',
    output: 'told',
    output_fields: {
      'proc.exepath': '/memfd:x',
      'proc.pexepath': '/opt/loader',
      'container.id': 'host',
      'proc.cmdline': 'x',
    },
  };
  const stdin = Readable.from([JSON.stringify(alert)]);
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as typeof process.stdin);
  expect(await run(createSuggest())).toBe(0);
  const exception = write('exception.yaml', out);
  out = '';
  expect(await run(createTest(), exception)).toBe(0);
  expect([out, err]).toEqual(['', expect.stringMatching(/^2 passed, 0 failed, 0 wrong/)]);
});
