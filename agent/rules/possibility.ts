/**
 * What of a condition can be decided without the event: the part that looks only at the process, its container and the
 * machine.
 *
 * Proof that it never hides a match. In negation normal form a condition is made of literals by `and` and `or` alone, and
 * both are monotone: if a literal is replaced by something that is true whenever the literal is, the whole can only
 * become true more often. Every literal on anything but process, container or machine is replaced by `true`; the others
 * stay, and where a value is pending the literal counts as true (compileProgram). So whatever the event, condition =>
 * possibility. As the literals that stay read nothing of the event, the outcome holds for as long as the
 * process does not change.
 */
import type { Scope } from '../fields/field.ts';
import type { Formula, Normalizer } from './normalize.ts';

const STABLE: ReadonlySet<Scope> = new Set<Scope>(['machine', 'container', 'process']);

/** The formula that must hold for a process; undefined if it says nothing. */
export function possibility<C>(condition: Formula<C>, normalizer: Normalizer<C>): Formula<C> | undefined {
  const formula = normalizer.map(condition, (literal) => (STABLE.has(literal.atom.scope) ? literal : true));
  return formula.kind === 'constant' && formula.value ? undefined : formula;
}
