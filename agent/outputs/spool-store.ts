import { type DataFile, damageError, openDataFile } from '../storage/data-file.ts';
import type { Database, Statement } from '../storage/sqlite.ts';

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
  close(): void;
}

/** Row, two index entries and the pages' free space, measured on rows of 0.8 KiB. */
const ROW_OVERHEAD_BYTES = 96;
const SCHEMA_VERSION = 1;

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
  if (version === 0) database.transaction(() => database.exec(SCHEMA));
}

interface Row {
  readonly id: bigint;
  readonly epoch: bigint;
  readonly sequence: bigint;
  readonly size: bigint;
  readonly bytes: Uint8Array;
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

  close(): void {
    this.database.close();
  }
}

const DROP_PAGE = 500;
