/**
 * Runs conformance cases: `run.js [DIR...]`, by default the project's own. Prints each failing case; the last line
 * is `N passed, N failed`. Exit code 1 on failures, 2 where there is nothing to run.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCases, runCase } from './run-cases.ts';

const here = dirname(fileURLToPath(import.meta.url));
/** The sources' test/data, also when run from dist/. */
const dataFolder = [join(here, '../data'), join(here, '../../../test/data')].find((folder) =>
  existsSync(join(folder, 'conformance')),
);

function main(args: readonly string[]): number {
  const folders = args.length > 0 ? args : dataFolder === undefined ? [] : [join(dataFolder, 'conformance')];
  const missing = folders.filter((folder) => !existsSync(folder));
  for (const folder of missing) console.error(`${folder}: no such folder`);
  if (folders.length === 0) console.error('no folder with conformance cases');
  let passed = 0;
  let failed = 0;
  for (const file of folders.filter((folder) => !missing.includes(folder)).flatMap(loadCases)) {
    for (const test of file.cases) {
      const outcome = runCase(test);
      if (outcome.passed) {
        passed++;
        continue;
      }
      failed++;
      console.log(`${basename(file.path)} ${test.id}: ${String(test.note ?? '')}`);
      console.log(`  input:    ${show(test.condition ?? test.input ?? test.format ?? test.files)}`);
      console.log(`  expected: ${show(outcome.expected)}`);
      console.log(`  found:    ${show(outcome.found)}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) return 1;
  return passed === 0 || missing.length > 0 ? 2 : 0;
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
  return text === undefined ? 'nothing' : text.length > 2000 ? `${text.slice(0, 2000)}...` : text;
}

process.exitCode = main(process.argv.slice(2));
