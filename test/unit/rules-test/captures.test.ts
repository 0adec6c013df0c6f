import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { createMatcher } from '../../../agent/match/matcher.ts';
import { loadRules } from '../../../agent/pipeline/load-rules.ts';
import { bundledRules } from '../../../agent/pipeline/rule-files.ts';
import { compileRules } from '../../../agent/rules/compile.ts';
import { readAlertInput } from '../../../agent/rules-test/alert-input.ts';
import { type AlertChange, backtest } from '../../../agent/rules-test/backtest.ts';
import { readContexts } from '../../../agent/rules-test/capture-contexts.ts';
import { eventOf } from '../../../agent/rules-test/complete-event.ts';
import { createEventFilter } from '../../../agent/rules-test/event-filter.ts';
import { exceptionYaml, scalar } from '../../../agent/rules-test/exception-yaml.ts';
import { explainCapture } from '../../../agent/rules-test/explain-capture.ts';
import { conditionValue, suggestException } from '../../../agent/rules-test/suggest-exception.ts';
import { readCapture } from '../../../agent/sources/capture/reader.ts';
import { createRecorder } from '../../../agent/sources/capture/recorder.ts';
import { given, hash } from './support.ts';

const CAPTURE = fileURLToPath(new URL('../../data/captures-peer/attacks-container.scap', import.meta.url));
const files = loadRules([bundledRules()]).read.files;
const compileWith = (text: string) => {
  const result = compileRules([...files, { path: 'more.yaml', text }], catalogue, { hash });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.ruleSet;
};
const present = compileWith('');

describe('explain', () => {
  const rule = (name: string) => {
    const found = present.rules.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  test('shows the first event that matches', async () => {
    const { event, matched } = await explainCapture(rule('Program run from memory'), CAPTURE, undefined);
    expect(matched).toBe(1);
    expect(event).toMatchObject({ type: 'execve', handled: true, matches: true, exceptions: [] });
    expect(event?.process).toContain('memfd:payload');
  });

  test('shows what comes nearest where nothing matches', async () => {
    const { event, matched, looked } = await explainCapture(rule('Miner started'), CAPTURE, undefined);
    expect([matched, event?.matches, event?.type]).toEqual([0, false, 'execve']);
    expect(looked).toBeGreaterThan(100);
  });

  test('shows the event that was asked for, also where the rule never looks at it', async () => {
    const { event } = await explainCapture(rule('Program run from memory'), CAPTURE, 1);
    expect(event?.number).toBe(1);
    const { event: none } = await explainCapture(rule('Program run from memory'), CAPTURE, 99_999_999);
    expect(none).toBeUndefined();
  });
});

describe('backtest', () => {
  const run = async (text: string) => {
    const changes: AlertChange[] = [];
    const result = await backtest(CAPTURE, present, compileWith(text), (change) => changes.push(change));
    return { result, changes };
  };

  test('finds nothing where nothing changed', async () => {
    const { result, changes } = await run('');
    expect(changes).toEqual([]);
    expect(result).toMatchObject({ added: 0, removed: 0, changed: 0, gaps: undefined });
    expect(result.unchanged).toBeGreaterThan(30);
  });

  test('tells what is added, removed and said otherwise, event by event', async () => {
    const { result, changes } = await run(`
- rule: Program run from memory
  enabled: false
  override: {enabled: replace}
- rule: File system mounted in a container
  priority: CRITICAL
  override: {priority: replace}
- rule: Everything in memory
  desc: d
  condition: evt.type = memfd_create and evt.failed = false
  output: memory by %proc.name
  priority: NOTICE
`);
    expect(result).toMatchObject({ added: 1, removed: 1, changed: 1 });
    expect(changes.map(({ kind, rule, priority }) => [kind, rule, priority])).toEqual([
      ['changed', 'File system mounted in a container', 'Critical'],
      ['added', 'Everything in memory', 'Notice'],
      ['removed', 'Program run from memory', 'Critical'],
    ]);
    expect(changes.map(({ event }) => event)).toEqual(changes.map(({ event }) => event).sort((a, b) => a - b));
  });
});

describe('a filter', () => {
  test('chooses the events that are explained and tried', async () => {
    const memory = createEventFilter('evt.type = memfd_create');
    const added = compileWith(
      '- rule: All\n  desc: d\n  condition: evt.type in (memfd_create, openat)\n  output: o\n  priority: INFO\n',
    );
    const all = added.rules.find(({ name }) => name === 'All');
    if (all === undefined) throw new Error('no rule');
    const { events, looked, matched } = await explainCapture(all, CAPTURE, undefined, memory);
    expect([looked, matched]).toEqual([events, events]);
    expect(events).toBeGreaterThan(0);
    const types: string[] = [];
    await readContexts(CAPTURE, (context) => {
      types.push(context.event.type);
    });
    expect(events).toBe(types.filter((type) => type === 'memfd_create').length);
    const changes: AlertChange[] = [];
    await backtest(CAPTURE, present, added, (change) => changes.push(change), memory);
    expect(changes.map(({ rule }) => rule)).toEqual(changes.map(() => 'All'));
    expect(changes).toHaveLength(events);
  });

  test('that is wrong is told with its places', () => {
    expect(() => createEventFilter('proc.nam = a and evt.typ = b')).toThrow(
      "at character 1 of the filter: there is no field 'proc.nam'; did you mean 'proc.name'?\n" +
        "at character 18 of the filter: there is no field 'evt.typ'; did you mean 'evt.type'?",
    );
  });
});

describe('a capture of our own', () => {
  const demo = fileURLToPath(new URL('../../../rules/demo/first-alerts.cap', import.meta.url));

  test('is explained with the state that was recorded', async () => {
    const rule = present.rules.find(({ name }) => name === 'Program run from shared memory');
    if (rule === undefined) throw new Error('no rule');
    const { event, matched, events } = await explainCapture(rule, demo, undefined);
    expect([event?.matches, event?.type]).toEqual([true, 'execve']);
    expect(matched).toBeGreaterThan(0);
    expect(events).toBeGreaterThan(100);
  });

  test('says what its plan hid from the rules that it is tried with', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rules-capture-'));
    try {
      const path = join(folder, 'narrow.cap');
      const [first] = readCapture(demo);
      if (first?.type !== 'header') throw new Error('no header');
      const kinds = first.header.plan.kinds
        .filter(({ kind }) => kind !== 'memfd')
        .map((plan) => (plan.kind === 'open' ? { ...plan, result: 'success' as const } : plan));
      const recorder = await createRecorder(path, { ...first.header, plan: { kinds, environment: false } });
      await recorder.close();
      const more = (condition: string) =>
        `- {rule: More, desc: d, condition: '${condition}', output: o, priority: NOTICE}`;
      const gapsOf = async (condition: string) => {
        const ruleSet = compileRules([{ path: 'more.yaml', text: more(condition) }], catalogue, { hash }).ruleSet;
        return (await backtest(path, ruleSet, ruleSet, () => {})).gaps;
      };
      expect(await gapsOf('evt.type = memfd_create')).toEqual([{ events: 'all of memfd', rules: ['More'] }]);
      expect(await gapsOf('evt.type = openat and evt.failed = true')).toEqual([
        { events: 'open that failed', rules: ['More'] },
      ]);
      expect(await gapsOf('evt.type = execve and proc.env contains A')).toEqual([
        { events: 'environments of processes', rules: ['More'] },
      ]);
      expect(await gapsOf('evt.type = openat and evt.failed = false')).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a suggested exception', () => {
  test('silences its alert and leaves every other one, for every rule that a capture fires', async () => {
    const first = await firstAlerts();
    expect(first.size).toBeGreaterThanOrEqual(20);
    const { ruleSet } = compileRules(files, given, { hash });
    const suggestions = [...first].map(([name, { line }]) => {
      const read = readAlertInput(line, given);
      const rule = ruleSet.rules.find((candidate) => candidate.name === name);
      if (!read.ok || rule === undefined) throw new Error(name);
      const suggestion = suggestException(read.alert, rule);
      return { name, suggestion, yaml: exceptionYaml(read.alert, suggestion) };
    });
    const all = suggestions.map(({ yaml }) => yaml).join('');
    const changes: AlertChange[] = [];
    await backtest(CAPTURE, present, compileWith(all), (change) => changes.push(change));
    expect(changes.filter(({ kind }) => kind !== 'removed')).toEqual([]);
    for (const [name, { event }] of first)
      expect(changes).toContainEqual(expect.objectContaining({ rule: name, event }));
    const after = compileRules([...files, { path: 'more.yaml', text: all }], given, { hash }).ruleSet;
    const matches = (name: string, texts: ReadonlyMap<string, string> | undefined): boolean => {
      const event = texts && eventOf(texts, given);
      return (
        event !== undefined &&
        createMatcher(after)
          .match(event)
          .some((matched) => matched.name === name)
      );
    };
    expect(suggestions.filter(({ suggestion }) => suggestion.event === undefined).map(({ name }) => name)).toEqual([]);
    expect(
      suggestions.filter(({ name, suggestion }) => matches(name, suggestion.event)).map(({ name }) => name),
    ).toEqual([]);
    const untold = suggestions.filter(({ name, suggestion }) => !matches(name, suggestion.other));
    expect(untold.map(({ name }) => name)).toEqual([]);
  });

  test('goes by the binary, its parent, the place and the object', () => {
    const fields = {
      'proc.exepath': '/opt/backup',
      'proc.name': 'backup',
      'proc.pexepath': '/usr/sbin/cron',
      'container.id': 'host',
      'fd.name': '/etc/shadow',
    };
    expect(parts(fields)).toEqual([
      ['proc.exepath', '/opt/backup'],
      ['proc.pexepath', '/usr/sbin/cron'],
      ['container.id', 'host'],
      ['fd.name', '/etc/shadow'],
    ]);
  });

  test('takes the command line of what runs others, the image, and the server of a connection', () => {
    const fields = {
      'proc.exepath': '/usr/bin/python3.11',
      'proc.cmdline': 'python3 /opt/x.py',
      'container.image.repository': 'docker.io/library/app',
      'container.id': '3b07a4c1d9e2',
      'fd.name': '10.0.0.5:41000->10.0.0.6:443',
    };
    expect(parts(fields)).toEqual([
      ['proc.exepath', '/usr/bin/python3.11'],
      ['proc.cmdline', 'python3 /opt/x.py'],
      ['container.image.repository', 'docker.io/library/app'],
      ['fd.sip', '10.0.0.6'],
      ['fd.sport', '443'],
    ]);
  });

  test('lets a masked secret be anything, and compares what is too long as far as it can', () => {
    const cmdline = `python3 x.py --password *** ${'y'.repeat(300)}`;
    const fields = {
      'proc.exepath': '/usr/bin/python3',
      'proc.cmdline': cmdline,
      'fd.name': `/srv/${'é'.repeat(150)}`,
    };
    const [, command, object] = suggestionOf(fields).parts;
    expect(command).toMatchObject({ comp: 'glob', value: expect.stringMatching(/^python3 x\.py --password \* y+\*$/) });
    expect(object).toMatchObject({ comp: 'startswith', value: expect.stringMatching(/^\/srv\/é+$/) });
    const { event, parts: all } = suggestionOf(fields);
    const alert = { rule: 'R', output: '', time: '', fields: new Map(Object.entries(fields)) };
    const yaml = exceptionYaml(alert, { name: 'n', parts: all, event, other: undefined });
    const result = compileRules(
      [
        { path: 'r', text: OPENAT },
        { path: 'e', text: yaml },
      ],
      given,
      { hash },
    );
    expect(result.errors).toEqual([]);
    const told = (texts: Record<string, string>) => {
      const read = eventOf(new Map(Object.entries({ 'evt.type': 'openat', ...texts })), given);
      return read && createMatcher(result.ruleSet).match(read).length;
    };
    expect(told({ ...fields, 'proc.cmdline': cmdline.replace('***', 'secret') })).toBe(0);
    expect(told({ ...fields, 'proc.cmdline': 'python3 other.py' })).toBe(1);
  });

  test('cannot be broken by what an attacker writes into a name', () => {
    const hostile = '/tmp/a" or evt.type exists or "b\n- rule: x';
    const alert = { rule: 'R', output: `told ${hostile}`, time: '', fields: new Map([['proc.exepath', hostile]]) };
    const yaml = exceptionYaml(alert, {
      name: 'n',
      parts: [{ field: 'proc.exepath', comp: '=', value: hostile, reason: 'this binary' }],
      event: undefined,
      other: undefined,
    });
    expect(yaml.split('\n').filter((line) => line.startsWith('- rule'))).toEqual(['- rule: R']);
    const text = `- rule: R\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: NOTICE\n`;
    const result = compileRules(
      [
        { path: 'r', text },
        { path: 'e', text: yaml },
      ],
      given,
      { hash },
    );
    expect(result.errors).toEqual([]);
    const told = (path: string) =>
      createMatcher(result.ruleSet).match({
        event: { kind: 'exec', type: 'execve' },
        values: new Map([
          ['evt.type', 'execve'],
          ['proc.exepath', path],
        ]),
      }).length;
    expect([told(hostile), told('/tmp/a'), told('b')]).toEqual([0, 1, 1]);
  });
});

test.each([
  ['/usr/bin/x', '/usr/bin/x', '/usr/bin/x'],
  ['two words', '"two words"', '"\\"two words\\""'],
  ['a,b', '"a,b"', '"\\"a,b\\""'],
  ['null', 'null', '"null"'],
  ['0', '0', '"0"'],
])('%s is quoted for the condition, then for YAML', (value, condition, yaml) => {
  expect(conditionValue(value)).toBe(condition);
  expect(scalar(conditionValue(value))).toBe(yaml);
});

describe('an alert on standard input', () => {
  test.each([
    ['', 'is no JSON'],
    ['[]', 'is no alert'],
    ['{}', `has no 'rule'`],
    ['{"rule":"R"}', `has no 'output_fields'`],
    ['{"rule":"R","output_fields":{"no.field":"x"}}', `has no 'output_fields'`],
  ])('%s is refused', (text, message) => {
    expect(readAlertInput(text, given)).toEqual({ ok: false, message: expect.stringContaining(message) });
  });

  test('may be the first of several lines, and absent fields do not count', () => {
    const line = '{"rule":"R","output":"o","output_fields":{"proc.exepath":"/a","proc.pname":null,"fd.name":"<NA>"}}';
    const read = readAlertInput(`${line}\n{"rule":"other"}\n`, given);
    expect(read).toEqual({
      ok: true,
      alert: { rule: 'R', output: 'o', time: '', fields: new Map([['proc.exepath', '/a']]) },
    });
  });
});

const OPENAT = '- rule: R\n  desc: d\n  condition: evt.type = openat\n  output: o\n  priority: NOTICE\n';

function suggestionOf(fields: Record<string, string>) {
  const read = readAlertInput(JSON.stringify({ rule: 'R', output_fields: fields }), given);
  if (!read.ok) throw new Error(read.message);
  const [rule] = compileRules([{ path: 'r', text: OPENAT }], given, { hash }).ruleSet.rules;
  if (rule === undefined) throw new Error('no rule');
  return suggestException(read.alert, rule);
}

function parts(fields: Record<string, string>): readonly (readonly [string, string])[] {
  return suggestionOf(fields).parts.map(({ field, value }) => [field, value] as const);
}

/** The first alert of each rule of the capture as a line of JSON, as the outputs give it. */
async function firstAlerts(): Promise<ReadonlyMap<string, { readonly line: string; readonly event: number }>> {
  const lines = new Map<string, { line: string; event: number }>();
  const matcher = createMatcher(present);
  await readContexts(CAPTURE, (context) => {
    for (const rule of matcher.match(context)) {
      if (lines.has(rule.name)) continue;
      const output = rule.format.render(context).text;
      const line = JSON.stringify(
        { rule: rule.name, output, time: '', output_fields: rule.format.values(context) },
        (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
      );
      lines.set(rule.name, { line, event: context.eventNumber });
    }
  });
  return lines;
}
