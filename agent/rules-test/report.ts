import { safeLine } from '../lib/safe-text.ts';
import type { FoundAlert } from './compare.ts';
import type { RuleCoverage } from './coverage.ts';
import type { ExpectedAlert } from './document.ts';
import { type TestResult, whereIs } from './run-tests.ts';

/** What a failed test expected and found: `-` is missing, `+` is too much. One line a thing, safe to print. */
export function failureLines(result: TestResult): readonly string[] {
  const { test, difference, reasons, found } = result;
  const { missing, unexpected, broken } = difference;
  const lines = [`${whereIs(result)}: FAILED: ${test.name}`];
  for (const alert of missing) {
    lines.push(`  - ${expectedText(alert)}`);
    for (const near of found.filter(({ rule }) => rule === alert.rule)) lines.push(`      found: ${foundText(near)}`);
    for (const reason of reasons.get(alert.rule) ?? []) lines.push(`      ${reason}`);
  }
  for (const alert of unexpected) lines.push(`  + ${foundText(alert)}`);
  for (const { rule, alerts } of broken) {
    for (const alert of alerts.filter((one) => !unexpected.includes(one))) {
      lines.push(`  + ${foundText(alert)} (the test says: silent: ${rule.name})`);
    }
  }
  return lines.map(safeLine);
}

function expectedText({ rule, event, output }: ExpectedAlert): string {
  return `${event === undefined ? '' : `event ${event}: `}${rule}${output === undefined ? '' : `: ${output}`}`;
}

function foundText({ rule, event, output }: FoundAlert): string {
  return `event ${event}: ${rule}: ${output}`;
}

/** Rules and exceptions that no test has ever fired, after a line of figures. */
export function coverageLines(rules: Iterable<RuleCoverage>): readonly string[] {
  const all = [...rules];
  const silent = all.filter(({ fired }) => !fired);
  const exceptions = all.flatMap(({ rule, exceptions: own }) =>
    [...own].map(([name, fired]) => ({ rule, name, fired })),
  );
  const unused = exceptions.filter(({ fired }) => !fired);
  return [
    `rules fired: ${all.length - silent.length} of ${all.length}; exceptions that kept a rule silent: ` +
      `${exceptions.length - unused.length} of ${exceptions.length}`,
    ...silent.map(({ rule, file }) => `never fired: ${rule} (${file})`),
    ...unused.map(({ rule, name }) => `exception never used: ${name} of ${rule}`),
  ].map(safeLine);
}
