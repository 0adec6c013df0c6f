import type { EventKind } from '../events/kinds.ts';
import type { MaskSlot } from '../events/mask.ts';
import type { CompiledRule, RuleSet } from '../rules/rule-set.ts';
import { type Bucket, Buckets } from './buckets.ts';
import { candidatesOf } from './candidates.ts';

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
  ruleSet: RuleSet<C>;
  private buckets: Buckets<C>;
  private readonly firstOnly: boolean;

  constructor(ruleSet: RuleSet<C>, firstOnly: boolean) {
    this.ruleSet = ruleSet;
    this.buckets = new Buckets(ruleSet);
    this.firstOnly = firstOnly;
  }

  reload(ruleSet: RuleSet<C>): void {
    this.buckets = new Buckets(ruleSet);
    this.ruleSet = ruleSet;
  }

  match(context: C): readonly CompiledRule<C>[] {
    const { buckets } = this;
    const bucket = buckets.find(context.event.type);
    if (bucket.size === 0) return NOTHING;
    const { program } = buckets;
    program.begin();
    const slot = context.process?.mask;
    if (slot === undefined) return this.run(bucket, bucket.all, context);
    const candidates = candidatesOf(slot, buckets.owner, bucket, context);
    return candidates.none ? NOTHING : this.run(bucket, candidates.words, context);
  }

  private run(bucket: Bucket<C>, words: Int32Array, context: C): readonly CompiledRule<C>[] {
    let matched: CompiledRule<C>[] | undefined;
    for (let word = 0; word < words.length; word++) {
      let bits = words[word] ?? 0;
      while (bits !== 0) {
        const place = (word << 5) + (31 - Math.clz32(bits & -bits));
        bits &= bits - 1;
        if (bucket.conditions[place]?.(context) !== true) continue;
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
