import type { RuleError } from '../rules/diagnostics.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { decidingAtoms, explain } from './explain.ts';
import { type RunOptions, runTest, type TestOutcome } from './run-tests.ts';
import { readTestFiles } from './test-files.ts';
import { createTestRules } from './test-rules.ts';

export interface FilesResult {
  readonly outcomes: readonly TestOutcome[];
  /** Files that cannot be read, and rules that do not compile: their tests have not run. */
  readonly errors: readonly RuleError[];
  readonly coverage: Coverage;
  /** Files without tests. */
  readonly ruleFiles: number;
}

/** Parts of a condition that are named when an expected rule says nothing. */
const REASONS_MAX = 8;

/** Runs every test of files and folders. `nowMs`: any clock, for how long each took. */
export async function runTestFiles(paths: readonly string[], nowMs: () => number): Promise<FilesResult> {
  const { documents, ruleFiles, faults, unreadable } = readTestFiles(paths);
  const rulesOf = createTestRules();
  const coverage = createCoverage();
  const errors = new Set<RuleError>(unreadable);
  const outcomes: TestOutcome[] = faults.map((fault) => ({ fault }));
  for (const document of documents) {
    const rules = rulesOf(document);
    for (const error of rules.errors) errors.add(error);
    if (rules.errors.length > 0) continue;
    coverage.declare(rules.forGiven.rules);
    for (const one of document.tests) {
      outcomes.push(await runTest(document, one, rules, { coverage, nowMs, explain: reasons }));
    }
  }
  return { outcomes, errors: [...errors], coverage, ruleFiles: ruleFiles.length };
}

const reasons: RunOptions['explain'] = (rule, event) => {
  const atoms = decidingAtoms(explain(rule.condition, event));
  const lines = atoms.slice(0, REASONS_MAX).map(({ text, holds, values }) => {
    const read = values.map(({ field, text: value }) => `${field} ${value === undefined ? 'is absent' : `= ${value}`}`);
    return `${holds ? 'holds' : 'does not hold'}: ${text}   [${read.join('; ')}]`;
  });
  return atoms.length > REASONS_MAX ? [...lines, `and ${atoms.length - REASONS_MAX} more`] : lines;
};
