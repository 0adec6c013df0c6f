import { expect, test } from 'vitest';
import { toGap } from '../../../../agent/sources/live/gap.ts';
import { createWallClock } from '../../../../agent/sources/live/wall-clock.ts';
import type { NativeGap } from '../../../../native/index.ts';

const MS = 1_000_000n;

test('the offset of the wall clock stays through jitter, follows slewing, and steps are told', () => {
  let now = 1_000_000n * MS;
  const steps: bigint[] = [];
  const clock = createWallClock(
    () => now,
    (byNs) => steps.push(byNs),
  );
  const after = (change: bigint): bigint => {
    now += change;
    clock.renew();
    return clock.offsetNs;
  };
  expect(after(900_000n)).toBe(1_000_000n * MS);
  expect(after(200_000n)).toBe(1_000_001n * MS + 100_000n);
  expect(steps).toEqual([]);
  expect(after(-3_600_000n * MS)).toBe(-2_599_999n * MS + 100_000n);
  expect(after(500n * MS)).toBe(-2_599_499n * MS + 100_000n);
  expect(steps).toEqual([-3_600_000n * MS, 500n * MS]);
});

test('a gap tells how many records of which lane were lost, and between which times of day', () => {
  const gap: NativeGap = {
    lane: 2,
    cpu: 1,
    fromSequence: 11n,
    toSequence: 20n,
    afterTimeNs: 500n,
    beforeTimeNs: 900n,
    cause: 'ring-full',
    position: 64,
  };
  const told = {
    stage: 'kernel',
    cause: 'ring-full',
    lane: 'bulk',
    cpu: 1,
    fromNs: 10_500n,
    toNs: 10_900n,
    count: 10n,
    fromSequence: 11n,
    toSequence: 20n,
  };
  expect(toGap(gap, 10_000n, 100n)).toEqual(told);
  // Nothing came before it: it cannot be older than the programs.
  expect(toGap({ ...gap, afterTimeNs: 0n }, 10_000n, 100n)).toEqual({ ...told, fromNs: 10_100n });
  expect(toGap({ ...gap, cause: 'pool-full' }, 10_000n, 100n).stage).toBe('reader');
});
