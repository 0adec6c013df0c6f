import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCompileCase, runEvaluationCase, runEventTypesCase, runParserCase } from './condition-cases.ts';
import { runFileCase } from './file-cases.ts';
import { runAlertCase, runAppendOutputCase, runEscapeCase, runFormatCase, runValueCase } from './format-cases.ts';
import { parseExactJson } from './json.ts';
import { BadCase, type Case, isRecord, type Outcome } from './outcome.ts';
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
    if (error instanceof BadCase) return { passed: false, expected: 'a case of a known shape', found: error.message };
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
  throw new BadCase(`no shape has these keys: ${Object.keys(test).join(', ')}`);
}

export interface CaseFile {
  readonly path: string;
  readonly cases: readonly Case[];
  /** What is no case; each counts as one that failed. */
  readonly faults: readonly string[];
}

/** The case files of a folder (or one file), in order of their names. */
export function loadCases(path: string): readonly CaseFile[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  return files.map(loadFile);
}

function loadFile(path: string): CaseFile {
  let data: unknown;
  try {
    data = parseExactJson(readFileSync(path, 'utf8'));
  } catch (error) {
    return { path, cases: [], faults: [`not JSON: ${error instanceof Error ? error.message : error}`] };
  }
  if (!isRecord(data) || !Array.isArray(data.cases)) return { path, cases: [], faults: ["no list 'cases' at its top"] };
  const faults = data.cases.flatMap((entry, place) => (isCase(entry) ? [] : [`case ${place + 1} has no text 'id'`]));
  return { path, cases: data.cases.filter(isCase), faults };
}

function isCase(value: unknown): value is Case {
  return isRecord(value) && typeof value.id === 'string';
}
