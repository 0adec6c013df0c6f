import { statSync } from 'node:fs';
import type { Database, SqlValue, Statement } from '../../agent/storage/sqlite.ts';
import { KIND_ALERT } from '../../proto/head.ts';
import { type DurationKind, Durations } from './durations.ts';
import type { TimePlace, Wanted } from './question.ts';
import { type Columns, StoredRecord } from './record.ts';
import { type CountCell, type CountQuestion, Rollup } from './rollup.ts';

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

export interface KeptPosition extends PositionChange {
  readonly storedNs: bigint;
}

/** What is known of a partition without opening it. Times are ns since 1970; event times are of alerts. */
export interface Extent {
  firstId: number;
  lastId: number;
  firstStoredNs: bigint;
  lastStoredNs: bigint;
  /** Undefined while there are no alerts. */
  times: { least: bigint; greatest: bigint } | undefined;
}

/** A part of one index: its alerts are in order. Of an open partition, but may outlive the connection. */
export interface IndexPart {
  readonly sql: string;
  readonly key: readonly SqlValue[];
  readonly rest: readonly SqlValue[];
}

const COLUMNS =
  'id, stored_ns, agent, epoch, sequence, kind, time_ns, priority, rule, source, host, namespace, uuid, tags, body';
const PARAMETERS = `(${'?, '.repeat(14)}?)`;
const BIGINTS = { bigints: true };
const PRIORITIES = 8;
/** Pairs of node and agent that are known to be in the database; when there are more they are written again. */
const HOSTS_KEPT = 10_000;
/** Statements kept prepared; lists of rules make ever new ones. */
const STATEMENTS_KEPT = 50;

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
  readonly namespace: string;
  readonly uuid: string;
  readonly tags: string;
  readonly body: Uint8Array;
}

interface PositionRow {
  readonly agent: string;
  readonly epoch: bigint;
  readonly sequence: bigint;
  readonly hash: Uint8Array;
  readonly stored_ns: bigint;
}

/** An open database of one day. */
export class Partition {
  private readonly database: Database;
  private readonly rollup: Rollup;
  private readonly durations: Durations;
  private readonly insertRecord: Statement<never>;
  private readonly insertHost: Statement<never>;
  private readonly upsertPosition: Statement<never>;
  private readonly selectPosition: Statement<AgentPosition>;
  private readonly selectAfter: Statement<Row>;
  private readonly selectOne: Statement<Row>;
  private readonly selectPlace: Statement<{ id: bigint; stored_ns: bigint }>;
  private readonly places = new Map<string, Statement<{ id: bigint; time_ns: bigint }>>();
  private readonly hosts = new Set<string>();

  constructor(database: Database) {
    this.database = database;
    this.rollup = new Rollup(database);
    this.durations = new Durations(database);
    this.insertRecord = database.prepare(`INSERT INTO record (${COLUMNS}) VALUES ${PARAMETERS}`);
    this.insertHost = database.prepare('INSERT OR IGNORE INTO host VALUES (?, ?)');
    this.upsertPosition = database.prepare('INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?)');
    this.selectPosition = database.prepare('SELECT sequence, hash FROM position WHERE agent = ? AND epoch = ?');
    this.selectAfter = database.prepare(`SELECT ${COLUMNS} FROM record WHERE id > ? ORDER BY id LIMIT ?`, BIGINTS);
    this.selectOne = database.prepare(`SELECT ${COLUMNS} FROM record WHERE id = ?`, BIGINTS);
    this.selectPlace = database.prepare('SELECT id, stored_ns FROM record WHERE id > ? ORDER BY id LIMIT 1', BIGINTS);
  }

  /** Reads what the database holds; undefined = nothing. */
  extent(): Extent | undefined {
    const end = (order: 'ASC' | 'DESC') =>
      this.database
        .prepare<{ id: bigint; stored_ns: bigint }>(
          `SELECT id, stored_ns FROM record ORDER BY id ${order} LIMIT 1`,
          BIGINTS,
        )
        .get();
    const first = end('ASC');
    const last = end('DESC');
    if (first === undefined || last === undefined) return undefined;
    const time = (name: 'min' | 'max') =>
      this.database
        .prepare<{ time: bigint | null }>(
          `SELECT ${name}(time_ns) AS time FROM record WHERE kind = ${KIND_ALERT}`,
          BIGINTS,
        )
        .get()?.time ?? undefined;
    const least = time('min');
    const greatest = time('max');
    return {
      firstId: Number(first.id),
      lastId: Number(last.id),
      firstStoredNs: first.stored_ns,
      lastStoredNs: last.stored_ns,
      times: least === undefined || greatest === undefined ? undefined : { least, greatest },
    };
  }

  /** In one transaction; on disk when it returns. */
  append(
    records: readonly StoredRecord[],
    positions: readonly KeptPosition[],
    respondedNs: readonly number[] = [],
  ): void {
    try {
      this.database.transaction(() => {
        for (const record of records) this.insert(record);
        for (const position of positions) this.insertPosition(position);
        this.count(
          records.map(({ columns }) => columns),
          respondedNs,
        );
      });
    } catch (error) {
      this.rollup.forget();
      this.hosts.clear();
      throw error;
    }
  }

  position(agentId: string, epoch: bigint): AgentPosition | undefined {
    return this.selectPosition.get(agentId, BigInt.asIntN(64, epoch));
  }

  /** Those that changed at or after a time. */
  positionsSince(storedNs: bigint): KeptPosition[] {
    const rows = this.database
      .prepare<PositionRow>('SELECT * FROM position WHERE stored_ns >= ?', BIGINTS)
      .all(storedNs);
    return rows.map(({ agent, epoch, sequence, hash, stored_ns }) => ({
      agentId: agent,
      epoch: BigInt.asUintN(64, epoch),
      sequence: Number(sequence),
      hash,
      storedNs: stored_ns,
    }));
  }

  after(id: number, limit: number): StoredRecord[] {
    return this.selectAfter.all(id, limit).map(fromRow);
  }

  one(id: number): StoredRecord | undefined {
    const row = this.selectOne.get(id);
    return row === undefined ? undefined : fromRow(row);
  }

  /**
   * The last id that was stored before a time; 0 = none. Halves the range: storing times never go back, and an index for
   * this alone would cost every insert.
   */
  lastBefore(storedNs: bigint, { firstId, lastId }: Extent): number {
    let low = firstId - 1;
    let high = lastId;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const next = this.selectPlace.get(middle);
      if (next !== undefined && next.stored_ns < storedNs) low = Number(next.id);
      else high = middle;
    }
    return low;
  }

  /** Triage records after an id. */
  triageAfter(id: number): StoredRecord[] {
    return this.database
      .prepare<Row>(`SELECT ${COLUMNS} FROM record INDEXED BY triage WHERE kind = 16 AND id > ? ORDER BY id`, BIGINTS)
      .all(id)
      .map(fromRow);
  }

  /** An alert by its uuid among the records after an id: read one by one, for what no index has yet. */
  findAfter(id: number, uuid: string): StoredRecord | undefined {
    const row = this.database
      .prepare<Row>(`SELECT ${COLUMNS} FROM record WHERE id > ? AND kind = ${KIND_ALERT} AND uuid = ? LIMIT 1`, BIGINTS)
      .get(id, uuid);
    return row === undefined ? undefined : fromRow(row);
  }

  /**
   * Parts of indices that together have the alerts that are wanted, each alert once. The most telling index is used; what it
   * does not tell is compared row by row.
   */
  wanted({ namespaces, rules, nodes, priority }: Wanted): readonly IndexPart[] {
    const urgent = priority ? range(1, Math.min(priority, PRIORITIES)) : undefined;
    if (namespaces?.length) {
      return namespaces.flatMap((namespace) =>
        (urgent ?? range(0, PRIORITIES)).map((each) =>
          indexPart('alert_namespace', { namespace, priority: each }, { rules }),
        ),
      );
    }
    if (rules?.length) return rules.map((rule) => indexPart('alert_rule', { rule }, { priority }));
    if (nodes?.length) return this.agentsOf(nodes).map((agent) => indexPart('alert_agent', { agent }, { priority }));
    if (urgent !== undefined) return urgent.map((each) => indexPart('alert_priority', { priority: each }, {}));
    return [indexPart('alert_time', {}, {})];
  }

  /** Places of a part that are at or after `fromNs` and before `before`, newest first. */
  newest({ sql, key, rest }: IndexPart, fromNs: bigint, before: TimePlace, limit: number): readonly TimePlace[] {
    const statement = this.places.get(sql) ?? this.database.prepare<{ id: bigint; time_ns: bigint }>(sql, BIGINTS);
    if (this.places.size < STATEMENTS_KEPT) this.places.set(sql, statement);
    return statement
      .all(...key, fromNs, before.timeNs, before.id, ...rest, limit)
      .map(({ id, time_ns }) => ({ id: Number(id), timeNs: time_ns }));
  }

  cells(question: CountQuestion): CountCell[] {
    return this.rollup.cells(question);
  }

  durationBuckets(kind: DurationKind) {
    return this.durations.buckets(kind);
  }

  /** Name of the store that it belongs to. */
  owner(): string | undefined {
    return this.database.prepare<{ value: string }>("SELECT value FROM meta WHERE name = 'store'").get()?.value;
  }

  setOwner(name: string): void {
    this.database.prepare("INSERT OR REPLACE INTO meta VALUES ('store', ?)").run(name);
  }

  close(): void {
    this.database.close();
  }

  private agentsOf(nodes: readonly string[]): readonly string[] {
    const select = this.database.prepare<{ agent: string }>('SELECT agent FROM host WHERE host = ?');
    const agents = nodes.flatMap((node) => [node, ...select.all(node).map(({ agent }) => agent)]);
    return [...new Set(agents)];
  }

  private insert({ id, columns }: StoredRecord): void {
    const { storedNs, agentId, epoch, sequence, kind, timeNs, priority, rule, source, hostname, namespace, uuid } =
      columns;
    const place = [id, storedNs, agentId, BigInt.asIntN(64, epoch), sequence, kind, timeNs, priority] as const;
    const tags = JSON.stringify(columns.tags);
    this.insertRecord.run(...place, rule, source, hostname, namespace, uuid, tags, columns.body);
  }

  private insertPosition({ agentId, epoch, sequence, hash, storedNs }: KeptPosition): void {
    this.upsertPosition.run(agentId, BigInt.asIntN(64, epoch), sequence, hash, storedNs);
  }

  private count(records: readonly Columns[], respondedNs: readonly number[]): void {
    this.rollup.count(records);
    const alerts = records.filter(({ kind }) => kind === KIND_ALERT);
    this.durations.count(
      'detect',
      alerts.map(({ storedNs, timeNs }) => Number(storedNs - timeNs)),
    );
    this.durations.count('respond', respondedNs);
    for (const { hostname, agentId } of alerts) {
      const pair = `${agentId}\n${hostname}`;
      if (this.hosts.has(pair)) continue;
      if (hostname !== agentId) this.insertHost.run(hostname, agentId);
      if (this.hosts.size >= HOSTS_KEPT) this.hosts.clear();
      this.hosts.add(pair);
    }
  }
}

function indexPart(
  index: string,
  key: Readonly<Record<string, SqlValue>>,
  { rules = [], priority }: { readonly rules?: readonly string[] | undefined; readonly priority?: number | undefined },
): IndexPart {
  const columns = Object.keys(key).map((column) => `${column} = ? AND`);
  const more = [
    ...(rules.length > 0 ? [`AND rule IN (${rules.map(() => '?').join(', ')})`] : []),
    ...(priority ? ['AND priority <= ?'] : []),
  ];
  const sql = `SELECT id, time_ns FROM record INDEXED BY ${index} WHERE kind = ${KIND_ALERT} AND ${columns.join(' ')}
    time_ns >= ? AND (time_ns, id) < (?, ?) ${more.join(' ')} ORDER BY time_ns DESC, id DESC LIMIT ?`;
  return { sql, key: Object.values(key), rest: [...rules, ...(priority ? [priority] : [])] };
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

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
    namespace: row.namespace,
    uuid: row.uuid,
    tags: JSON.parse(row.tags) as string[],
    body: row.body,
  });
}
