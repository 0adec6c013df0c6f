import { createHash } from 'node:crypto';
import { compileRules, type FileResult } from '../../agent/rules/compile.ts';
import type { OutputExtension } from '../../agent/rules/extend-output.ts';
import type { CompiledRule, RuleSet } from '../../agent/rules/rule-set.ts';
import { type CaseContext, caseCatalogue } from './case-catalogue.ts';
import { all, type Case, expectEqual, isRecord, type Outcome, PASSED } from './outcome.ts';
import { toSExpression } from './s-expression.ts';

/** YAML files, loaded in order: what each load says as upstream would say it, and the rules at the end. */
export function runFileCase(test: Case): Outcome {
  const files = (Array.isArray(test.files) ? test.files : []).map((file, place) => ({
    path: `file${place + 1}.yaml`,
    text: isRecord(file) ? String(file.content ?? file.text ?? '') : String(file),
  }));
  const extensions = (Array.isArray(test.append_output) ? test.append_output : []).map(toExtension);
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const compiled = compileRules(files, caseCatalogue, { hash, extensions });
  const results = Array.isArray(test.results) ? test.results.filter(isRecord) : [];
  const outcomes = results.map((expected, place) => compareResult(expected, compiled.files[place]));
  return all([...outcomes, compareRules(test.rules, compiled.ruleSet)]);
}

function toExtension(entry: unknown): OutputExtension {
  if (!isRecord(entry)) return { extraOutput: String(entry) };
  const match = isRecord(entry.match) ? entry.match : {};
  const { source, rule, tags } = match;
  return {
    match: {
      ...(typeof source === 'string' ? { source } : {}),
      ...(typeof rule === 'string' ? { rule } : {}),
      ...(Array.isArray(tags) ? { tags: tags.map(String) } : {}),
    },
    ...(typeof entry.extra_output === 'string' ? { extraOutput: entry.extra_output } : {}),
  };
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
    { ok: expected.ok, errors: expectedCodes(expected.errors), warnings: expectedCodes(expected.warnings) },
    found,
  ).passed
    ? PASSED
    : { passed: false, expected, found: reached };
}

function expectedCodes(list: unknown): string[] {
  const entries = Array.isArray(list) ? list : [];
  return entries.map((entry) => (isRecord(entry) ? String(entry.code) : String(entry))).sort();
}

function compareRules(expected: unknown, ruleSet: RuleSet<CaseContext>): Outcome {
  if (!isRecord(expected)) return PASSED;
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
    event_types: { mode: rule.events.mode, names: [...rule.events.names].sort() },
  };
  const known = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
  return expectEqual(expected, known);
}
