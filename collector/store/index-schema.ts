import { type Database, openSqlite } from '../../agent/storage/sqlite.ts';

/**
 * What can be found by looking into alerts: words of their output, and their uuid. Derived from a partition, in a file of
 * its own so that whoever fills it never makes the collector wait for a lock; it can be made anew at any time.
 */
const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE alert (uuid TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE output USING fts5 (text, content = '', columnsize = 0, tokenize = 'unicode61');
  INSERT INTO meta VALUES ('indexed', 0);
  PRAGMA user_version = 1;
`;

/** Opens or makes an index. The last commits may be lost with the power: they are then made again. */
export function openIndex(path: string): Database {
  const database = openSqlite(path);
  try {
    database.exec('PRAGMA synchronous = NORMAL');
    // Looked at again under the lock: the collector and the thread that fills may both be the first.
    if (isNew(database)) database.transaction(() => isNew(database) && database.exec(SCHEMA));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isNew(database: Database): boolean {
  return database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version === 0;
}

/** The last id of the partition that is in the index; 0 = none. */
export function indexedTo(database: Database): number {
  return database.prepare<{ value: number }>("SELECT value FROM meta WHERE name = 'indexed'").get()?.value ?? 0;
}
