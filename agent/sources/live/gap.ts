import type { NativeGap } from '../../../native/index.ts';
import type { Gap } from '../../events/gap.ts';
import { LANES } from '../../events/kinds.ts';

/** A loss that the sensor tells of. Before the first record of its lane only `sinceNs` (boot clock) is known. */
export function toGap(gap: NativeGap, wallOffsetNs: bigint, sinceNs: bigint): Gap {
  const { lane, cpu, cause, fromSequence, toSequence, afterTimeNs, beforeTimeNs } = gap;
  return {
    stage: cause === 'pool-full' ? 'reader' : 'kernel',
    cause,
    lane: LANES[lane] ?? String(lane),
    cpu,
    fromNs: (afterTimeNs === 0n ? sinceNs : afterTimeNs) + wallOffsetNs,
    toNs: beforeTimeNs + wallOffsetNs,
    count: toSequence - fromSequence + 1n,
    fromSequence,
    toSequence,
  };
}
