import { describe, expect, test } from 'vitest';
import { ERROR_CODES, formatDiagnostic, WARNING_CODES } from '../../../agent/rules/diagnostics.ts';
import type { Case } from './bad-input/case.ts';
import { CHANGE } from './bad-input/change.ts';
import { EXCEPTIONS } from './bad-input/exceptions.ts';
import { GRAMMAR } from './bad-input/grammar.ts';
import { OUTPUT } from './bad-input/output.ts';
import { STRUCTURE } from './bad-input/structure.ts';
import { TYPES } from './bad-input/types.ts';
import { WARNINGS } from './bad-input/warnings.ts';
import { compile } from './support/rules.ts';

const TOPICS: Readonly<Record<string, readonly Case[]>> = {
  'the structure of a file': STRUCTURE,
  'appends and overrides': CHANGE,
  exceptions: EXCEPTIONS,
  'the grammar of conditions': GRAMMAR,
  'names, types and values in conditions': TYPES,
  outputs: OUTPUT,
  'what is suspicious': WARNINGS,
};

/** Errors, then warnings, as people see them. */
function findings(files: string | readonly string[]): readonly string[] {
  const { errors, warnings } = compile(files);
  return [...errors, ...warnings].map(formatDiagnostic);
}

describe.each(Object.entries(TOPICS))('of %s', (_topic, cases) => {
  test.each(cases)('%s is told, with its place and what was expected', (_name, files, lines) => {
    expect(findings(files)).toEqual(lines);
  });
});

test('every kind of error and warning has a case', () => {
  const lines = Object.values(TOPICS).flatMap((cases) => cases.flatMap(([, , expected]) => expected));
  const codes = [...Object.keys(ERROR_CODES), ...Object.keys(WARNING_CODES)];
  const without = codes.filter((code) => !lines.some((line) => line.endsWith(`[${code}]`)));
  // What is no YAML, and what is no file, have tests of their own.
  expect(without).toEqual(['LOAD_ERR_FILE_READ', 'LOAD_ERR_YAML_PARSE', 'NOTE_EMPTY_FOLDER']);
});
