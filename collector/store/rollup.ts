import type { Database, SqlValue, Statement } from '../../agent/storage/sqlite.ts';
import { KIND_ALERT } from '../../proto/head.ts';
import type { Columns } from './record.ts';

/** By what counts can be told apart. */
export const DIMENSIONS = ['namespace', 'rule', 'priority', 'agent'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Which counts. */
export interface CountQuestion {
  /** Event time in minutes since 1970: from, and before. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Minutes; the range is whole buckets of it, counted from 1970. 0 = one bucket for all. */
  readonly bucketMinutes: number;
  readonly by?: Dimension;
  readonly namespaces?: readonly string[];
  readonly rules?: readonly string[];
  readonly agents?: readonly string[];
  /** Wire number: this one and more urgent ones. */
  readonly priority?: number;
}

/** `bucket`: minutes since 1970 at which it begins. */
export interface CountCell {
  readonly bucket: number;
  readonly key: string;
  readonly count: number;
}

const NS_PER_MINUTE = 60_000_000_000n;
const HOUR = 60;
/** Both granularities are written: a week by hour has a sixtieth of the rows. */
const WIDTHS = [1, HOUR] as const;
/** Names kept in memory; when there are more they are read again. */
const NAMES_KEPT = 10_000;

export function minuteOf(timeNs: bigint): number {
  const minute = timeNs / NS_PER_MINUTE;
  return Number(timeNs % NS_PER_MINUTE < 0n ? minute - 1n : minute);
}

/** The counts of alerts by minute and hour of one database. */
export class Rollup {
  private readonly database: Database;
  private readonly names = new Map<string, number>();
  private readonly selectName: Statement<{ id: number }>;
  private readonly insertName: Statement<never>;
  private readonly add: Statement<never>;

  constructor(database: Database) {
    this.database = database;
    this.selectName = database.prepare('SELECT id FROM name WHERE text = ?');
    this.insertName = database.prepare('INSERT INTO name (text) VALUES (?)');
    this.add = database.prepare(
      `INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    );
  }

  /** Within the transaction that stores the records. */
  count(records: readonly Columns[]): void {
    const counts = new Map<string, { readonly columns: Columns; readonly minute: number; count: number }>();
    for (const columns of records) {
      if (columns.kind !== KIND_ALERT) continue;
      const minute = minuteOf(columns.timeNs);
      const key = `${minute}\n${columns.priority}\n${columns.namespace}\n${columns.agentId}\n${columns.rule}`;
      const entry = counts.get(key);
      if (entry === undefined) counts.set(key, { columns, minute, count: 1 });
      else entry.count++;
    }
    for (const { columns, minute, count } of counts.values()) {
      const { namespace, rule, priority, agentId } = columns;
      const key = [this.nameId(namespace), this.nameId(rule), priority, this.nameId(agentId)] as const;
      for (const width of WIDTHS) this.add.run(width, Math.floor(minute / width), ...key, count);
    }
  }

  /** Forgets what a transaction that failed may have named. */
  forget(): void {
    this.names.clear();
  }

  /** One bucket may come in several cells, which belong together. */
  cells(question: CountQuestion): CountCell[] {
    const { fromMinute, toMinute, bucketMinutes } = question;
    if (bucketMinutes > 0) {
      const width = bucketMinutes % HOUR === 0 ? HOUR : 1;
      const bucket = `bucket / ${bucketMinutes / width} * ${bucketMinutes}`;
      return this.select(question, width, bucket, fromMinute, toMinute);
    }
    // Whole hours in the middle, minutes at both ends.
    const firstHour = Math.min(Math.ceil(fromMinute / HOUR) * HOUR, toMinute);
    const lastHour = Math.max(Math.floor(toMinute / HOUR) * HOUR, firstHour);
    const all = String(fromMinute);
    return [
      ...this.select(question, 1, all, fromMinute, firstHour),
      ...this.select(question, HOUR, all, firstHour, lastHour),
      ...this.select(question, 1, all, lastHour, toMinute),
    ];
  }

  private select(question: CountQuestion, width: number, bucket: string, from: number, to: number): CountCell[] {
    if (from >= to) return [];
    const { conditions, values } = this.conditions(question);
    const rows = this.database
      .prepare<{ bucket: number; key: number | string; count: number }>(
        `SELECT ${bucket} AS bucket, ${question.by ?? "''"} AS key, sum(count) AS count FROM rollup
         WHERE width = ${width} AND bucket >= ? AND bucket < ? ${conditions} GROUP BY 1, 2`,
      )
      .all(Math.floor(from / width), Math.ceil(to / width), ...values);
    const label = this.labels(question.by);
    return rows.map(({ bucket: minute, key, count }) => ({ bucket: minute, key: label(key), count }));
  }

  private conditions({ namespaces, rules, agents, priority }: CountQuestion) {
    const values: SqlValue[] = [];
    let conditions = '';
    const oneOf = (column: Dimension, names: readonly string[] | undefined) => {
      if (names === undefined || names.length === 0) return;
      conditions += ` AND ${column} IN (SELECT id FROM name WHERE text IN (${names.map(() => '?').join(', ')}))`;
      values.push(...names);
    };
    oneOf('namespace', namespaces);
    oneOf('rule', rules);
    oneOf('agent', agents);
    if (priority) {
      conditions += ' AND priority <= ?';
      values.push(priority);
    }
    return { conditions, values };
  }

  private labels(by: Dimension | undefined): (id: number | string) => string {
    if (by === undefined || by === 'priority') return String;
    const select = this.database.prepare<{ text: string }>('SELECT text FROM name WHERE id = ?');
    const known = new Map<number | string, string>();
    return (id) => {
      const label = known.get(id) ?? select.get(id)?.text ?? '';
      known.set(id, label);
      return label;
    };
  }

  private nameId(text: string): number {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    if (this.selectName.get(text) === undefined) this.insertName.run(text);
    const id = this.selectName.get(text)?.id ?? 0;
    if (this.names.size >= NAMES_KEPT) this.names.clear();
    this.names.set(text, id);
    return id;
  }
}
