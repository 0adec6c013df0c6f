import { accessSync, constants, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AtalayaError } from '../lib/errors.ts';
import { type Database, openSqlite, sqliteCode } from './sqlite.ts';

/** What SQLite says when the file is not, or no longer, a database of ours. */
const DAMAGED = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_FORMAT']);

export interface DataFile<T> {
  readonly value: T;
  /** Where a damaged file was moved to; absent when there was none. */
  readonly setAside?: string;
}

/**
 * Opens a database file, making its folder. `prepare` makes the schema and checks what is there; when that shows
 * damage, the file is moved beside itself (`NAME.damaged-TIME`) and a new one takes its place.
 * Throws E_DATA_DIR (folder or file cannot be written, or another process has it) or E_DATABASE.
 */
export function openDataFile<T>(path: string, exclusive: boolean, prepare: (database: Database) => T): DataFile<T> {
  makeFolder(dirname(resolve(path)));
  assertWritable(path);
  try {
    return { value: attempt(path, exclusive, prepare) };
  } catch (error) {
    if (!isDamage(error)) throw openError(path, error);
  }
  const setAside = moveAside(path);
  try {
    return { value: attempt(path, exclusive, prepare), setAside };
  } catch (error) {
    throw openError(path, error);
  }
}

export function isDamage(error: unknown): boolean {
  if (error instanceof DamageError) return true;
  const code = sqliteCode(error);
  return code !== undefined && (DAMAGED.has(code) || code.startsWith('SQLITE_CORRUPT'));
}

/** Thrown by a check that reads the file and finds it wrong. */
export function damageError(message: string): Error {
  return new DamageError(message);
}

class DamageError extends Error {}

function attempt<T>(path: string, exclusive: boolean, prepare: (database: Database) => T): T {
  const database = openSqlite(path, { exclusive });
  try {
    return prepare(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Moves a database that nobody has open to `PATH.damaged-TIME` and gives that name. Its write-ahead log goes with it:
 * left behind, it would be replayed into the new file.
 */
export function moveAside(path: string): string {
  const target = `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}

function makeFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_DATA_DIR', `the data folder ${folder} cannot be made: ${why}`, { cause });
  }
}

/** SQLite makes files beside the database, and says of a folder where it cannot only `disk I/O error`. */
function assertWritable(path: string): void {
  try {
    for (const place of [dirname(resolve(path)), path]) if (existsSync(place)) accessSync(place, constants.W_OK);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_DATA_DIR', `${path} cannot be written: ${why}`, { cause });
  }
}

/** Not mkdirSync's own `recursive`: below /proc, where mkdir says ENOENT although the parent exists, it never returns. */
export function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function openError(path: string, cause: unknown): AtalayaError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const code = sqliteCode(cause) ?? '';
  if (code.startsWith('SQLITE_BUSY')) {
    return new AtalayaError('E_DATA_DIR', `${path} is in use by another process`, { cause });
  }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|FULL|IOERR)/.test(code)) {
    return new AtalayaError('E_DATA_DIR', `${path} cannot be written: ${why}`, { cause });
  }
  return new AtalayaError('E_DATABASE', `${path} cannot be opened: ${why}`, { cause });
}
