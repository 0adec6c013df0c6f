import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { openDataFile } from '../../agent/storage/data-file.ts';
import type { Database, Statement } from '../../agent/storage/sqlite.ts';
import { type Columns, StoredRecord } from './record.ts';
import { prepareSchema } from './schema.ts';

/** How far one run of one agent has come. */
export interface AgentPosition {
  readonly sequence: number;
  /** SHA-256 of the last envelope. */
  readonly hash: Uint8Array;
}

export interface PositionChange extends AgentPosition {
  readonly agentId: string;
  readonly epoch: bigint;
}

/** A place in the order by event time. */
export interface TimePlace {
  readonly timeNs: bigint;
  readonly id: number;
}

/** What the collector keeps. Ids grow in the order of storing. */
export interface Store {
  /** Random name of this database: part of every cursor. */
  readonly name: string;
  /** Id of the newest record; 0 = none. */
  head(): number;
  /** Stores records and positions in one transaction; on disk when it returns. */
  append(records: readonly Columns[], positions: readonly PositionChange[]): StoredRecord[];
  position(agentId: string, epoch: bigint): AgentPosition | undefined;
  /** Records after an id, oldest first. */
  after(id: number, limit: number): StoredRecord[];
  /** The last id that was stored before a time (ns since 1970); 0 = none. */
  lastBefore(storedNs: bigint): number;
  /** Alerts that happened at `fromNs` or later and come before `place`, newest first. */
  newest(fromNs: bigint, place: TimePlace, limit: number): StoredRecord[];
  /** How many records there are: ids follow each other without holes. */
  count(): number;
  /** Size of the file with its write-ahead log. */
  bytes(): number;
  close(): void;
}

/** Opens the database at `path`; a damaged one is set aside. Throws E_DATA_DIR or E_DATABASE. */
export function openStore(path: string): { readonly store: Store; readonly setAside?: string } {
  const { value, ...rest } = openDataFile(path, true, (database) => {
    prepareSchema(database);
    return new SqliteStore(database, path);
  });
  return { store: value, ...rest };
}

const COLUMNS = 'id, stored_ns, agent, epoch, sequence, kind, time_ns, priority, rule, source, host, uuid, tags, body';

interface Row {
  readonly id: bigint;
  readonly stored_ns: bigint;
  readonly agent: string;
  readonly epoch: bigint;
  readonly sequence: bigint;
  readonly kind: bigint;
  readonly time_ns: bigint;
  readonly priority: bigint;
  readonly rule: string;
  readonly source: string;
  readonly host: string;
  readonly uuid: string;
  readonly tags: string;
  readonly body: Uint8Array;
}

class SqliteStore implements Store {
  readonly name: string;
  private readonly database: Database;
  private readonly path: string;
  private readonly insertRecord: Statement<never>;
  private readonly upsertPosition: Statement<never>;
  private readonly selectPosition: Statement<AgentPosition>;
  private readonly selectAfter: Statement<Row>;
  private readonly selectNewest: Statement<Row>;
  private readonly selectPlace: Statement<{ id: bigint; stored_ns: bigint }>;
  private last: number;

  constructor(database: Database, path: string) {
    this.database = database;
    this.path = path;
    this.insertRecord = database.prepare(`INSERT INTO record (${COLUMNS}) VALUES (${'?, '.repeat(13)}?)`);
    this.upsertPosition = database.prepare('INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?)');
    this.selectPosition = database.prepare('SELECT sequence, hash FROM position WHERE agent = ? AND epoch = ?');
    this.selectAfter = database.prepare(`SELECT ${COLUMNS} FROM record WHERE id > ? ORDER BY id LIMIT ?`, BIGINTS);
    this.selectNewest = database.prepare(
      `SELECT ${COLUMNS} FROM record WHERE kind = 10 AND time_ns >= ? AND (time_ns, id) < (?, ?)
       ORDER BY time_ns DESC, id DESC LIMIT ?`,
      BIGINTS,
    );
    this.selectPlace = database.prepare('SELECT id, stored_ns FROM record WHERE id > ? ORDER BY id LIMIT 1', BIGINTS);
    this.last = database.prepare<{ id: number | null }>('SELECT max(id) AS id FROM record').get()?.id ?? 0;
    this.name = nameOf(database);
  }

  head(): number {
    return this.last;
  }

  append(records: readonly Columns[], positions: readonly PositionChange[]): StoredRecord[] {
    const stored = records.map((columns, index) => new StoredRecord(this.last + 1 + index, columns));
    this.database.transaction(() => {
      for (const record of stored) this.insert(record);
      for (const { agentId, epoch, sequence, hash } of positions) {
        this.upsertPosition.run(agentId, BigInt.asIntN(64, epoch), sequence, hash);
      }
    });
    this.last += stored.length;
    return stored;
  }

  position(agentId: string, epoch: bigint): AgentPosition | undefined {
    return this.selectPosition.get(agentId, BigInt.asIntN(64, epoch));
  }

  after(id: number, limit: number): StoredRecord[] {
    return this.selectAfter.all(id, limit).map(fromRow);
  }

  /** Halves the range of ids: storing times never go back, and an index for this alone would cost every insert. */
  lastBefore(storedNs: bigint): number {
    let low = 0;
    let high = this.last;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const next = this.selectPlace.get(middle);
      if (next !== undefined && next.stored_ns < storedNs) low = Number(next.id);
      else high = middle;
    }
    return low;
  }

  newest(fromNs: bigint, place: TimePlace, limit: number): StoredRecord[] {
    return this.selectNewest.all(fromNs, place.timeNs, place.id, limit).map(fromRow);
  }

  count(): number {
    const first = this.selectPlace.get(0)?.id;
    return first === undefined ? 0 : this.last - Number(first) + 1;
  }

  bytes(): number {
    return sizeOf(this.path) + sizeOf(`${this.path}-wal`);
  }

  close(): void {
    this.database.close();
  }

  private insert({ id, columns }: StoredRecord): void {
    const { storedNs, agentId, epoch, sequence, kind, timeNs, priority, rule, source, hostname, uuid } = columns;
    const place = [id, storedNs, agentId, BigInt.asIntN(64, epoch), sequence, kind, timeNs, priority] as const;
    this.insertRecord.run(...place, rule, source, hostname, uuid, JSON.stringify(columns.tags), columns.body);
  }
}

const BIGINTS = { bigints: true };

function fromRow(row: Row): StoredRecord {
  return new StoredRecord(Number(row.id), {
    storedNs: row.stored_ns,
    agentId: row.agent,
    epoch: BigInt.asUintN(64, row.epoch),
    sequence: Number(row.sequence),
    kind: Number(row.kind),
    timeNs: row.time_ns,
    priority: Number(row.priority),
    rule: row.rule,
    source: row.source,
    hostname: row.host,
    uuid: row.uuid,
    tags: JSON.parse(row.tags) as string[],
    body: row.body,
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Made once: a cursor of another database must not be taken for one of this. */
function nameOf(database: Database): string {
  database.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)').run('name', randomBytes(6).toString('hex'));
  return database.prepare<{ value: string }>("SELECT value FROM meta WHERE name = 'name'").get()?.value ?? '';
}
