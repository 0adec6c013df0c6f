import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../agent/fields/catalogue.ts';
import { createMatcher } from '../agent/match/matcher.ts';
import { loadRules } from '../agent/pipeline/load-rules.ts';
import { readRuleFiles } from '../agent/pipeline/rule-files.ts';
import { compileRules } from '../agent/rules/compile.ts';
import { evaluate } from '../agent/rules/evaluate.ts';
import { readContexts } from '../agent/rules-test/capture-contexts.ts';
import { givenCatalogue } from '../agent/rules-test/given-event.ts';
import { readEvent } from '../agent/rules-test/read-event.ts';
import { failureLines } from '../agent/rules-test/report.ts';
import { type FilesResult, runTestFiles } from '../agent/rules-test/run-files.ts';
import { readTestFiles } from '../agent/rules-test/test-files.ts';

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const json = <T>(name: string): T => JSON.parse(readFileSync(path(name), 'utf8')) as T;
const FOLDER = path('rules');
const OPTIONAL = path('rules/optional/environment.yaml');

const { ruleSet, errors } = loadRules([FOLDER, OPTIONAL]);
const names = ruleSet.rules.map(({ name }) => name).sort();
const URGENT: readonly string[] = ['Emergency', 'Alert', 'Critical', 'Error', 'Warning'];

test('our rules compile', () => {
  expect(errors).toEqual([]);
  expect(names.length).toBeGreaterThan(80);
});

describe('the tests of our rules', () => {
  let result: FilesResult;
  const documents = readTestFiles([FOLDER]).documents;
  const tests = documents.flatMap((document) => document.tests);

  beforeAll(async () => {
    result = await runTestFiles([FOLDER], () => 0);
  });

  test('pass', () => {
    expect(result.errors).toEqual([]);
    expect(result.outcomes.flatMap((one) => ('fault' in one ? [one.fault] : []))).toEqual([]);
    const failed = result.outcomes.flatMap((one) => ('result' in one && !one.result.passed ? [one.result] : []));
    expect(failed.flatMap(failureLines)).toEqual([]);
    expect(result.outcomes.length).toBe(tests.length);
  });

  test('fire every rule, and use every exception', () => {
    const all = [...result.coverage.rules.values()];
    expect(all.map(({ rule }) => rule).sort()).toEqual(names);
    expect(all.filter(({ fired }) => !fired).map(({ rule }) => rule)).toEqual([]);
    const unused = all.flatMap(({ rule, exceptions }) =>
      [...exceptions].filter(([, used]) => !used).map(([exception]) => `${exception} of ${rule}`),
    );
    expect(unused).toEqual([]);
  });

  test('say for every rule when it fires and when it is silent', () => {
    const fired = new Set(tests.flatMap(({ expect: alerts }) => (alerts ?? []).map(({ rule }) => rule)));
    const silent = new Set(tests.flatMap(({ silent: rules }) => rules.map(({ name }) => name)));
    expect(names.filter((name) => !fired.has(name))).toEqual([]);
    expect(names.filter((name) => !silent.has(name))).toEqual([]);
  });
});

test('generated code says of every event of the tests what the reference evaluator says', () => {
  const files = readRuleFiles([FOLDER]).files;
  const given = givenCatalogue(catalogue);
  const rules = compileRules(files, given, { hash: (text) => String(text.length) }).ruleSet;
  const matcher = createMatcher(rules);
  let events = 0;
  for (const { fields, span } of readTestFiles([join(FOLDER, 'test')]).documents.flatMap(({ tests }) =>
    tests.flatMap((one) => one.events),
  )) {
    const event = readEvent(fields, span, given);
    const expected = rules.active.filter((rule) => rule.handles(event.event.type) && evaluate(rule.condition, event));
    expect(matcher.match(event).map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    events++;
  }
  expect(events).toBeGreaterThan(400);
});

describe('the mappings', () => {
  interface Attack {
    readonly containers: Readonly<Record<string, readonly string[]>>;
    readonly techniques: Readonly<Record<string, string>>;
  }
  const attack = json<Attack>('rules/attack.json');
  const upstream = json<{ rules: Record<string, { ours: string[] }> }>('rules/upstream.json').rules;
  const matrix = new Set(Object.values(attack.containers).flat());

  test('name a technique of ATT&CK for Containers for every rule', () => {
    const without = ruleSet.rules.filter(({ tags }) => !tags.some((tag) => matrix.has(tag.replace(/\..*/, ''))));
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  test('know every technique', () => {
    const used = ruleSet.rules.flatMap(({ tags }) => tags.filter((tag) => /^TA?\d/.test(tag)));
    expect(used.filter((id) => attack.techniques[id] === undefined)).toEqual([]);
    expect([...matrix].filter((id) => attack.techniques[id] === undefined)).toEqual([]);
  });

  test('say what of ours sees what each upstream rule sees', () => {
    const files = ['falco_rules.yaml', 'falco-incubating_rules.yaml'];
    const theirs = loadRules(files.map((file) => path(`test/data/upstream-rules/${file}`))).ruleSet.rules;
    expect(Object.keys(upstream).sort()).toEqual(theirs.map(({ name }) => name).sort());
    expect(Object.values(upstream).flatMap(({ ours }) => ours.filter((name) => !names.includes(name)))).toEqual([]);
  });
});

interface Raised {
  readonly rule: string;
  readonly priority: string;
  readonly timeNs: bigint;
  readonly output: string;
}

async function raisedBy(capture: string): Promise<{ readonly events: number; readonly alerts: readonly Raised[] }> {
  const matcher = createMatcher(loadRules([FOLDER]).ruleSet);
  const alerts: Raised[] = [];
  let events = 0;
  await readContexts(path(capture), (context) => {
    events++;
    for (const { name, priority, format } of matcher.match(context)) {
      const { event } = context;
      const output = format.render(context).text;
      alerts.push({ rule: name, priority, timeNs: event.timeNs, output });
    }
  });
  return { events, alerts };
}

test.each(['benign-build', 'benign-web'])('%s raises nothing that is urgent', async (name) => {
  const { events, alerts } = await raisedBy(`test/data/captures-benign/${name}.scap`);
  expect(events).toBeGreaterThan(40_000);
  expect(alerts.filter(({ priority }) => URGENT.includes(priority))).toEqual([]);
});

/** What upstream tells of the recorded attacks and we do not, and why. */
const NOT_OURS: Readonly<Record<string, string>> = {
  'Delete or rename shell history: bash -i': 'a shell that saves its own history when it ends',
};

/** Upstream tells of some calls when they begin, we of all when they end. */
const CALL_NS_MAX = 1_000_000n;

test('tells every act of recorded attacks that upstream tells', async () => {
  const upstream = json<{ rules: Record<string, { ours: string[] }> }>('rules/upstream.json').rules;
  const { alerts } = await raisedBy('test/data/captures-peer/attacks-container.scap');
  const theirs = readFileSync(path('test/data/captures-peer/attacks-container.alerts.json'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { rule, output_fields: fields } = JSON.parse(line) as {
        rule: string;
        output_fields: Record<string, unknown>;
      };
      // As text: the number has more digits than a double holds.
      const time = /"evt\.time\.iso8601":(\d+)/.exec(line)?.[1];
      return { rule, time, act: `${rule}: ${String(fields['proc.cmdline'])}` };
    })
    .filter(({ rule }) => upstream[rule] !== undefined);
  expect(theirs.length).toBeGreaterThan(20);
  const untold = theirs.filter(({ rule, time }) => {
    const ours = upstream[rule]?.ours ?? [];
    return !alerts.some((alert) => {
      const laterNs = alert.timeNs - BigInt(time ?? 0);
      return ours.includes(alert.rule) && laterNs >= 0n && laterNs < CALL_NS_MAX;
    });
  });
  expect(untold.map(({ act }) => act)).toEqual(Object.keys(NOT_OURS));
});
