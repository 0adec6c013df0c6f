import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatFault } from '../../../agent/rules-test/fault.ts';
import { junitXml } from '../../../agent/rules-test/junit.ts';
import { coverageLines, failureLines } from '../../../agent/rules-test/report.ts';
import { type FilesResult, runTestFiles } from '../../../agent/rules-test/run-files.ts';
import { ruleText } from './support.ts';

const CAPTURE = fileURLToPath(new URL('../../data/captures-peer/attacks-container.scap', import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-test-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const RULE = ruleText(
  'evt.type = execve and proc.name = bad',
  `  exceptions:\n    - name: good_parent\n      fields: [proc.pname]\n      values: [[good]]\n`,
);

async function run(tests: string, rules = RULE): Promise<FilesResult> {
  return runTestFiles([write('tests.yaml', `${rules}---\ntests:\n${tests}`)], () => 0);
}

function faults(result: FilesResult): readonly string[] {
  return result.outcomes
    .flatMap((one) => ('fault' in one ? [formatFault(one.fault)] : []))
    .map((line) => line.replace(folder, ''));
}

function failures(result: FilesResult): readonly string[] {
  const failed = result.outcomes.flatMap((one) => ('result' in one && !one.result.passed ? [one.result] : []));
  return failed.flatMap(failureLines).map((line) => line.replace(folder, ''));
}

describe('a test', () => {
  test('passes when the alerts are those that it expects', async () => {
    const result = await run('  - {test: t, events: [{evt.type: execve, proc.name: bad}], expect: [R]}\n');
    expect([faults(result), failures(result), result.errors]).toEqual([[], [], []]);
  });

  test('shows what is missing, and which comparison did not hold', async () => {
    const result = await run('  - {test: t, events: [{evt.type: execve, proc.name: worse}], expect: [R]}\n');
    expect(failures(result)).toEqual([
      '/tests.yaml:12: FAILED: t',
      '  - R',
      '      does not hold: proc.name = bad   [proc.name = "worse"]',
    ]);
  });

  test('shows what is too much', async () => {
    const result = await run('  - {test: t, events: [{evt.type: execve, proc.name: bad}], expect: []}\n');
    expect(failures(result)).toEqual(['/tests.yaml:12: FAILED: t', '  + event 1: R: told bad']);
  });

  test('holds a rule to its silence, and leaves others alone', async () => {
    const result = await run('  - {test: t, events: [{evt.type: execve, proc.name: bad}], silent: [R]}\n');
    expect(failures(result)).toEqual([
      '/tests.yaml:12: FAILED: t',
      '  + event 1: R: told bad (the test says: silent: R)',
    ]);
  });

  test('tells events and outputs apart', async () => {
    const events = '[{evt.type: execve, proc.name: bad}, {evt.type: execve, proc.name: bad, proc.pname: good}]';
    const right = await run(`  - {test: t, events: ${events}, expect: [{rule: R, event: 1, output: told bad}]}\n`);
    expect(failures(right)).toEqual([]);
    const wrong = await run(`  - {test: t, events: ${events}, expect: [{rule: R, event: 2}]}\n`);
    expect(failures(wrong)).toEqual([
      '/tests.yaml:12: FAILED: t',
      '  - event 2: R',
      '      found: event 1: R: told bad',
      '  + event 1: R: told bad',
    ]);
  });

  test('cannot forge a line of the report', async () => {
    const result = await run(`  - {test: "t\\n0 failed", events: [{evt.type: execve, proc.name: bad}], expect: []}\n`);
    expect(failures(result)[0]).toBe('/tests.yaml:12: FAILED: t\\n0 failed');
  });
});

describe('a wrong document', () => {
  test.each([
    [
      `{test: t, events: [{evt.type: execve, proc.nme: a}], expect: []}`,
      `unknown field 'proc.nme'; did you mean 'proc.name'?`,
    ],
    [`{test: t, events: [{evt.type: exeve}], expect: []}`, `'exeve' is no event of this build; did you mean 'execve'?`],
    [
      `{test: t, events: [{proc.name: a}], expect: []}`,
      `an event without 'evt.type'; expected such as 'evt.type: openat'`,
    ],
    [`{test: t, events: [{evt.type: execve, proc.tty: x}], expect: []}`, `'x' is no value of 'proc.tty'`],
    [`{test: t, events: [{evt.type: execve, fd.name: /a}], expect: []}`, `execve never has 'fd.name'`],
    [
      `{test: t, events: [{evt.type: mkdir, evt.arg.flags: '0'}], expect: []}`,
      `mkdir has no parameter for 'evt.arg.flags'`,
    ],
    [`{test: t, events: [{evt.type: execve}], expect: [Q]}`, `unknown rule 'Q'`],
    [`{test: t, events: [{evt.type: execve}], expect: [{rule: R, event: 2}]}`, `there is no event 2; expected 1 to 1`],
    [
      `{test: t, events: [{evt.type: mkdir}], silent: [R]}`,
      `rule 'R' never looks at mkdir: that it is silent shows nothing`,
    ],
    [`{test: t, events: [{evt.type: execve}]}`, `test 't' expects nothing`],
    [`{test: t, expect: []}`, `test 't' needs either events or a capture`],
    [`{test: t, evnts: [], expect: []}`, `unknown key 'evnts'; expected one of`],
    [`{events: [{evt.type: execve}], expect: []}`, `a test without a name`],
    [`{test: t, capture: nothing.cap, expect: []}`, `nothing.cap cannot be read`],
  ])('%s says so', async (text, message) => {
    const result = await run(`  - ${text}\n`);
    expect(faults(result)).toEqual([expect.stringContaining(message)]);
    expect(faults(result)[0]).toMatch(/^\/tests\.yaml:12:\d+: error: /);
  });

  test('leaves the other tests in force', async () => {
    const result = await run(
      '  - {test: a, expect: []}\n  - {test: b, events: [{evt.type: execve, proc.name: bad}], expect: [R]}\n',
    );
    expect(faults(result).length).toBe(1);
    expect(result.outcomes.filter((one) => 'result' in one && one.result.passed).length).toBe(1);
  });

  test('of rules that do not compile gives their errors', async () => {
    const result = await run(
      '  - {test: t, events: [{evt.type: execve}], expect: []}\n',
      ruleText('evt.type = execve and proc.nme = a'),
    );
    expect(result.errors.map(({ code, line }) => [code, line])).toEqual([['LOAD_ERR_COMPILE_CONDITION', 3]]);
    expect(result.outcomes).toEqual([]);
    expect(junitXml(result.outcomes, result.errors)).toContain(`tests="1" failures="0" errors="1"`);
  });
});

describe('rules', () => {
  test('are those that the document names, then those of its own file', async () => {
    const other = write('other.yaml', RULE.replace('R\n', 'Other\n'));
    const tests = `---\nrules: [other.yaml]\ntests:\n  - {test: t, events: [{evt.type: execve, proc.name: bad}], expect: [R, Other]}\n`;
    const result = await runTestFiles([write('own.yaml', `${RULE}${tests}`), other], () => 0);
    expect([faults(result), failures(result), result.ruleFiles]).toEqual([[], [], 1]);
  });

  test('that come with Atalaya are named by a word', async () => {
    const tests = `rules: [bundled]\ntests:\n  - {test: t, events: [{evt.type: execveat, proc.exepath: '/memfd:x'}], expect: [Program run from memory]}\n`;
    const result = await runTestFiles([write('own.yaml', tests)], () => 0);
    expect([faults(result), failures(result), result.errors]).toEqual([[], [], []]);
  });
});

test('a capture with a filter gives the events', async () => {
  const rules = ruleText('evt.type = ptrace and evt.arg.request contains PTRACE_ATTACH');
  const test_ = (filter: string, expected: string) =>
    run(`  - {test: t, capture: ${CAPTURE}, filter: '${filter}', expect: ${expected}}\n`, rules);
  expect(failures(await test_('proc.name = ptr', '[R]'))).toEqual([]);
  expect(failures(await test_('proc.name = other', '[]'))).toEqual([]);
  expect(failures(await test_('proc.name = ptr', '[]')).length).toBe(2);
  expect(faults(await test_('proc.nme = ptr', '[R]'))).toEqual([expect.stringContaining('the filter is wrong')]);
});

describe('coverage', () => {
  test('lists rules and exceptions that nothing has fired', async () => {
    const result = await run('  - {test: t, events: [{evt.type: execve, proc.name: a}], expect: []}\n');
    expect(coverageLines(result.coverage.rules.values()).map((line) => line.replace(folder, ''))).toEqual([
      'rules fired: 0 of 1; exceptions that kept a rule silent: 0 of 1',
      'never fired: R (/tests.yaml)',
      'exception never used: good_parent of R',
    ]);
  });

  test('counts an exception only where it alone keeps the rule silent', async () => {
    const event = (name: string) =>
      run(`  - {test: t, events: [{evt.type: execve, proc.name: ${name}, proc.pname: good}], expect: []}\n`);
    const used = async (name: string) =>
      [...(await event(name)).coverage.rules.values()][0]?.exceptions.get('good_parent');
    expect([await used('bad'), await used('other')]).toEqual([true, false]);
  });
});

test('JUnit gets a suite a file, failures as text and nothing that XML cannot hold', async () => {
  const result = await run(
    `  - {test: "a <b> & \\u0001", events: [{evt.type: execve, proc.name: bad}], expect: []}\n  - {test: c, events: [{evt.type: execve, proc.name: bad}], expect: [R]}\n`,
  );
  expect(junitXml(result.outcomes).replaceAll(folder, '')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="/tests.yaml" tests="2" failures="1" errors="0">
    <testcase classname="/tests.yaml" name="a &lt;b&gt; &amp; \ufffd" time="0.000000">
      <failure message="/tests.yaml:12">/tests.yaml:12: FAILED: a &lt;b&gt; &amp; \\u0001
  + event 1: R: told bad</failure>
    </testcase>
    <testcase classname="/tests.yaml" name="c" time="0.000000"/>
  </testsuite>
</testsuites>
`);
});

test('the example of the documentation holds, and uses its exception', async () => {
  const document = readFileSync(fileURLToPath(new URL('../../../docs/rule-tests.md', import.meta.url)), 'utf8');
  const example = /```yaml\n([^]*?)```/.exec(document)?.[1] ?? '';
  const result = await runTestFiles([write('example.yaml', example)], () => 0);
  expect([faults(result), failures(result), result.errors]).toEqual([[], [], []]);
  expect(coverageLines(result.coverage.rules.values())).toEqual([
    'rules fired: 1 of 1; exceptions that kept a rule silent: 1 of 1',
  ]);
});
