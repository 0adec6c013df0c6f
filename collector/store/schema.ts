import type { Database } from '../../agent/storage/sqlite.ts';

const VERSION = 1;

/** `kind` is the body's field number in Envelope: 10 = alert. */
const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE position (
    agent TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (agent, epoch)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    stored_ns INTEGER NOT NULL,
    agent TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    rule TEXT NOT NULL,
    source TEXT NOT NULL,
    host TEXT NOT NULL,
    uuid TEXT NOT NULL,
    tags TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX alert_time ON record (time_ns) WHERE kind = 10;
  CREATE INDEX alert_rule ON record (rule, time_ns) WHERE kind = 10;
  CREATE INDEX alert_priority ON record (priority, time_ns) WHERE kind = 10;
  CREATE INDEX alert_agent ON record (agent, time_ns) WHERE kind = 10;
  PRAGMA user_version = ${VERSION};
`;

/** Makes what is not there yet. Throws when a later version has made the file. */
export function prepareSchema(database: Database): void {
  const version = database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (version > VERSION) throw new Error(`its format is ${version}; this version reads up to ${VERSION}`);
  if (version === 0) database.transaction(() => database.exec(SCHEMA));
}
