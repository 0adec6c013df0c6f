import { bytesToText } from '../events/bytestring.ts';
import type { Condition } from './condition.ts';
import { evaluateAtom } from './evaluate.ts';

/** More are no help to anybody who reads an alert. */
const ATOMS_MAX = 64;

/**
 * Canonical texts (Unicode) of the comparisons that make a condition true for this event: of an `or` those of the branches that
 * hold, of a `not` the negation of what does not hold. Empty for a condition that does not hold.
 */
export function matchedAtoms<C>(condition: Condition<C>, context: C): readonly string[] {
  const outcomes = new Map<Condition<C>, boolean>();
  // Conditions are graphs: each node is decided once.
  const outcome = (node: Condition<C>): boolean => {
    const known = outcomes.get(node);
    if (known !== undefined) return known;
    const decided = decide(node);
    outcomes.set(node, decided);
    return decided;
  };
  const decide = (node: Condition<C>): boolean => {
    if (node.kind === 'atom') return evaluateAtom(node, context);
    if (node.kind === 'not') return !outcome(node.child);
    return node.kind === 'and' ? node.children.every(outcome) : node.children.some(outcome);
  };
  const texts = new Set<string>();
  const visited = new Set<Condition<C>>();
  const collect = (node: Condition<C>, wanted: boolean): void => {
    if (outcome(node) !== wanted || visited.has(node)) return;
    visited.add(node);
    if (node.kind === 'atom') texts.add(`${wanted ? '' : 'not '}${bytesToText(node.text)}`);
    else if (node.kind === 'not') collect(node.child, !wanted);
    else for (const child of node.children) collect(child, wanted);
  };
  collect(condition, true);
  return [...texts].slice(0, ATOMS_MAX);
}
