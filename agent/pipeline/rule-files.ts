import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuleFile } from '../rules/compile.ts';
import type { RuleError, RuleWarning } from '../rules/diagnostics.ts';
import { FILE_CHARS_MAX } from '../rules/yaml-node.ts';
import { decodeUtf8 } from './utf8.ts';

/** What was read of the paths that were given: files in order, and what could not be read. */
export interface RuleFiles {
  readonly files: readonly RuleFile[];
  readonly errors: readonly UnreadableFile[];
  /** Of folders in which no rule file is. */
  readonly warnings: readonly RuleWarning[];
}

export interface UnreadableFile extends RuleError {
  /** The path or its content is wrong (usage), or this process may not read it (environment). */
  readonly fault: 'usage' | 'environment';
}

/** Rule files have one of these endings; a file that is named itself may have any. */
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
  const warnings: RuleWarning[] = [];
  const readOne = (path: string): void => {
    try {
      files.push({ path, text: readText(path) });
    } catch (fault) {
      errors.push(unreadable(path, fault));
    }
  };
  for (const path of paths) {
    try {
      if (!statSync(path).isDirectory()) {
        readOne(path);
        continue;
      }
      const names = rulesIn(path);
      if (names.length === 0) warnings.push(emptyFolder(path));
      names.forEach(readOne);
    } catch (fault) {
      errors.push(unreadable(path, fault));
    }
  }
  return { files, errors, warnings };
}

function rulesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => ENDING.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true);
}

function emptyFolder(path: string): RuleWarning {
  const message = 'no *.yaml file is in this folder';
  return { severity: 'warning', code: 'NOTE_EMPTY_FOLDER', message, file: path, line: 1, column: 1 };
}

class FileFault extends Error {
  readonly place: { readonly line: number; readonly column: number } | undefined;
  readonly expected: string | undefined;
  constructor(message: string, hints: { expected?: string; place?: FileFault['place'] } = {}) {
    super(message);
    this.expected = hints.expected;
    this.place = hints.place;
  }
}

/** The kind is asked before opening, for opening a device may do something, and again of what was opened. */
function readText(path: string): string {
  assertFile(statSync(path));
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    assertFile(fstatSync(file));
    return textOf(readUpTo(file, FILE_CHARS_MAX + 1));
  } finally {
    closeSync(file);
  }
}

function assertFile(stats: Stats): void {
  if (!stats.isFile()) throw new FileFault(`is ${kindOf(stats)}`, { expected: 'a file or a folder' });
  if (stats.size > FILE_CHARS_MAX) throw tooLong();
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isDirectory()) return 'a folder';
  return 'a device';
}

function tooLong(): FileFault {
  return new FileFault('file is too long', { expected: `at most ${FILE_CHARS_MAX} bytes` });
}

/** The size that a file claims is not asked: files below /proc claim none. */
function readUpTo(file: number, limit: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(1 << 20, limit - length));
    const count = readSync(file, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  throw tooLong();
}

function textOf(bytes: Buffer): string {
  const decoded = decodeUtf8(bytes);
  if (decoded.ok) return decoded.text;
  const { message, expected, place } = decoded;
  throw new FileFault(message, { expected, place });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EISDIR: 'is a folder',
};
/** Errors of the system that say that the path is wrong, not that this process cannot reach it. */
const WRONG_PATH: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR']);

function unreadable(path: string, fault: unknown): UnreadableFile {
  const about = { severity: 'error', code: 'LOAD_ERR_FILE_READ', file: path } as const;
  if (fault instanceof FileFault) {
    const { message, expected, place } = fault;
    const more = expected === undefined ? {} : { expected };
    return { ...about, message, ...more, line: 1, column: 1, ...place, fault: 'usage' };
  }
  const code = (fault as NodeJS.ErrnoException).code ?? '';
  const message = REASONS[code] ?? `cannot be read: ${fault instanceof Error ? fault.message : String(fault)}`;
  return { ...about, message, line: 1, column: 1, fault: WRONG_PATH.has(code) ? 'usage' : 'environment' };
}
