import type { CollectedKind } from '../events/kinds.ts';
import { planRules } from '../rules/plan.ts';
import type { CompiledRule } from '../rules/rule-set.ts';

/** What of a rule set can be seen with some kinds of events. */
export interface Coverage {
  readonly kinds: Share<CollectedKind>;
  readonly rules: Share<string>;
  /** ATT&CK techniques that the rules are tagged with. Covered: by at least one rule that is. */
  readonly techniques: Share<string>;
}

/** All of these are in one of the lists. `partly`: only by some kinds of events or some rules. */
export interface Share<T> {
  readonly covered: readonly T[];
  readonly partly: readonly T[];
  readonly missing: readonly T[];
}

const TECHNIQUE = /^T\d{4}(?:\.\d{3})?$/;

/** Works out from kinds to rules to techniques what is seen; `known` are all kinds, `available` those that are collected. */
export function coverageOf<C>(
  known: readonly CollectedKind[],
  available: ReadonlySet<CollectedKind>,
  rules: readonly CompiledRule<C>[],
): Coverage {
  const judged = rules.map((rule) => ({ rule, seen: seenOf(rule, available) }));
  const techniques = [...new Set(rules.flatMap(techniquesOf))].sort();
  return {
    kinds: share(known, (kind) => (available.has(kind) ? 'covered' : 'missing')),
    rules: share(
      judged.map(({ rule }) => rule.name),
      (name) => judged.find(({ rule }) => rule.name === name)?.seen ?? 'missing',
    ),
    techniques: share(techniques, (technique) => {
      const seen = judged.filter(({ rule }) => rule.tags.includes(technique)).map((each) => each.seen);
      if (seen.every((each) => each === 'covered')) return 'covered';
      return seen.every((each) => each === 'missing') ? 'missing' : 'partly';
    }),
  };
}

function techniquesOf<C>({ tags }: CompiledRule<C>): readonly string[] {
  return tags.filter((tag) => TECHNIQUE.test(tag));
}

/** By the kinds of events that the rule could match. */
function seenOf<C>(rule: CompiledRule<C>, available: ReadonlySet<CollectedKind>): keyof Share<unknown> {
  const wanted = planRules([rule]).kinds.map(({ kind }) => kind);
  const seen = wanted.filter((kind) => available.has(kind)).length;
  if (seen === 0) return 'missing';
  return seen === wanted.length ? 'covered' : 'partly';
}

function share<T>(all: readonly T[], seenOf: (one: T) => keyof Share<T>): Share<T> {
  const of = (seen: keyof Share<T>): readonly T[] => all.filter((one) => seenOf(one) === seen);
  return { covered: of('covered'), partly: of('partly'), missing: of('missing') };
}
