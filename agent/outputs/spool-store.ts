import { decodeAlert, encodeAlert } from '../../proto/alert.ts';
import type { AlertSample } from '../events/alert.ts';
import { type DataFile, damageError, openDataFile } from '../storage/data-file.ts';
import type { Database, Statement } from '../storage/sqlite.ts';
import type { OpenAggregate } from './aggregator.ts';

/** A record on its way to the disk. */
export interface NewRecord {
  readonly epoch: bigint;
  readonly sequence: number;
  readonly rank: number;
  readonly timeNs: bigint;
  readonly bytes: Uint8Array;
}

/** A record in the spool. Ids grow in the order of commits and are not used twice in one run of the agent. */
export interface SpoolRecord {
  readonly id: number;
  readonly epoch: bigint;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** What had to go. */
export interface Dropped {
  readonly byRank: ReadonlyMap<number, number>;
  readonly count: number;
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/** The spool's table and the statements on it; transactions are the caller's. */
export interface SpoolStore {
  readonly count: number;
  /** Of records, with what the table needs beside them. */
  readonly bytes: number;
  /** The last id given; 0 = none. */
  readonly lastId: number;
  transaction<T>(work: () => T): T;
  insert(record: NewRecord): SpoolRecord;
  removeThrough(id: number): void;
  /** Takes out the most dispensable and oldest records after `afterId`, until `bytes` are free or nothing is left. */
  drop(bytes: number, afterId: number): Dropped;
  page(afterId: number, maxRows: number, maxBytes: number): SpoolRecord[];
  oldestNs(): bigint | undefined;
  /** Aggregates whose record is still to come. */
  aggregates(): OpenAggregate[];
  putAggregate(aggregate: OpenAggregate): void;
  removeAggregate(key: string): void;
  close(): void;
}

/** Row, two index entries and the pages' free space, measured on rows of 0.8 KiB. */
const ROW_OVERHEAD_BYTES = 96;
const SCHEMA_VERSION = 2;

const SCHEMA = `
  CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX record_rank ON record (rank DESC, id, size);
`;
/** Since version 2. The alert is one as it is kept in records; what changes with each further one stands beside it. */
const AGGREGATES = `
  CREATE TABLE aggregate (
    key TEXT PRIMARY KEY,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    first_uuid TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    samples TEXT NOT NULL,
    alert BLOB
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Opens `path`. Ids go on after `firstId`, so that a store that replaces a damaged one does not repeat them. */
export function openSpoolStore(path: string, firstId = 0): DataFile<SpoolStore> {
  return openDataFile(path, true, (database) => {
    // Before anything is written, so that a damaged file is set aside as it was.
    const check = database.prepare<{ quick_check: string }>('PRAGMA quick_check(1)').get()?.quick_check;
    if (check !== 'ok') throw damageError(`${path}: ${check}`);
    makeSchema(database);
    return new SqliteSpoolStore(database, firstId);
  });
}

function makeSchema(database: Database): void {
  const version = database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (version > SCHEMA_VERSION) throw new Error(`its format is ${version}, this version reads up to ${SCHEMA_VERSION}`);
  if (version === 0) database.transaction(() => database.exec(SCHEMA + AGGREGATES));
  if (version === 1) database.transaction(() => database.exec(AGGREGATES));
}

interface Row {
  readonly id: bigint;
  readonly epoch: bigint;
  readonly sequence: bigint;
  readonly size: bigint;
  readonly bytes: Uint8Array;
}

interface AggregateRow {
  readonly key: string;
  readonly start_ms: bigint;
  readonly end_ms: bigint;
  readonly first_uuid: string;
  readonly count: bigint;
  readonly last_ns: bigint;
  readonly samples: string;
  readonly alert: Uint8Array | null;
}

interface Victim {
  readonly id: bigint;
  readonly rank: bigint;
  readonly time_ns: bigint;
  readonly size: bigint;
}

class SqliteSpoolStore implements SpoolStore {
  count: number;
  bytes: number;
  lastId: number;
  private readonly database: Database;
  private readonly insertRow: Statement<never>;
  private readonly sumThrough: Statement<{ count: number; size: number | null }>;
  private readonly deleteThrough: Statement<never>;
  private readonly deleteRow: Statement<never>;
  private readonly victims: Statement<Victim>;
  private readonly rowsAfter: Statement<Row>;
  private readonly oldest: Statement<{ time_ns: bigint }>;
  private readonly allAggregates: Statement<AggregateRow>;
  private readonly upsertAggregate: Statement<never>;
  private readonly deleteAggregate: Statement<never>;

  constructor(database: Database, firstId: number) {
    this.database = database;
    this.insertRow = database.prepare('INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.sumThrough = database.prepare('SELECT count(*) AS count, sum(size) AS size FROM record WHERE id <= ?');
    this.deleteThrough = database.prepare('DELETE FROM record WHERE id <= ?');
    this.deleteRow = database.prepare('DELETE FROM record WHERE id = ?');
    this.victims = database.prepare(
      'SELECT id, rank, time_ns, size FROM record WHERE id > ? ORDER BY rank DESC, id LIMIT ?',
      { bigints: true },
    );
    this.rowsAfter = database.prepare(
      'SELECT id, epoch, sequence, size, bytes FROM record WHERE id > ? ORDER BY id LIMIT ?',
      { bigints: true },
    );
    this.oldest = database.prepare('SELECT time_ns FROM record ORDER BY id LIMIT 1', { bigints: true });
    this.allAggregates = database.prepare('SELECT * FROM aggregate', { bigints: true });
    this.upsertAggregate = database.prepare(
      `INSERT INTO aggregate VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
         start_ms = excluded.start_ms, end_ms = excluded.end_ms, first_uuid = excluded.first_uuid,
         count = excluded.count, last_ns = excluded.last_ns, samples = excluded.samples, alert = excluded.alert`,
    );
    this.deleteAggregate = database.prepare('DELETE FROM aggregate WHERE key = ?');
    const last = database.prepare<{ id: number | null }>('SELECT max(id) AS id FROM record').get()?.id ?? 0;
    this.lastId = Math.max(last, firstId);
    const { count, size } = this.sumThrough.get(this.lastId) ?? { count: 0, size: 0 };
    this.count = count;
    this.bytes = size ?? 0;
  }

  /** Restores the counts too when the transaction fails. */
  transaction<T>(work: () => T): T {
    const { count, bytes, lastId } = this;
    try {
      return this.database.transaction(work);
    } catch (error) {
      Object.assign(this, { count, bytes, lastId });
      throw error;
    }
  }

  insert(record: NewRecord): SpoolRecord {
    const { epoch, sequence, bytes } = record;
    const id = this.lastId + 1;
    const size = bytes.byteLength + ROW_OVERHEAD_BYTES;
    this.insertRow.run(id, BigInt.asIntN(64, epoch), sequence, record.rank, record.timeNs, size, bytes);
    this.lastId = id;
    this.count++;
    this.bytes += size;
    return { id, epoch, sequence, bytes };
  }

  removeThrough(id: number): void {
    const { count, size } = this.sumThrough.get(id) ?? { count: 0, size: 0 };
    if (count === 0) return;
    this.deleteThrough.run(id);
    this.count -= count;
    this.bytes -= size ?? 0;
  }

  drop(bytes: number, afterId: number): Dropped {
    const byRank = new Map<number, number>();
    let fromNs: bigint | undefined;
    let toNs: bigint | undefined;
    let freed = 0;
    let dropped = 0;
    while (freed < bytes) {
      const victims = this.victims.all(afterId, DROP_PAGE);
      for (const victim of victims) {
        if (freed >= bytes) break;
        this.deleteRow.run(victim.id);
        freed += Number(victim.size);
        dropped++;
        const rank = Number(victim.rank);
        byRank.set(rank, (byRank.get(rank) ?? 0) + 1);
        if (fromNs === undefined || victim.time_ns < fromNs) fromNs = victim.time_ns;
        if (toNs === undefined || victim.time_ns > toNs) toNs = victim.time_ns;
      }
      if (victims.length < DROP_PAGE) break;
    }
    this.count -= dropped;
    this.bytes -= freed;
    return { byRank, count: dropped, fromNs: fromNs ?? 0n, toNs: toNs ?? 0n };
  }

  page(afterId: number, maxRows: number, maxBytes: number): SpoolRecord[] {
    const records: SpoolRecord[] = [];
    let bytes = 0;
    for (const row of this.rowsAfter.iterate(afterId, maxRows)) {
      bytes += row.bytes.byteLength;
      if (records.length > 0 && bytes > maxBytes) break;
      const epoch = BigInt.asUintN(64, row.epoch);
      records.push({ id: Number(row.id), epoch, sequence: Number(row.sequence), bytes: row.bytes });
    }
    return records;
  }

  oldestNs(): bigint | undefined {
    return this.oldest.get()?.time_ns;
  }

  aggregates(): OpenAggregate[] {
    return this.allAggregates.all().map((row) => ({
      key: row.key,
      startMs: Number(row.start_ms),
      endMs: Number(row.end_ms),
      firstUuid: row.first_uuid,
      alert: row.alert === null ? undefined : decodeAlert(row.alert),
      count: Number(row.count),
      lastNs: row.last_ns,
      samples: readSamples(row.samples),
    }));
  }

  putAggregate({ key, startMs, endMs, firstUuid, alert, count, lastNs, samples }: OpenAggregate): void {
    const bytes = alert === undefined ? null : encodeAlert(alert);
    this.upsertAggregate.run(key, startMs, endMs, firstUuid, count, lastNs, writeSamples(samples), bytes);
  }

  removeAggregate(key: string): void {
    this.deleteAggregate.run(key);
  }

  close(): void {
    this.database.close();
  }
}

function writeSamples(samples: readonly AlertSample[]): string {
  return JSON.stringify(samples.map(({ uuid, timeNs, output }) => [uuid, String(timeNs), output]));
}

function readSamples(text: string): AlertSample[] {
  return (JSON.parse(text) as [string, string, string][]).map(([uuid, timeNs, output]) => {
    return { uuid, timeNs: BigInt(timeNs), output };
  });
}

const DROP_PAGE = 500;
