import type { MaskSlot } from '../events/mask.ts';
import { type Bucket, setBit } from './buckets.ts';

/** The rules of a bucket that a process can still match. */
export interface Candidates {
  readonly none: boolean;
  readonly words: Int32Array;
}

/** What a slot holds for the matcher: candidates by bucket, made when a process first has an event of the bucket. */
class SlotValue {
  readonly owner: unknown;
  readonly revision: number;
  readonly byBucket: (Candidates | undefined)[];

  constructor(owner: unknown, revision: number, count: number) {
    this.owner = owner;
    this.revision = revision;
    this.byBucket = new Array<Candidates | undefined>(count).fill(undefined);
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
  owner: { readonly count: number },
  bucket: Bucket<C>,
  context: C,
): Candidates {
  const { value } = slot;
  if (value instanceof SlotValue && value.owner === owner && value.revision === slot.revision) {
    const known = value.byBucket[bucket.index];
    if (known !== undefined) return known;
    return (value.byBucket[bucket.index] = evaluate(bucket, context));
  }
  const fresh = new SlotValue(owner, slot.revision, owner.count);
  slot.value = fresh;
  return (fresh.byBucket[bucket.index] = evaluate(bucket, context));
}

function evaluate<C>(bucket: Bucket<C>, context: C): Candidates {
  const words = new Int32Array(bucket.all.length);
  let none = true;
  for (let place = 0; place < bucket.size; place++) {
    if (bucket.possibilities[place]?.(context) === false) continue;
    setBit(words, place);
    none = false;
  }
  return none ? NONE : { none, words };
}
