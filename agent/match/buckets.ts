import type { Predicate, Program } from '../rules/emit/program.ts';
import type { CompiledRule, RuleSet } from '../rules/rule-set.ts';

/** The rules that an event of some types can match, in order of definition, and their generated functions. */
export interface Bucket<C> {
  readonly index: number;
  readonly size: number;
  readonly rules: readonly CompiledRule<C>[];
  readonly conditions: readonly Predicate<C>[];
  /** Whether a process can match at all, by rule; undefined = every process can. */
  readonly possibilities: readonly (Predicate<C> | undefined)[];
  /** A bit for every rule. */
  readonly all: Int32Array;
}

/** A name that no event table has, for events of other sources. */
const UNKNOWN = '';

/** The buckets of one rule set, found by evt.type: one for each distinct set of rules. */
export class Buckets<C> {
  readonly program: Program<C>;
  /** What candidates in slots belong to; they must not keep a rule set alive that was replaced. */
  readonly owner: { readonly count: number };
  private readonly byType: ReadonlyMap<string, Bucket<C>>;
  private readonly unknown: Bucket<C>;

  constructor(ruleSet: RuleSet<C>) {
    this.program = ruleSet.program();
    const bySet = new Map<string, Bucket<C>>();
    const bucketOf = (type: string): Bucket<C> => {
      const places = [...ruleSet.active.keys()].filter((place) => ruleSet.active[place]?.handles(type) === true);
      const key = places.join();
      const bucket = bySet.get(key) ?? createBucket(bySet.size, places, ruleSet.active, this.program);
      bySet.set(key, bucket);
      return bucket;
    };
    this.byType = new Map(ruleSet.eventTypes.map((type) => [type, bucketOf(type)]));
    this.unknown = bucketOf(UNKNOWN);
    this.owner = { count: bySet.size };
  }

  find(type: string): Bucket<C> {
    return this.byType.get(type) ?? this.unknown;
  }
}

function createBucket<C>(
  index: number,
  places: readonly number[],
  rules: readonly CompiledRule<C>[],
  program: Program<C>,
): Bucket<C> {
  const never: Predicate<C> = () => false;
  const all = new Int32Array((places.length + 31) >> 5);
  for (let bit = 0; bit < places.length; bit++) setBit(all, bit);
  return {
    index,
    size: places.length,
    rules: places.flatMap((place) => rules[place] ?? []),
    conditions: places.map((place) => program.conditions[place] ?? never),
    possibilities: places.map((place) => program.possibilities[place]),
    all,
  };
}

export function setBit(words: Int32Array, bit: number): void {
  const word = bit >> 5;
  words[word] = (words[word] ?? 0) | (1 << (bit & 31));
}
