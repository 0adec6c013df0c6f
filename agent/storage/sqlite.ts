import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { isThere } from './is-there.ts';

/** What a column can hold or a parameter be. */
export type SqlValue = number | bigint | string | Uint8Array | null;

export interface Statement<Row> {
  /** Number of rows changed. */
  run(...values: readonly SqlValue[]): number;
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): Row[];
  iterate(...values: readonly SqlValue[]): IterableIterator<Row>;
}

/** A connection, synchronous. The only place that knows which SQLite library it is. */
export interface Database {
  exec(sql: string): void;
  /** `bigints`: integers come as bigint instead of number. */
  prepare<Row>(sql: string, options?: { readonly bigints?: boolean }): Statement<Row>;
  /** Runs `work` in one transaction: all of it is on disk when this returns, none of it when it throws. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Where the package keeps its addon: its own search asks as the real user, whose capabilities do not count. */
const DRIVER: { readonly nativeBinding?: string } = (() => {
  const main = createRequire(import.meta.url).resolve('better-sqlite3');
  const nativeBinding = join(dirname(main), '../build/Release/better_sqlite3.node');
  return isThere(nativeBinding) ? { nativeBinding } : {};
})();

/** SQLite's own name of an error, e.g. SQLITE_FULL; undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof BetterSqlite.SqliteError ? error.code : undefined;
}

/**
 * Opens or makes a database in WAL mode with synchronous FULL: a committed transaction survives loss of power.
 * `exclusive`: nobody else may open it while it is open (SQLITE_BUSY for them).
 */
export function openSqlite(path: string, options?: { readonly exclusive?: boolean }): Database {
  const connection = new BetterSqlite(path, { ...DRIVER, timeout: 2000 });
  try {
    if (options?.exclusive === true) connection.pragma('locking_mode = EXCLUSIVE');
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    // The WAL would otherwise stay as large as it ever was.
    connection.pragma('journal_size_limit = 16777216');
  } catch (error) {
    connection.close();
    throw error;
  }
  return wrap(connection);
}

/** Opens a database that is only read. Throws when it is not there or somebody has it for itself. */
export function readSqlite(path: string): Database {
  return wrap(new BetterSqlite(path, { ...DRIVER, readonly: true, fileMustExist: true, timeout: 2000 }));
}

function wrap(connection: BetterSqlite.Database): Database {
  return {
    exec: (sql) => void connection.exec(sql),
    prepare: <Row>(sql: string, options?: { readonly bigints?: boolean }) => {
      const statement = connection.prepare(sql).safeIntegers(options?.bigints === true);
      return {
        run: (...values) => statement.run(...values).changes,
        get: (...values) => statement.get(...values) as Row | undefined,
        all: (...values) => statement.all(...values) as Row[],
        iterate: (...values) => statement.iterate(...values) as IterableIterator<Row>,
      };
    },
    transaction: (work) => connection.transaction(work).immediate(),
    close: () => void connection.close(),
  };
}
