import type { MaskSlot } from '../events/mask.ts';
import type { Bucket, BucketProgram } from '../rules/rule-set.ts';

/** A rule set in use, as slots know it. */
export interface SlotOwner {
  /** Number of its buckets. */
  readonly count: number;
}

/**
 * The rules of a bucket that a process cannot match, as bits by place. A rule is asked once for each state of the
 * process, and not before the event itself has left it over.
 */
export class Candidates {
  /** Every rule was asked, and the process can match none. */
  none = false;
  /** What is known so far. */
  readonly impossible: number[];
  private readonly asked: number[];
  private complete = false;

  constructor(words: number) {
    this.impossible = new Array<number>(words).fill(0);
    this.asked = new Array<number>(words).fill(0);
  }

  /** Whether the process can match a rule. The program's event must be open. */
  allows<C>(place: number, program: BucketProgram<C>, context: C): boolean {
    const word = place >> 5;
    const bit = 1 << (place & 31);
    if (((this.asked[word] ?? 0) & bit) === 0) {
      this.asked[word] = (this.asked[word] ?? 0) | bit;
      if (program.possibilities[place]?.(context) === false) {
        this.impossible[word] = (this.impossible[word] ?? 0) | bit;
      }
    }
    return ((this.impossible[word] ?? 0) & bit) === 0;
  }

  /** Asks for every rule. The program's event must be open. */
  askAll<C>(program: BucketProgram<C>, context: C): void {
    if (this.complete) return;
    const { all, stableKey } = program;
    const worthAsking = stableKey?.mask(context) ?? all;
    let some = 0;
    for (let word = 0; word < all.length; word++) {
      const wanted = worthAsking[word] ?? 0;
      this.impossible[word] = ~wanted;
      for (let bits = wanted; bits !== 0; bits &= bits - 1) {
        this.allows((word << 5) + (31 - Math.clz32(bits & -bits)), program, context);
      }
      some |= (all[word] ?? 0) & ~(this.impossible[word] ?? 0);
    }
    this.asked.fill(-1);
    this.complete = true;
    this.none = some === 0;
  }

  /** The process has changed. */
  reset(): void {
    this.asked.fill(0);
    this.impossible.fill(0);
    this.complete = false;
    this.none = false;
  }
}

/** What a slot holds for the matcher: candidates by bucket, made when a process first has an event of the bucket. */
class SlotValue {
  readonly owner: SlotOwner;
  revision: number;
  readonly byBucket: (Candidates | undefined)[];

  constructor(owner: SlotOwner, revision: number) {
    this.owner = owner;
    this.revision = revision;
    this.byBucket = new Array<Candidates | undefined>(owner.count).fill(undefined);
  }
}

/** The candidates of the process that the slot belongs to, begun anew when the process has changed, or the rule set has. */
export function candidatesOf<C>(slot: MaskSlot, owner: SlotOwner, bucket: Bucket<C>): Candidates {
  const value = valueOf(slot, owner);
  const known = value.byBucket[bucket.index];
  if (known !== undefined) return known;
  const candidates = new Candidates((bucket.rules.length + 31) >> 5);
  value.byBucket[bucket.index] = candidates;
  return candidates;
}

function valueOf(slot: MaskSlot, owner: SlotOwner): SlotValue {
  const { value } = slot;
  if (!(value instanceof SlotValue) || value.owner !== owner) {
    const made = new SlotValue(owner, slot.revision);
    slot.value = made;
    return made;
  }
  if (value.revision !== slot.revision) {
    value.revision = slot.revision;
    for (const candidates of value.byBucket) candidates?.reset();
  }
  return value;
}
