import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CompileResult, compileRules } from '../../agent/rules/compile.ts';
import { compareEverywhere } from './agreement.ts';
import { type CaseContext, caseCatalogue } from './case-catalogue.ts';

/** Upstream's rule files as they are, with the number of their rules. */
const SETS = [
  ['upstream-rules/falco_rules.yaml', 25],
  ['upstream-rules/falco-incubating_rules.yaml', 31],
  ['upstream-rules/falco-sandbox_rules.yaml', 37],
  ['upstream-rules/falco-deprecated_rules.yaml', 4],
  ['upstream-rules/archived-application_rules.yaml', 0],
] as const;

function load(...names: readonly string[]): CompileResult<CaseContext> {
  const files = names.map((name) => ({
    path: name,
    text: readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8'),
  }));
  return compileRules(files, caseCatalogue, { hash: (text) => createHash('sha256').update(text).digest('hex') });
}

function countCodes({ warnings }: CompileResult<CaseContext>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of warnings) if (code.startsWith('LOAD_')) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

describe('upstream rule files', () => {
  it.each(SETS)('%s loads unchanged', (name, rules) => {
    const result = load(name);
    expect(result.errors).toEqual([]);
    expect(result.ruleSet.rules).toHaveLength(rules);
  });

  it('load together, and the warnings are those that upstream gives', () => {
    const result = load(...SETS.map(([name]) => name));
    expect(result.errors).toEqual([]);
    expect(result.ruleSet.rules).toHaveLength(97);
    expect(countCodes(result)).toEqual({ LOAD_DEPRECATED_ITEM: 2, LOAD_UNUSED_MACRO: 12 });
  });

  it('mean the same to every engine', () => {
    const { ruleSet } = load(...SETS.map(([name]) => name));
    const failures = ruleSet.rules.flatMap((rule) => {
      const outcome = compareEverywhere(rule);
      return outcome.passed ? [] : [{ rule: rule.name, ...outcome }];
    });
    expect(failures).toEqual([]);
  });

  it('of another source are skipped, each with a warning', () => {
    const result = load('upstream-k8s-audit/k8s_audit_rules.yaml');
    expect(result.errors).toEqual([]);
    expect(result.ruleSet.rules).toEqual([]);
    expect(countCodes(result)).toEqual({ LOAD_UNKNOWN_SOURCE: 48, LOAD_UNUSED_MACRO: 40, LOAD_UNUSED_LIST: 10 });
  });
});
