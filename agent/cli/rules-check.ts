import type { Command } from 'commander';
import { safeLine } from '../lib/safe-text.ts';
import { type LoadedRules, loadRules } from '../pipeline/load-rules.ts';
import { type Diagnostic, formatDiagnostic } from '../rules/diagnostics.ts';
import { command } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { optimiseLate } from './short-lived.ts';
import { sourceExcerpt } from './source-excerpt.ts';

interface Options {
  readonly json?: true;
  readonly source?: true;
}

const EXAMPLE = `atalaya rules check falco_rules.yaml rules.d/
atalaya rules check --json my-rules.yaml`;

export function create(): Command {
  return command('check', 'say what is wrong with rule files, all at once', EXAMPLE)
    .argument('<path...>', 'rule files, and folders whose *.yaml files are read in order of name')
    .option('--json', 'one JSON object on standard output')
    .option('--source', 'show the line of each finding')
    .action((paths: readonly string[], options: Options) => {
      optimiseLate();
      const loaded = loadRules(paths);
      const text = options.json === true ? `${JSON.stringify(report(loaded))}\n` : findingLines(loaded, options);
      process.stdout.write(text);
      if (options.json !== true) process.stderr.write(`${summary(loaded)}\n`);
      process.exitCode = exitCode(loaded);
    });
}

function findingLines(loaded: LoadedRules, { source }: Options): string {
  const texts = new Map(loaded.read.files.map(({ path, text }) => [path, text]));
  const lines = inOrder(loaded).flatMap((finding) => [
    safeLine(formatDiagnostic(finding)),
    ...(source === true ? sourceExcerpt(texts.get(finding.file), finding) : []),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

/** As one would read the files: by file in the order given, then by place. */
function inOrder(loaded: LoadedRules): readonly Diagnostic[] {
  const places = new Map(loaded.read.files.map(({ path }, place) => [path, place]));
  const placeOf = ({ file }: Diagnostic): number => places.get(file) ?? -1;
  return [...loaded.errors, ...loaded.warnings].sort(
    (a, b) => placeOf(a) - placeOf(b) || a.line - b.line || a.column - b.column,
  );
}

/** The shape of `--json`; docs/rules.md tells it. */
function report(loaded: LoadedRules): unknown {
  const countOf = (findings: readonly Diagnostic[], path: string): number =>
    findings.filter(({ file }) => file === path).length;
  const paths = new Set(
    [...loaded.read.errors, ...loaded.read.files.map(({ path }) => ({ file: path }))].map(({ file }) => file),
  );
  return {
    ok: exitCode(loaded) === EXIT.done,
    files: [...paths].map((path) => ({
      path,
      errors: countOf(loaded.errors, path),
      warnings: countOf(loaded.warnings, path),
    })),
    rules: loaded.ruleSet.rules.length,
    errors: loaded.errors.map(finding),
    warnings: loaded.warnings.map(finding),
  };
}

function finding({ code, file, line, column, item, message, found, expected, nearest }: Diagnostic): unknown {
  return { code, file, line, column, item, message, found, expected, nearest };
}

function summary({ read, ruleSet, errors, warnings }: LoadedRules): string {
  const files = read.files.length + read.errors.length;
  const parts = [count(files, 'file'), count(ruleSet.rules.length, 'rule'), count(errors.length, 'error')];
  return `${parts.join(', ')}, ${count(warnings.length, 'warning')}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

/** What could not be read counts more than what is wrong in what was; to have read nothing is wrong usage. */
function exitCode({ ok, read }: LoadedRules): ExitCode {
  if (read.errors.some(({ fault }) => fault === 'environment')) return EXIT.environment;
  if (read.errors.some(({ fault }) => fault === 'usage')) return EXIT.usage;
  if (read.files.length + read.errors.length === 0) return EXIT.usage;
  return ok ? EXIT.done : EXIT.findings;
}
