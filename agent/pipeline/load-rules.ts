import { createHash } from 'node:crypto';
import { catalogue } from '../fields/catalogue.ts';
import type { MatchContext } from '../fields/context.ts';
import { finish, type Steps } from '../lib/steps.ts';
import { type CompileOptions, type CompileResult, compileSteps } from '../rules/compile.ts';
import type { RuleWarning } from '../rules/diagnostics.ts';
import { bundledRules, type RuleFiles, readRuleFiles } from './rule-files.ts';

export interface LoadedRules extends CompileResult<MatchContext> {
  /** What was read; a file that could not be read makes the result not `ok`, and its error is the first of `errors`. */
  readonly read: RuleFiles;
}

/** Reads and compiles rule files and folders in order; none given: the rules that come with Atalaya. */
export function loadRules(paths: readonly string[], options: Omit<CompileOptions, 'hash'> = {}): LoadedRules {
  return finish(loadSteps(paths, options));
}

/** The same in steps of a few milliseconds, beside other work. */
export function* loadSteps(paths: readonly string[], options: Omit<CompileOptions, 'hash'> = {}): Steps<LoadedRules> {
  const read = readRuleFiles(paths.length === 0 ? [bundledRules()] : paths);
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const compiled = yield* compileSteps(read.files, catalogue, { ...options, hash });
  return {
    ...compiled,
    ok: compiled.ok && read.errors.length === 0,
    errors: [...read.errors, ...compiled.errors],
    warnings: [...read.empty.map(emptyFolder), ...compiled.warnings],
    read,
  };
}

function emptyFolder(file: string): RuleWarning {
  const message = 'no *.yaml file is in this folder';
  return { severity: 'warning', code: 'NOTE_EMPTY_FOLDER', message, file, line: 1, column: 1 };
}
