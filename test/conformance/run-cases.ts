import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCompileCase, runEvaluationCase, runEventTypesCase, runParserCase } from './condition-cases.ts';
import { runFileCase } from './file-cases.ts';
import { runAlertCase, runAppendOutputCase, runEscapeCase, runFormatCase, runValueCase } from './format-cases.ts';
import { type Case, isRecord, type Outcome } from './outcome.ts';
import { runEscapingCase, runTransformerCase } from './value-cases.ts';

const BY_KIND: Readonly<Record<string, (test: Case) => Outcome>> = {
  compile: runCompileCase,
  eval: runEvaluationCase,
  'eval-socket': runEvaluationCase,
  'eval-ancestors': runEvaluationCase,
  format: runFormatCase,
  'format-ancestors': runFormatCase,
  alert: runAlertCase,
  append_output: runAppendOutputCase,
  'text-escape': runEscapeCase,
};

/** Runs one case by its shape. */
export function runCase(test: Case): Outcome {
  try {
    return runnerOf(test)(test);
  } catch (error) {
    return {
      passed: false,
      expected: 'an answer',
      found: error instanceof Error ? (error.stack ?? error.message) : error,
    };
  }
}

function runnerOf(test: Case): (test: Case) => Outcome {
  if ('files' in test) return runFileCase;
  if ('direction' in test) return runEscapingCase;
  if (test.kind === 'value') return 'transformer' in test ? runTransformerCase : runValueCase;
  const runner = typeof test.kind === 'string' ? BY_KIND[test.kind] : undefined;
  if (runner !== undefined) return runner;
  if ('condition' in test) return runEventTypesCase;
  if ('input' in test) return runParserCase;
  return () => ({ passed: false, expected: 'a case of a known shape', found: Object.keys(test) });
}

export interface CaseFile {
  readonly path: string;
  readonly cases: readonly Case[];
}

/** The case files of a folder (or one file), in order of their names. */
export function loadCases(path: string): readonly CaseFile[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  return files.map((file) => {
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const cases = isRecord(data) && Array.isArray(data.cases) ? data.cases : [];
    return { path: file, cases: cases.filter(isCase) };
  });
}

function isCase(value: unknown): value is Case {
  return isRecord(value) && typeof value.id === 'string';
}
