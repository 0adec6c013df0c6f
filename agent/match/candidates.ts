import type { MaskSlot } from '../events/mask.ts';
import type { Bucket, BucketProgram } from '../rules/rule-set.ts';

/** The rules of a bucket that a process can still match. */
export interface Candidates {
  readonly none: boolean;
  readonly words: Int32Array;
}

/** A rule set in use, as slots know it. */
export interface SlotOwner {
  /** Number of its buckets. */
  readonly count: number;
}

/** What a slot holds for the matcher: candidates by bucket, made when a process first has an event of the bucket. */
class SlotValue {
  readonly owner: SlotOwner;
  readonly revision: number;
  readonly byBucket: (Candidates | undefined)[];

  constructor(owner: SlotOwner, revision: number) {
    this.owner = owner;
    this.revision = revision;
    this.byBucket = new Array<Candidates | undefined>(owner.count).fill(undefined);
  }
}

/** Most processes can match nothing of a bucket, and all of those share this. */
const NONE: Candidates = { none: true, words: new Int32Array(0) };

/**
 * The candidates of the process that the slot belongs to, made anew when the process has changed, or the rule set has.
 * The program's event must be open.
 */
export function candidatesOf<C>(
  slot: MaskSlot,
  owner: SlotOwner,
  bucket: Bucket<C>,
  program: BucketProgram<C>,
  context: C,
): Candidates {
  let { value } = slot;
  if (!(value instanceof SlotValue) || value.owner !== owner || value.revision !== slot.revision) {
    value = new SlotValue(owner, slot.revision);
    slot.value = value;
  }
  const { byBucket } = value as SlotValue;
  const known = byBucket[bucket.index];
  if (known !== undefined) return known;
  const candidates = evaluate(program, context);
  byBucket[bucket.index] = candidates;
  return candidates;
}

function evaluate<C>({ all, possibilities }: BucketProgram<C>, context: C): Candidates {
  const words = new Int32Array(all.length);
  let none = true;
  for (let place = 0; place < possibilities.length; place++) {
    if (possibilities[place]?.(context) === false) continue;
    words[place >> 5] = (words[place >> 5] ?? 0) | (1 << (place & 31));
    none = false;
  }
  return none ? NONE : { none, words };
}
