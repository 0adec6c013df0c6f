/**
 * Replays captures: `captures.js [DIR...]`, by default the project's own. Every DIR/NAME.scap is replayed with the rules
 * in DIR/rules/ and compared with NAME.alerts.json and NAME.fields.jsonl.gz, what a peer says of it. Prints failing
 * comparisons; the last line is `N passed, N failed`. Exit code 1 on failures, 2 where there is nothing to run.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRules } from '../../agent/pipeline/load-rules.ts';
import { readDifferences } from './captures-differences.ts';
import { type Failure, runCapture } from './captures-run.ts';

const SHOWN_PER_FIELD = 5;
const SHOWN_MAX = 200;

const here = dirname(fileURLToPath(import.meta.url));
const own = [join(here, '../data/captures-peer'), join(here, '../../../test/data/captures-peer')].find(existsSync);

async function main(folders: readonly string[]): Promise<number> {
  const differences = readDifferences();
  let passed = 0;
  let failed = 0;
  for (const folder of folders) {
    const loaded = loadRules([join(folder, 'rules')]);
    if (!loaded.ok) throw new Error(`${folder}/rules: ${loaded.errors.map(({ message }) => message).join('; ')}`);
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.scap'))) {
      const outcome = await runCapture(join(folder, basename(name, '.scap')), loaded.ruleSet, differences);
      passed += outcome.passed;
      failed += outcome.failures.length;
      console.log(`${name}: ${outcome.passed} passed, ${outcome.failures.length} failed`);
      for (const [reason, count] of outcome.meant) console.log(`  ${count} differ as meant: ${reason}`);
      report(outcome.failures);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) return 1;
  return passed === 0 ? 2 : 0;
}

/** Some of the failures of each field: thousands have one cause. */
function report(failures: readonly Failure[]): void {
  const shown = new Map<string, number>();
  let lines = 0;
  for (const { what, field, expected, found } of failures) {
    const count = (shown.get(field) ?? 0) + 1;
    shown.set(field, count);
    if (count > SHOWN_PER_FIELD || lines++ >= SHOWN_MAX) continue;
    console.log(`  ${what}: ${field} is ${show(found)}, expected ${show(expected)}`);
  }
  for (const [field, count] of shown) console.log(`  ${field === '' ? 'alerts and events' : field}: ${count} failed`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
  return text === undefined ? 'nothing' : text.length > 600 ? `${text.slice(0, 600)}...` : text;
}

const folders = process.argv.slice(2);
const wanted = folders.length > 0 ? folders : own === undefined ? [] : [own];
process.exitCode = await main(wanted);
