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
/** Minutes of a bucket of `tally`: a week by one dimension is some ten thousand rows, however many combinations there are. */
const TALLY = 10;
/** Names kept in memory; when there are more they are read again. */
const NAMES_KEPT = 10_000;

export function minuteOf(timeNs: bigint): number {
  const minute = timeNs / NS_PER_MINUTE;
  return Number(timeNs % NS_PER_MINUTE < 0n ? minute - 1n : minute);
}

/** The counts of alerts of one database. */
export class Rollup {
  private readonly database: Database;
  private readonly names = new Map<string, number>();
  private readonly selectName: Statement<{ id: number }>;
  private readonly insertName: Statement<never>;
  private readonly add: Statement<never>;
  private readonly addTally: Statement<never>;

  constructor(database: Database) {
    this.database = database;
    this.selectName = database.prepare('SELECT id FROM name WHERE text = ?');
    this.insertName = database.prepare('INSERT INTO name (text) VALUES (?)');
    const upsert = 'ON CONFLICT DO UPDATE SET count = count + excluded.count';
    this.add = database.prepare(`INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?) ${upsert}`);
    this.addTally = database.prepare(`INSERT INTO tally VALUES (?, ?, ?, ?) ${upsert}`);
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
    const tallies = new Map<string, number>();
    for (const { columns, minute, count } of counts.values()) {
      const { namespace, rule, priority, agentId } = columns;
      const key = [this.nameId(namespace), this.nameId(rule), priority, this.nameId(agentId)] as const;
      this.add.run(minute, ...key, count);
      key.forEach((value, dimension) => {
        const place = `${dimension} ${Math.floor(minute / TALLY)} ${value}`;
        tallies.set(place, (tallies.get(place) ?? 0) + count);
      });
    }
    for (const [place, count] of tallies) this.addTally.run(...place.split(' ').map(Number), count);
  }

  /** Forgets what a transaction that failed may have named. */
  forget(): void {
    this.names.clear();
  }

  /** One bucket may come in several cells, which belong together. */
  cells(question: CountQuestion): CountCell[] {
    const { fromMinute, toMinute, bucketMinutes } = question;
    const dimensions = dimensionsOf(question);
    const bucket = (unit: number) => {
      return bucketMinutes === 0 ? String(fromMinute) : `bucket / ${bucketMinutes / unit} * ${bucketMinutes}`;
    };
    if (dimensions.length > 1 || bucketMinutes % TALLY !== 0) {
      return this.fromRollup(question, bucket(1), fromMinute, toMinute);
    }
    // Whole buckets of the tally in the middle; minutes at both ends where the range does not end with one.
    const first = Math.min(Math.ceil(fromMinute / TALLY) * TALLY, toMinute);
    const last = Math.max(Math.floor(toMinute / TALLY) * TALLY, first);
    return [
      ...this.fromRollup(question, bucket(1), fromMinute, first),
      ...this.fromTally(question, dimensions[0] ?? 'priority', bucket(TALLY), first, last),
      ...this.fromRollup(question, bucket(1), last, toMinute),
    ];
  }

  private fromRollup(question: CountQuestion, bucket: string, from: number, to: number): CountCell[] {
    const { conditions, values } = this.conditions(question);
    const key = question.by ?? "''";
    return this.select(question, `${bucket} AS bucket, ${key} AS key`, 'rollup', conditions, [from, to, ...values]);
  }

  private fromTally(
    question: CountQuestion,
    dimension: Dimension,
    bucket: string,
    from: number,
    to: number,
  ): CountCell[] {
    const { conditions, values } = this.conditions(question, 'key');
    const columns = `${bucket} AS bucket, ${question.by === undefined ? "''" : 'key'} AS key`;
    const of = `AND dimension = ${DIMENSIONS.indexOf(dimension)} ${conditions}`;
    return this.select(question, columns, 'tally', of, [from / TALLY, to / TALLY, ...values]);
  }

  private select(
    { by }: CountQuestion,
    columns: string,
    table: 'rollup' | 'tally',
    conditions: string,
    values: readonly SqlValue[],
  ): CountCell[] {
    if (Number(values[0]) >= Number(values[1])) return [];
    const rows = this.database
      .prepare<{ bucket: number; key: number | string; count: number }>(
        `SELECT ${columns}, sum(count) AS count FROM ${table}
         WHERE bucket >= ? AND bucket < ? ${conditions} GROUP BY 1, 2`,
      )
      .all(...values);
    const label = this.labels(by);
    return rows.map(({ bucket, key, count }) => ({ bucket, key: label(key), count }));
  }

  /** `column`: where the one dimension is that is asked for; otherwise each has its own. */
  private conditions({ namespaces, rules, agents, priority }: CountQuestion, column?: string) {
    const values: SqlValue[] = [];
    let conditions = '';
    const oneOf = (dimension: Dimension, names: readonly string[] | undefined) => {
      if (names === undefined || names.length === 0) return;
      conditions += ` AND ${column ?? dimension} IN (SELECT id FROM name WHERE text IN (${names.map(() => '?').join(', ')}))`;
      values.push(...names);
    };
    oneOf('namespace', namespaces);
    oneOf('rule', rules);
    oneOf('agent', agents);
    if (priority) {
      conditions += ` AND ${column ?? 'priority'} <= ?`;
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

/** The dimensions that a question names. */
function dimensionsOf({ by, namespaces, rules, agents, priority }: CountQuestion): readonly Dimension[] {
  const named = { namespace: namespaces?.length, rule: rules?.length, priority, agent: agents?.length };
  return DIMENSIONS.filter((dimension) => dimension === by || named[dimension]);
}
