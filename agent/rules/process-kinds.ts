import { EVENT_TYPES } from '../events/event-types.ts';
import { type CollectedKind, EVENT_KINDS } from '../events/kinds.ts';
import { compileProgram } from './emit/program.ts';
import { type Formula, Normalizer } from './normalize.ts';
import type { Demand } from './plan.ts';
import { possibility } from './possibility.ts';
import { specialize } from './pushdown.ts';

/**
 * The process mask of a plan: kinds of which an event of the context's process can match some rule, by what the process,
 * its container and the machine are. The answer holds until the process changes; what is pending counts as possible.
 */
export type ProcessKinds<C> = (context: C) => ReadonlySet<CollectedKind>;

export function createProcessKinds<C>(rules: readonly Demand<C>[]): ProcessKinds<C> {
  const normalizer = new Normalizer<C>();
  const formulas = EVENT_KINDS.map((kind) => kindFormula(rules, kind, normalizer));
  const program = compileProgram(formulas.map((formula) => ({ condition: formula, possibility: formula })));
  return (context) => {
    program.begin();
    return new Set(EVENT_KINDS.filter((_, place) => program.possibilities[place]?.(context) !== false));
  };
}

/** What must hold for a process so that one of its events of a kind can match. */
function kindFormula<C>(rules: readonly Demand<C>[], kind: CollectedKind, normalizer: Normalizer<C>): Formula<C> {
  const parts = rules.flatMap((rule) => {
    const types = EVENT_TYPES[kind].filter((type) => rule.handles(type));
    if (types.length === 0) return [];
    const formula = specialize(normalizer.formula(rule.condition), types, normalizer);
    return [possibility(formula, normalizer) ?? normalizer.compound('and', [])];
  });
  return normalizer.compound('or', parts);
}
