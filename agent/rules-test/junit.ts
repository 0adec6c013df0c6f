import type { RuleError } from '../rules/diagnostics.ts';
import type { TestFault } from './fault.ts';
import { formatFault } from './fault.ts';
import { failureLines } from './report.ts';
import { type TestOutcome, type TestResult, whereIs } from './run-tests.ts';

/** Characters that XML 1.0 cannot hold, even escaped. */
const NO_XML =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The outcomes as JUnit's XML: a suite for each file, and one for each file that could not be read or compiled. */
export function junitXml(outcomes: readonly TestOutcome[], errors: readonly RuleError[] = []): string {
  const suites = new Map<string, TestOutcome[]>();
  for (const outcome of outcomes) {
    const file = 'result' in outcome ? outcome.result.document.file : outcome.fault.file;
    suites.set(file, [...(suites.get(file) ?? []), outcome]);
  }
  for (const { file, line, column, message } of errors) {
    suites.set(file, [...(suites.get(file) ?? []), { fault: { file, line, column, message } }]);
  }
  const body = [...suites].map(([file, cases]) => suiteXml(file, cases)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body}</testsuites>\n`;
}

function suiteXml(file: string, cases: readonly TestOutcome[]): string {
  const failures = cases.filter((one) => 'result' in one && !one.result.passed).length;
  const errors = cases.filter((one) => 'fault' in one).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}"`;
  const body = cases.map((one) => ('result' in one ? resultXml(one.result) : faultXml(one.fault))).join('');
  return `  <testsuite name="${escaped(file)}" ${counts}>\n${body}  </testsuite>\n`;
}

function resultXml(result: TestResult): string {
  const { test, document, milliseconds, passed } = result;
  const time = (milliseconds / 1000).toFixed(6);
  const open = `    <testcase classname="${escaped(document.file)}" name="${escaped(test.name)}" time="${time}"`;
  if (passed) return `${open}/>\n`;
  const text = escaped(failureLines(result).join('\n'));
  return `${open}>\n      <failure message="${escaped(whereIs(result))}">${text}</failure>\n    </testcase>\n`;
}

function faultXml(fault: TestFault): string {
  const name = `line ${fault.line}`;
  const message = escaped(formatFault(fault));
  return `    <testcase classname="${escaped(fault.file)}" name="${name}">\n      <error message="${message}"/>\n    </testcase>\n`;
}

function escaped(text: string): string {
  return text.replace(NO_XML, '\ufffd').replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
