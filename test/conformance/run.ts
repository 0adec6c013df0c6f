/**
 * Runs conformance cases: `run.js [DIR...]`, by default the project's own. Prints each failing case with what was expected
 * and found; the last line is `N passed, N failed`. Exit code 1 on failures, 2 where there is nothing to run.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case, Outcome } from './outcome.ts';
import { type CaseFile, loadCases, runCase } from './run-cases.ts';

const here = dirname(fileURLToPath(import.meta.url));
/** The sources' test folder, also when run from dist/. */
const sources = [join(here, '..'), join(here, '../../../test')].find((folder) => existsSync(join(folder, 'data')));
const OWN = sources === undefined ? [] : [join(sources, 'data/conformance'), join(sources, 'conformance/data')];

function main(args: readonly string[]): number {
  const folders = args.length > 0 ? args : OWN;
  const missing = folders.filter((folder) => !existsSync(folder));
  for (const folder of missing) console.error(`${folder}: no such folder`);
  if (folders.length === 0) console.error('no folder with conformance cases');
  const files = folders.filter((folder) => !missing.includes(folder)).flatMap(loadCases);
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const { faults, failures } = runFile(file);
    for (const fault of faults) console.log(`${basename(file.path)}: ${fault}`);
    for (const { test, outcome } of failures) printFailure(file, test, outcome);
    failed += faults.length + failures.length;
    passed += file.cases.length - failures.length;
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) return 1;
  return passed === 0 || missing.length > 0 ? 2 : 0;
}

interface Failure {
  readonly test: Case;
  readonly outcome: Extract<Outcome, { passed: false }>;
}

function runFile({ cases, faults }: CaseFile): {
  readonly faults: readonly string[];
  readonly failures: readonly Failure[];
} {
  const failures = cases.flatMap((test) => {
    const outcome = runCase(test);
    return outcome.passed ? [] : [{ test, outcome }];
  });
  return { faults, failures };
}

function printFailure(file: CaseFile, test: Case, outcome: Failure['outcome']): void {
  console.log(`${basename(file.path)} ${test.id}: ${String(test.note ?? '')}`);
  console.log(`  input:    ${show(test.condition ?? test.input ?? test.format ?? test.files ?? test)}`);
  console.log(`  expected: ${show(outcome.expected)}`);
  console.log(`  found:    ${show(outcome.found)}`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
  return text === undefined ? 'nothing' : text.length > 2000 ? `${text.slice(0, 2000)}...` : text;
}

process.exitCode = main(process.argv.slice(2));
