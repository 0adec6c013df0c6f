import type { EventKind } from '../events/kinds.ts';
import type { MaskSlot } from '../events/mask.ts';
import type { Bucket, BucketProgram, CompiledRule, RuleSet } from '../rules/rule-set.ts';
import { type Candidates, candidatesOf, type SlotOwner } from './candidates.ts';

/** What a matcher itself looks at; fields look at the rest. */
export interface MatchableContext {
  readonly event: { readonly kind: EventKind; readonly type: string };
  readonly process?: { readonly mask: MaskSlot } | undefined;
}

export interface MatchOptions {
  /** all: every rule that matches (default); first: only the first in order of definition. */
  readonly matching?: 'all' | 'first';
}

/** Finds the rules that an event matches. One matcher is used by one thread, event after event. */
export interface Matcher<C> {
  /** Matching rules in order of definition; the same empty array whenever there is none. */
  match(context: C): readonly CompiledRule<C>[];
  /** Uses another rule set from the next event on. */
  reload(ruleSet: RuleSet<C>): void;
  readonly ruleSet: RuleSet<C>;
}

export function createMatcher<C extends MatchableContext>(ruleSet: RuleSet<C>, options: MatchOptions = {}): Matcher<C> {
  return new RuleMatcher(ruleSet, options.matching === 'first');
}

const NOTHING: readonly never[] = [];

class RuleMatcher<C extends MatchableContext> implements Matcher<C> {
  private loaded: Loaded<C>;
  private readonly firstOnly: boolean;

  constructor(ruleSet: RuleSet<C>, firstOnly: boolean) {
    this.loaded = new Loaded(ruleSet);
    this.firstOnly = firstOnly;
  }

  get ruleSet(): RuleSet<C> {
    return this.loaded.ruleSet;
  }

  reload(ruleSet: RuleSet<C>): void {
    this.loaded = new Loaded(ruleSet);
  }

  match(context: C): readonly CompiledRule<C>[] {
    const { loaded } = this;
    const bucket = loaded.find(context.event.type);
    if (bucket.rules.length === 0) return NOTHING;
    const program = bucket.program();
    program.begin();
    const { key, signature } = program;
    let mask = program.all;
    if (key !== undefined) {
      mask = key.mask(context);
      if (mask.length === 0) return NOTHING;
    }
    const slot = context.process?.mask;
    const candidates = slot === undefined ? undefined : candidatesOf(slot, loaded.owner, bucket);
    const { left } = loaded;
    if (candidates === undefined) {
      left.set(mask);
    } else {
      // Without a key nothing else leaves out much, so the process is asked for all rules at once.
      if (key === undefined) candidates.askAll(program, context);
      if (candidates.none || !remove(left, mask, candidates.impossible)) return NOTHING;
    }
    if (signature !== undefined && !isFew(left, program.all.length) && !keep(left, signature.mask(context)))
      return NOTHING;
    return this.run(bucket, program, left, candidates, context);
  }

  private run(
    bucket: Bucket<C>,
    program: BucketProgram<C>,
    left: Int32Array,
    candidates: Candidates | undefined,
    context: C,
  ): readonly CompiledRule<C>[] {
    let matched: CompiledRule<C>[] | undefined;
    const words = program.all.length;
    for (let word = 0; word < words; word++) {
      let bits = left[word] ?? 0;
      while (bits !== 0) {
        const place = (word << 5) + (31 - Math.clz32(bits & -bits));
        bits &= bits - 1;
        if (candidates !== undefined && !candidates.allows(place, program, context)) continue;
        if (program.conditions[place]?.(context) !== true) continue;
        const rule = bucket.rules[place];
        if (rule === undefined) continue;
        matched ??= [];
        matched.push(rule);
        if (this.firstOnly) return matched;
      }
    }
    return matched ?? NOTHING;
  }
}

/** Writes the bits of a mask that are not in another; false if there are none. */
function remove(into: Int32Array, mask: Int32Array, without: readonly number[]): boolean {
  let any = 0;
  for (let word = 0; word < mask.length; word++) {
    const bits = (mask[word] ?? 0) & ~(without[word] ?? 0);
    into[word] = bits;
    any |= bits;
  }
  return any !== 0;
}

/** Two rules at most: they are run as soon as another look is taken. */
function isFew(left: Int32Array, words: number): boolean {
  let count = 0;
  for (let word = 0; word < words; word++) {
    for (let bits = left[word] ?? 0; bits !== 0; bits &= bits - 1) if (++count > 2) return false;
  }
  return true;
}

/** Keeps only the bits that are in a mask too; false if there are none. */
function keep(left: Int32Array, mask: Int32Array): boolean {
  let any = 0;
  for (let word = 0; word < mask.length; word++) {
    const bits = (left[word] ?? 0) & (mask[word] ?? 0);
    left[word] = bits;
    any |= bits;
  }
  return any !== 0;
}

/** A rule set in use. */
class Loaded<C> {
  readonly ruleSet: RuleSet<C>;
  /** What candidates in slots belong to; they must not keep a rule set alive that was replaced. */
  readonly owner: SlotOwner;
  /** Rules that are left of the current event. */
  readonly left: Int32Array;
  private readonly byType: ReadonlyMap<string, Bucket<C>>;
  private readonly unknown: Bucket<C>;
  private lastType: string | undefined;
  private lastBucket: Bucket<C>;

  constructor(ruleSet: RuleSet<C>) {
    const { byType, unknown, count } = ruleSet.buckets();
    this.ruleSet = ruleSet;
    this.owner = { count };
    this.left = new Int32Array((ruleSet.active.length + 31) >> 5);
    this.byType = byType;
    this.unknown = unknown;
    this.lastBucket = unknown;
  }

  /** Events of one type come in runs. */
  find(type: string): Bucket<C> {
    if (type === this.lastType) return this.lastBucket;
    this.lastType = type;
    this.lastBucket = this.byType.get(type) ?? this.unknown;
    return this.lastBucket;
  }
}
