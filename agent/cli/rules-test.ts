import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { formatDiagnostic } from '../rules/diagnostics.ts';
import { formatFault } from '../rules-test/fault.ts';
import { junitXml } from '../rules-test/junit.ts';
import { coverageLines, failureLines } from '../rules-test/report.ts';
import { runTestFiles } from '../rules-test/run-files.ts';
import { command } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';

interface Options {
  readonly junit?: string;
  readonly coverage?: true;
}

const EXAMPLE = `atalaya rules test rules/
atalaya rules test my-rules.yaml my-tests/ --coverage --junit result.xml`;

export function create(): Command {
  return command('test', 'run the tests of rule files: events in, alerts out', EXAMPLE)
    .argument('<path...>', 'files with tests, and folders whose *.yaml files are read, also in the folders inside')
    .option('--junit <file>', "write the results as JUnit's XML")
    .option('--coverage', 'list the rules and exceptions that no test has fired')
    .action(async (paths: readonly string[], options: Options) => {
      process.exitCode = await test(paths, options);
    });
}

async function test(paths: readonly string[], { junit, coverage: showCoverage }: Options): Promise<ExitCode> {
  const started = performance.now();
  const { outcomes, errors, coverage, ruleFiles } = await runTestFiles(paths, () => performance.now());
  const failed = outcomes.flatMap((one) => ('result' in one && !one.result.passed ? [one.result] : []));
  const faults = outcomes.flatMap((one) => ('fault' in one ? [one.fault] : []));
  if (junit !== undefined) writeJunit(junit, junitXml(outcomes, errors));
  const lines = [
    ...errors.map((error) => safeLine(formatDiagnostic(error))),
    ...faults.map((fault) => safeLine(formatFault(fault))),
    ...failed.flatMap(failureLines),
    ...(showCoverage === true ? coverageLines(coverage.rules.values()) : []),
  ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  const ran = outcomes.length - faults.length;
  const wrong = faults.length + errors.length;
  const milliseconds = Math.round(performance.now() - started);
  process.stderr.write(`${ran - failed.length} passed, ${failed.length} failed, ${wrong} wrong; ${milliseconds} ms\n`);
  if (wrong > 0) return EXIT.usage;
  if (ran > 0) return failed.length > 0 ? EXIT.findings : EXIT.done;
  const without = ruleFiles === 0 ? '' : ` (${ruleFiles === 1 ? '1 file has' : `${ruleFiles} files have`} rules only)`;
  const where = safeLine(paths.join(', '));
  process.stderr.write(`atalaya: no tests found${without}: expected a document with 'tests:' in ${where}\n`);
  return EXIT.usage;
}

function writeJunit(path: string, xml: string): void {
  try {
    writeFileSync(path, xml);
  } catch (cause) {
    throw new AtalayaError('E_OUTPUT', `${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
