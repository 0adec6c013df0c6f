import { type ByteString, textToBytes } from '../events/bytestring.ts';
import type { FieldCatalogue } from '../fields/field.ts';
import { finish, type Steps } from '../lib/steps.ts';
import { Checker } from './check.ts';
import { Collector, type KnownFields } from './collect.ts';
import { CompilePass } from './compile-pass.ts';
import { createRuleSet } from './create-rule-set.ts';
import type { Detail, Diagnostic, RuleError, RuleWarning, WarningCode } from './diagnostics.ts';
import type { OutputExtension } from './extend-output.ts';
import { parseValue } from './parser.ts';
import { readFile } from './read.ts';
import { DEFAULT_SOURCE } from './read-rule.ts';
import { nearestField, resolveFieldText } from './resolve-field.ts';
import type { RuleSet } from './rule-set.ts';
import type { Selection } from './selection.ts';
import { placeOf, SourceFile, type Span } from './source-text.ts';

export interface CompileOptions extends Selection {
  /** SHA-256 of a text's UTF-8 bytes, as hex; this folder has no cryptography of its own. */
  readonly hash: (text: string) => string;
  /** Sources whose rules are compiled; rules of others are skipped with a warning. Default: syscall. */
  readonly sources?: readonly string[];
  /** Additions to outputs, in order. */
  readonly extensions?: readonly OutputExtension[];
}

/** What loading one file said. It is wrong if there is any error; upstream stops at the first. */
export interface FileResult {
  readonly path: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface CompileResult<C> {
  /** True if there was no error in any file. */
  readonly ok: boolean;
  /** The rules that compiled; to be used only if `ok`. */
  readonly ruleSet: RuleSet<C>;
  /** All errors of all files, and all warnings, each once. */
  readonly errors: readonly RuleError[];
  readonly warnings: readonly RuleWarning[];
  readonly files: readonly FileResult[];
}

/** Text of one rule file. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Compiles rule files in order. Later files see, change and add to what earlier ones define; after each file everything
 * so far is compiled, so a file may not use a macro that only a later one defines.
 */
export function compileRules<C>(
  files: readonly RuleFile[],
  catalogue: FieldCatalogue<C>,
  options: CompileOptions,
): CompileResult<C> {
  return finish(compileSteps(files, catalogue, options));
}

/** The same in steps of a few milliseconds, beside other work. */
export function* compileSteps<C>(
  files: readonly RuleFile[],
  catalogue: FieldCatalogue<C>,
  options: CompileOptions,
): Steps<CompileResult<C>> {
  const sources = new Set((options.sources ?? [DEFAULT_SOURCE]).map(textToBytes));
  const checker = new Checker(catalogue);
  let report = (_diagnostic: Diagnostic): void => {};
  const warn = (code: WarningCode, detail: Detail, span: Span): void =>
    report({ severity: 'warning', code, ...detail, ...placeOf(span) });
  const fields: KnownFields = {
    has: (source, field) => (sources.has(source) ? isField(catalogue, checker, field) : undefined),
    nearest: (field) => nearestField(catalogue, field),
  };
  const collector = new Collector(sources, fields, warn);
  const pass = new CompilePass(collector, catalogue, checker, options.extensions ?? []);
  let unused: FileResult | undefined;
  const results: FileResult[] = [];
  for (const file of files) {
    const diagnostics: Diagnostic[] = [];
    report = (diagnostic) => diagnostics.push(diagnostic);
    yield* readFile(new SourceFile(file.path, file.text), collector, report);
    const readable = diagnostics.every(({ severity }) => severity === 'warning');
    const complete = yield* pass.run(report, { afterErrors: !readable });
    const result = { path: file.path, diagnostics };
    if (complete) unused = result;
    results.push(result);
  }
  if (files.length === 0) yield* pass.run(report, { afterErrors: false });
  const { errors, warnings } = gather(results, unused);
  const ruleSet = createRuleSet(pass.rules, warnings, options);
  return { ok: errors.length === 0, ruleSet, errors, warnings, files: results };
}

/** Whether an exception may name a field text; calls are checked as `F exists` would be. */
function isField<C>(catalogue: FieldCatalogue<C>, checker: Checker<C>, text: ByteString): boolean {
  if (!text.includes('(')) return resolveFieldText(catalogue, text).ok;
  const parsed = parseValue(text);
  return parsed.ok && parsed.end === text.length && checker.value(parsed.value).ok;
}

const UNUSED: ReadonlySet<string> = new Set(['LOAD_UNUSED_MACRO', 'LOAD_UNUSED_LIST']);

/** What nothing uses is told by the last file that could be compiled: a later file may use what an earlier one does not. */
function gather(
  files: readonly FileResult[],
  unused: FileResult | undefined,
): { readonly errors: RuleError[]; readonly warnings: RuleWarning[] } {
  const errors = new Map<string, RuleError>();
  const warnings = new Map<string, RuleWarning>();
  for (const result of files) {
    for (const diagnostic of result.diagnostics) {
      if (UNUSED.has(diagnostic.code) && result !== unused) continue;
      const { file, line, column, code, message } = diagnostic;
      const key = [file, line, column, code, message].join('\0');
      if (diagnostic.severity === 'error') errors.set(key, diagnostic);
      else warnings.set(key, diagnostic);
    }
  }
  return { errors: [...errors.values()], warnings: [...warnings.values()] };
}
