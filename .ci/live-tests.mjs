// Fails unless every live test that exists passed: those in test/kernel, test/evasion and test/e2e. Its last line counts all
// tests of the run.
// Usage: node .ci/live-tests.mjs VITEST-JSON-REPORT
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const LIVE = /\/test\/(kernel|evasion|e2e)\//;
const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const ran = report.testResults
  .filter(({ name }) => LIVE.test(name))
  .flatMap(({ assertionResults }) => assertionResults);
const passed = ran.filter(({ status }) => status === 'passed').length;
const listed = JSON.parse(execFileSync('node_modules/.bin/vitest', ['list', '--json'], { maxBuffer: 1 << 28 }));
const exist = listed.filter(({ file }) => LIVE.test(file)).length;

console.log(`live tests: ${passed} passed of ${exist}`);
for (const { fullName, status } of ran) if (status !== 'passed') console.log(`  ${status}: ${fullName}`);
if (exist === 0 || passed < exist) process.exit(1);
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped`);
