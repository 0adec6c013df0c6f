import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { decodeUtf8 } from './utf8.ts';

export type TextFile =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly message: string;
      readonly expected?: string;
      readonly line: number;
      readonly column: number;
      /** The path is wrong (usage), what the file holds is (content), or this process may not read it (environment). */
      readonly fault: 'usage' | 'content' | 'environment';
    };

/**
 * Reads a file of UTF-8 text, at most `limitBytes` long. Only regular files are read: a pipe could wait for ever and a
 * device has no end.
 */
export function readTextFile(path: string, limitBytes: number): TextFile {
  try {
    return readRegular(path, limitBytes);
  } catch (error) {
    return systemFault(error);
  }
}

/** What an error of the system means for the one who named the path. */
export function systemFault(error: unknown): Extract<TextFile, { ok: false }> {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const message = REASONS[code] ?? `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  return { ok: false, message, line: 1, column: 1, fault: WRONG_PATH.has(code) ? 'usage' : 'environment' };
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
/** Errors that say that the path is wrong, not that this process cannot reach it. */
const WRONG_PATH: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR']);

/** The kind is asked before opening, for opening a device may do something, and again of what was opened. */
function readRegular(path: string, limitBytes: number): TextFile {
  const before = refusal(statSync(path), limitBytes);
  if (before !== undefined) return before;
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const opened = refusal(fstatSync(file), limitBytes);
    return opened ?? textOf(readUpTo(file, limitBytes + 1), limitBytes);
  } finally {
    closeSync(file);
  }
}

function refusal(stats: Stats, limitBytes: number): TextFile | undefined {
  if (!stats.isFile()) return wrong(`is ${kindOf(stats)}`, 'a file');
  return stats.size > limitBytes ? tooLong(limitBytes) : undefined;
}

function wrong(message: string, expected: string): TextFile {
  return { ok: false, message, expected, line: 1, column: 1, fault: 'usage' };
}

function tooLong(limitBytes: number): TextFile {
  return {
    ok: false,
    message: 'is too long',
    expected: `at most ${limitBytes} bytes`,
    line: 1,
    column: 1,
    fault: 'content',
  };
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** The size that a file claims is no measure: files below /proc claim none. */
function readUpTo(file: number, limit: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(1 << 20, limit - length));
    const count = readSync(file, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Buffer, limitBytes: number): TextFile {
  if (bytes.length > limitBytes) return tooLong(limitBytes);
  const decoded = decodeUtf8(bytes);
  if (decoded.ok) return decoded;
  const { message, expected, place } = decoded;
  return { ok: false, message, expected, ...place, fault: 'content' };
}
