import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRuleFiles, type UnreadableFile } from '../pipeline/rule-files.ts';
import type { RuleFile } from '../rules/compile.ts';
import { readTestDocuments, type TestDocument } from './document.ts';
import type { TestFault } from './fault.ts';

/** What lies at the paths that were given: test documents, and files that have none (rules). */
export interface TestFiles {
  readonly documents: readonly TestDocument[];
  readonly ruleFiles: readonly RuleFile[];
  /** Documents and files that are wrong. */
  readonly faults: readonly TestFault[];
  readonly unreadable: readonly UnreadableFile[];
}

/** Deepest folder that is looked into. */
const DEPTH_MAX = 16;

/** Reads files, and all *.yaml and *.yml files of folders and of the folders in them, in order of name. */
export function readTestFiles(paths: readonly string[]): TestFiles {
  const { files, errors } = readRuleFiles(paths.flatMap((path) => filesAt(path, 0)));
  const read = files.map((file) => ({ file, ...readTestDocuments(file.path, file.text) }));
  return {
    documents: read.flatMap(({ documents }) => documents),
    ruleFiles: read.filter(({ documents, faults }) => documents.length + faults.length === 0).map(({ file }) => file),
    faults: read.flatMap(({ faults }) => faults),
    unreadable: errors,
  };
}

/** A path that cannot be looked at stays as it is: reading it gives the error. */
function filesAt(path: string, depth: number): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true || depth > DEPTH_MAX) return [path];
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .flatMap((inner) => (isFolder(inner) || /\.ya?ml$/.test(inner) ? filesAt(inner, depth + 1) : []));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
