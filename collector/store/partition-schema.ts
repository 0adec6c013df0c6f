import type { Database } from '../../agent/storage/sqlite.ts';

const VERSION = 1;

/**
 * One database a day. `kind` is the body's field number in Envelope: 10 = alert. Indices are for alerts alone and end with
 * the event time, so that the newest of a namespace and priority, a rule or a node are read from their end. `rollup` counts
 * alerts by minute of their event time and all dimensions, `tally` by ten minutes and one of them (rollup.ts); `duration` is
 * a histogram (durations.ts).
 */
const SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE position (
    agent TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    stored_ns INTEGER NOT NULL,
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
    namespace TEXT NOT NULL,
    uuid TEXT NOT NULL,
    tags TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX alert_time ON record (time_ns) WHERE kind = 10;
  CREATE INDEX alert_namespace ON record (namespace, priority, time_ns) WHERE kind = 10;
  CREATE INDEX alert_rule ON record (rule, time_ns) WHERE kind = 10;
  CREATE INDEX alert_priority ON record (priority, time_ns) WHERE kind = 10;
  CREATE INDEX alert_agent ON record (agent, time_ns) WHERE kind = 10;
  CREATE INDEX triage ON record (id) WHERE kind = 16;
  CREATE TABLE host (host TEXT NOT NULL, agent TEXT NOT NULL, PRIMARY KEY (host, agent)) STRICT, WITHOUT ROWID;
  CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE rollup (
    bucket INTEGER NOT NULL,
    namespace INTEGER NOT NULL,
    rule INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    agent INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (bucket, namespace, rule, priority, agent)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tally (
    dimension INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    key INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (dimension, bucket, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE duration (
    kind INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    count INTEGER NOT NULL,
    sum_ns REAL NOT NULL,
    PRIMARY KEY (kind, bucket)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${VERSION};
`;

/** Makes what is not there yet. Throws when a later version has made the file. */
export function preparePartition(database: Database): void {
  const version = database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (version > VERSION) throw new Error(`its format is ${version}; this version reads up to ${VERSION}`);
  if (version === 0) database.transaction(() => database.exec(SCHEMA));
}
