import type { Database, Statement } from '../../agent/storage/sqlite.ts';

/** What is measured; the number is in the database. */
export const DURATION = { detect: 1, respond: 2 } as const;
export type DurationKind = keyof typeof DURATION;

/** Each bucket is a fifth wider than the one before, from 1 us: so exact are medians. */
const RATIO = Math.log(1.2);
const UNIT_NS = 1000;

export interface DurationBucket {
  readonly bucket: number;
  readonly count: number;
  readonly sum_ns: number;
}

export interface DurationFigures {
  readonly count: number;
  readonly meanNs: number;
  readonly medianNs: number;
  readonly p90Ns: number;
}

/** Histograms of how long things took, in one database. */
export class Durations {
  private readonly add: Statement<never>;
  private readonly select: Statement<DurationBucket>;

  constructor(database: Database) {
    this.add = database.prepare(
      `INSERT INTO duration VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count, sum_ns = sum_ns + excluded.sum_ns`,
    );
    this.select = database.prepare('SELECT bucket, count, sum_ns FROM duration WHERE kind = ?');
  }

  /** Within the transaction that stores the records. Less than nothing (a clock that is ahead) counts as nothing. */
  count(kind: DurationKind, taken: readonly number[]): void {
    const buckets = new Map<number, { count: number; sum: number }>();
    for (const ns of taken) {
      const entry = buckets.get(bucketOf(ns)) ?? { count: 0, sum: 0 };
      buckets.set(bucketOf(ns), { count: entry.count + 1, sum: entry.sum + Math.max(0, ns) });
    }
    for (const [bucket, { count, sum }] of buckets) this.add.run(DURATION[kind], bucket, count, sum);
  }

  buckets(kind: DurationKind): readonly DurationBucket[] {
    return this.select.all(DURATION[kind]);
  }
}

/** Figures of several histograms together. */
export function figuresOf(parts: readonly DurationBucket[]): DurationFigures {
  const counts = new Map<number, number>();
  let count = 0;
  let sum = 0;
  for (const part of parts) {
    counts.set(part.bucket, (counts.get(part.bucket) ?? 0) + part.count);
    count += part.count;
    sum += part.sum_ns;
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const at = (share: number): number => {
    let seen = 0;
    for (const [bucket, some] of sorted) {
      seen += some;
      if (seen >= count * share) return valueOf(bucket);
    }
    return 0;
  };
  return { count, meanNs: count === 0 ? 0 : Math.round(sum / count), medianNs: at(0.5), p90Ns: at(0.9) };
}

function bucketOf(ns: number): number {
  return ns < UNIT_NS ? 0 : 1 + Math.floor(Math.log(ns / UNIT_NS) / RATIO);
}

/** The middle of a bucket. */
function valueOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.round(UNIT_NS * Math.exp((bucket - 0.5) * RATIO));
}
