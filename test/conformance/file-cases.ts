import { createHash } from 'node:crypto';
import { compileRules, type FileResult } from '../../agent/rules/compile.ts';
import type { CompiledRule, RuleSet } from '../../agent/rules/rule-set.ts';
import { compareEverywhere } from './agreement.ts';
import { type CaseContext, caseCatalogue } from './case-catalogue.ts';
import { toExtension } from './extensions.ts';
import {
  all,
  BadCase,
  booleanField,
  type Case,
  expectEqual,
  isRecord,
  listField,
  type Outcome,
  PASSED,
  recordField,
  stringField,
} from './outcome.ts';
import { toSExpression } from './s-expression.ts';

/** YAML files, loaded in order: what each load says as upstream would say it, and the rules at the end. */
export function runFileCase(test: Case): Outcome {
  const files = listField(test, 'files').map((file, place) => ({ path: `file${place + 1}.yaml`, text: textOf(file) }));
  const extensions = 'append_output' in test ? listField(test, 'append_output').map(toExtension) : [];
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const compiled = compileRules(files, caseCatalogue, { hash, extensions });
  const results = listField(test, 'results');
  if (results.length !== files.length) throw new BadCase('case has not one result for each file');
  const outcomes = results.map((expected, place) => {
    if (!isRecord(expected)) throw new BadCase('a result is no mapping');
    return compareResult(expected, compiled.files[place]);
  });
  const rules = 'rules' in test ? compareRules(recordField(test, 'rules'), compiled.ruleSet) : PASSED;
  return all([...outcomes, rules, ...compiled.ruleSet.rules.map(compareEverywhere)]);
}

function textOf(file: unknown): string {
  if (typeof file === 'string') return file;
  return stringField(isRecord(file) ? file : {}, 'content');
}

/** Upstream stops at the first error; what was found behind it does not count. Our own notes do not either. */
function compareResult(expected: Record<string, unknown>, file: FileResult | undefined): Outcome {
  const diagnostics = file?.diagnostics ?? [];
  const stop = diagnostics.findIndex(({ severity }) => severity === 'error');
  const reached = stop < 0 ? diagnostics : diagnostics.slice(0, stop + 1);
  const codes = (severity: string): string[] =>
    reached
      .filter((diagnostic) => diagnostic.severity === severity && diagnostic.code.startsWith('LOAD_'))
      .map(({ code }) => code)
      .sort();
  const found = { ok: stop < 0, errors: codes('error'), warnings: codes('warning') };
  return expectEqual(
    {
      ok: booleanField(expected, 'ok'),
      errors: expectedCodes(expected.errors),
      warnings: expectedCodes(expected.warnings),
    },
    found,
  ).passed
    ? PASSED
    : { passed: false, expected, found: reached };
}

function expectedCodes(list: unknown): string[] {
  const entries = Array.isArray(list) ? list : [];
  return entries.map((entry) => (isRecord(entry) ? stringField(entry, 'code') : String(entry))).sort();
}

function compareRules(expected: Record<string, unknown>, ruleSet: RuleSet<CaseContext>): Outcome {
  const byName = new Map(ruleSet.rules.map((rule) => [rule.name, rule]));
  return all([
    expectEqual(Object.keys(expected).sort(), [...byName.keys()].sort()),
    ...Object.entries(expected).map(([name, wanted]) => compareRule(isRecord(wanted) ? wanted : {}, byName.get(name))),
  ]);
}

function compareRule(expected: Record<string, unknown>, rule: CompiledRule<CaseContext> | undefined): Outcome {
  if (rule === undefined) return { passed: false, expected, found: 'no such rule' };
  const found: Record<string, unknown> = {
    condition: rule.conditionText,
    ast: toSExpression(rule.expr),
    output: rule.output,
    priority: rule.priority,
    enabled: rule.enabled,
    tags: rule.tags,
    source: rule.source,
    desc: rule.desc,
    capture: rule.capture,
    capture_duration: rule.captureDurationMs,
    event_types: { mode: rule.events.mode, names: [...rule.events.names].sort() },
  };
  const known = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
  return expectEqual(expected, known);
}
