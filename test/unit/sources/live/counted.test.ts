import { describe, expect, it } from 'vitest';
import { eventKind } from '../../../../agent/decode/layout.gen.ts';
import { createCountedTally } from '../../../../agent/sources/live/counted.ts';
import type { CountedRow } from '../../../../native/index.ts';

const OFFSET = 1_000_000n;
const SPAN = { wallOffsetNs: OFFSET, fromNs: 5n, toNs: 9n };

function row(change: Partial<CountedRow> = {}): CountedRow {
  return {
    kind: eventKind.open,
    lane: 2,
    cgroupId: 7n,
    count: 1n,
    firstNs: 10n,
    lastNs: 20n,
    isCoarse: false,
    exeDev: 1,
    exeInode: 2n,
    objectDev: 3,
    object: 4n,
    class: 0,
    ...change,
  };
}

describe('what was counted instead of sent', () => {
  it('is one gap for each cgroup, kind and lane, from the first to the last of its rows', () => {
    const tally = createCountedTally();
    const rows = [
      row({ count: 3n, firstNs: 10n, lastNs: 20n }),
      row({ count: 4n, firstNs: 5n, lastNs: 15n, object: 9n }),
      row({ cgroupId: 8n, kind: eventKind.fork, lane: 1, count: 2n }),
    ];
    expect(tally.add(rows, 0n, SPAN)).toEqual([
      {
        stage: 'kernel',
        cause: 'budget',
        kind: 'open',
        lane: 'bulk',
        cgroupId: 7n,
        fromNs: OFFSET + 5n,
        toNs: OFFSET + 20n,
        count: 7n,
      },
      {
        stage: 'kernel',
        cause: 'budget',
        kind: 'fork',
        lane: 'lifecycle',
        cgroupId: 8n,
        fromNs: OFFSET + 10n,
        toNs: OFFSET + 20n,
        count: 2n,
      },
    ]);
    expect([...tally.byKind]).toEqual([
      ['open', 7n],
      ['fork', 2n],
    ]);
  });

  it('that no table had room for is a gap of its own', () => {
    const tally = createCountedTally();
    expect(tally.add([], 12n, SPAN)).toEqual([{ stage: 'kernel', cause: 'budget', fromNs: 5n, toNs: 9n, count: 12n }]);
    expect([...tally.byKind]).toEqual([['unknown', 12n]]);
  });

  it('is told in few gaps, however many cgroups there are, and none is missing from the sum', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => row({ cgroupId: BigInt(i), count: BigInt(i + 1) }));
    const gaps = createCountedTally().add(rows, 0n, SPAN);
    expect(gaps.length).toBeLessThanOrEqual(65);
    expect(gaps.filter(({ cgroupId }) => cgroupId === undefined)).toHaveLength(1);
    expect(gaps.reduce((sum, { count }) => sum + count, 0n)).toBe(500_500n);
  });
});
