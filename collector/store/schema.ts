import type { Database } from '../../agent/storage/sqlite.ts';

/** 1: all records in this one file. 2: records in a file a day beside it. */
export const VERSION = 2;

/**
 * What is not a record: the database's name, nodes, named subscriptions, and where alerts stand (derived from the triage
 * records of the partitions up to the id in meta).
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE node (agent TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE subscription (
    client TEXT NOT NULL,
    name TEXT NOT NULL,
    record INTEGER NOT NULL,
    created_ns INTEGER NOT NULL,
    acknowledged_ns INTEGER NOT NULL,
    PRIMARY KEY (client, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE triage (
    uuid TEXT NOT NULL,
    record INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (uuid, record)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE standing (
    uuid TEXT PRIMARY KEY,
    status INTEGER NOT NULL,
    assignee TEXT NOT NULL,
    record INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX standing_status ON standing (status);
  PRAGMA user_version = ${VERSION};
`;

/** The file's format; 0 = it is new. Throws when a later version has made it. */
export function formatOf(database: Database): number {
  const version = database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (version > VERSION) throw new Error(`its format is ${version}; this version reads up to ${VERSION}`);
  return version;
}

/** Makes the present format in a file that is new, or that holds nothing but `meta`. */
export function makeSchema(database: Database): void {
  database.exec(SCHEMA);
}
