import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuleFile } from '../rules/compile.ts';
import type { RuleError } from '../rules/diagnostics.ts';
import { FILE_CHARS_MAX } from '../rules/yaml-text.ts';
import { readTextFile, systemFault, type TextFile } from './text-file.ts';

/** What was read of the paths that were given: files in order, and what could not be read. */
export interface RuleFiles {
  readonly files: readonly RuleFile[];
  readonly errors: readonly UnreadableFile[];
  /** Folders in which no rule file is. */
  readonly empty: readonly string[];
}

export interface UnreadableFile extends RuleError {
  /** The path is wrong (usage), what the file holds is (content), or this process may not read it (environment). */
  readonly fault: 'usage' | 'content' | 'environment';
}

/** Rule files in folders have one of these endings; a file that is named itself may have any. */
const ENDING = /\.ya?ml$/;

/** The folder of the rules that come with Atalaya: beside the sources, or above dist/. */
export function bundledRules(): string {
  const places = ['../../rules/', '../../../rules/'].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = places.find((place) => statSync(join(place, '00-base.yaml'), { throwIfNoEntry: false }) !== undefined);
  return found ?? places[0] ?? 'rules';
}

/**
 * Reads rule files: each path is a file, or a folder whose *.yaml and *.yml files are read in order of name, not those
 * of folders inside. Only regular files are read, none longer than FILE_CHARS_MAX; what is no UTF-8 is refused.
 */
export function readRuleFiles(paths: readonly string[]): RuleFiles {
  const files: RuleFile[] = [];
  const errors: UnreadableFile[] = [];
  const empty: string[] = [];
  for (const path of paths) {
    const found = filesOf(path);
    if (!Array.isArray(found)) {
      errors.push(found);
      continue;
    }
    if (found.length === 0) empty.push(path);
    for (const file of found) {
      const read = readTextFile(file, FILE_CHARS_MAX);
      if (read.ok) files.push({ path: file, text: read.text });
      else errors.push(unreadable(file, read));
    }
  }
  return { files, errors, empty };
}

/** The path itself if it is no folder. */
function filesOf(path: string): string[] | UnreadableFile {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => ENDING.test(name))
      .sort()
      .map((name) => join(path, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true);
  } catch (error) {
    return unreadable(path, systemFault(error));
  }
}

function unreadable(path: string, { ok: _, ...detail }: Extract<TextFile, { ok: false }>): UnreadableFile {
  return { severity: 'error', code: 'LOAD_ERR_FILE_READ', file: path, ...detail };
}
