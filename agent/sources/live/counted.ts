import type { CountedRow } from '../../../native/index.ts';
import { KIND_OF_CODE } from '../../decode/kinds.ts';
import type { Gap } from '../../events/gap.ts';
import { type CollectedKind, LANES } from '../../events/kinds.ts';

/** Gaps of one look; further cgroups share one for each kind and lane. A hostile one may make many cgroups. */
const GAPS_MAX = 64;

/** What was counted instead of sent, as it is told. */
export interface CountedTally {
  /** Events so far, by kind. */
  readonly byKind: ReadonlyMap<CollectedKind | 'unknown', bigint>;
  /** Takes rows and the number of events that no row has, both new; gives what to tell of them. */
  add(rows: readonly CountedRow[], unlisted: bigint, span: Span): Gap[];
}

/** Wall clock minus boot clock, and between which wall-clock times what has no row happened. */
export interface Span {
  readonly wallOffsetNs: bigint;
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

export function createCountedTally(): CountedTally {
  const byKind = new Map<CollectedKind | 'unknown', bigint>();
  const note = (kind: CollectedKind | 'unknown', count: bigint): void => {
    byKind.set(kind, (byKind.get(kind) ?? 0n) + count);
  };
  return {
    byKind,
    add: (rows, unlisted, span) => {
      for (const { kind, count } of rows) note(KIND_OF_CODE[kind] ?? 'unknown', count);
      const gaps = gapsOf(rows, span.wallOffsetNs);
      if (unlisted === 0n) return gaps;
      note('unknown', unlisted);
      return [...gaps, { stage: 'kernel', cause: 'budget', fromNs: span.fromNs, toNs: span.toNs, count: unlisted }];
    },
  };
}

/** One for each cgroup, kind and lane. */
function gapsOf(rows: readonly CountedRow[], wallOffsetNs: bigint): Gap[] {
  const gaps = new Map<string, Gap>();
  for (const { kind, lane, cgroupId, count, firstNs, lastNs } of rows) {
    const key = `${kind} ${lane}`;
    const own = `${key} ${cgroupId}`;
    const isOwn = gaps.has(own) || gaps.size < GAPS_MAX;
    const before = gaps.get(isOwn ? own : key);
    const fromNs = firstNs + wallOffsetNs;
    const toNs = lastNs + wallOffsetNs;
    const kindName = KIND_OF_CODE[kind];
    gaps.set(isOwn ? own : key, {
      stage: 'kernel',
      cause: 'budget',
      ...(kindName === undefined ? {} : { kind: kindName }),
      lane: LANES[lane] ?? String(lane),
      ...(isOwn ? { cgroupId } : {}),
      fromNs: before === undefined || fromNs < before.fromNs ? fromNs : before.fromNs,
      toNs: before === undefined || toNs > before.toNs ? toNs : before.toNs,
      count: count + (before?.count ?? 0n),
    });
  }
  return [...gaps.values()];
}
