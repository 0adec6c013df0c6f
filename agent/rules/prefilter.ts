/**
 * Two cheap looks at an event that leave out most rules of a bucket before any of them runs.
 *
 * - The signature: the outcomes of the few comparisons that decide most rules, as bits of a number. For every number that
 *   occurs, the rules that can still hold are found once.
 * - The key: the value of the one text field on which most rules turn, the path of an open say. For every value, the
 *   rules that can still hold are found once and kept, up to a limit.
 *
 * Both are sound by the same monotony as possibility.ts: in negation normal form what is not known counts as true, so a
 * rule is left out only if what is known makes its condition false, whatever the rest is.
 */
import type { FieldValue } from '../fields/field.ts';
import type { Atom, FieldValueNode } from './condition.ts';
import { holdsFor } from './evaluate.ts';
import { type Formula, type Literal, literalsOf } from './normalize.ts';
import { atomCost } from './order.ts';
import { familyOf } from './types.ts';

/** Comparisons in a signature: the table has two to the power of this many entries. */
const SIGNATURE_MAX = 8;
/** A look that leaves out fewer rules than this costs more than it saves. */
const KILLS_MIN = 2;
/** A field that is compared in fewer ways than this has few values, most of which rules name. */
const COMPARISONS_MIN = 3;
/** A value that no rule names. */
const FRESH = '\x01';

/** Whether a formula can hold when some literals are decided; undecided ones can always. */
export function canHold<C>(formula: Formula<C>, decide: (literal: Literal<C>) => boolean | undefined): boolean {
  const known = new Map<Formula<C>, boolean>();
  const walk = (node: Formula<C>): boolean => {
    if (node.kind === 'constant') return node.value;
    if (node.kind === 'literal') return decide(node) ?? true;
    const before = known.get(node);
    if (before !== undefined) return before;
    const holds = node.kind === 'and' ? node.children.every(walk) : node.children.some(walk);
    known.set(node, holds);
    return holds;
  };
  return walk(formula);
}

/** Which formulas can hold, as bits. */
export function possibleBits<C>(
  formulas: readonly Formula<C>[],
  decide: (literal: Literal<C>) => boolean | undefined,
): Int32Array {
  const words = new Int32Array((formulas.length + 31) >> 5);
  formulas.forEach((formula, place) => {
    if (canHold(formula, decide)) setBit(words, place);
  });
  return words;
}

export function setBit(words: Int32Array, bit: number): void {
  words[bit >> 5] = (words[bit >> 5] ?? 0) | (1 << (bit & 31));
}

/** The comparisons that decide most rules; outcomes of process, container and machine are in the masks already. */
export function chooseSignature<C>(formulas: readonly Formula<C>[]): readonly Atom<C>[] {
  const atoms = new Map<string, Atom<C>>();
  for (const { atom } of formulas.flatMap(literalsOf)) {
    if (!isStable(atom)) atoms.set(atom.key, atom);
  }
  const scored = [...atoms.values()].map((atom) => ({ atom, score: decided(formulas, atom) / atomCost(atom) }));
  return scored
    .filter(({ score }) => score >= KILLS_MIN)
    .sort((a, b) => b.score - a.score)
    .slice(0, SIGNATURE_MAX)
    .map(({ atom }) => atom);
}

/** Decides the literals of a signature's atoms by its bits. */
export function bySignature<C>(atoms: readonly Atom<C>[], bits: number): (literal: Literal<C>) => boolean | undefined {
  const outcomes = new Map(atoms.map((atom, place) => [atom.key, (bits & (1 << place)) !== 0]));
  return (literal) => {
    const outcome = outcomes.get(literal.atom.key);
    return outcome === undefined ? undefined : outcome !== literal.negated;
  };
}

/** The text field, beside those of the signature, for which a value that no rule names leaves out most rules. */
export function chooseKey<C>(
  formulas: readonly Formula<C>[],
  signature: readonly Atom<C>[],
): FieldValueNode<C> | undefined {
  const fields = new Map<string, { readonly field: FieldValueNode<C>; readonly atoms: Set<string> }>();
  for (const { atom } of formulas.flatMap(literalsOf)) {
    const { left } = atom;
    if (isStable(atom) || left.kind !== 'field' || !isKeyField(left)) continue;
    const entry = fields.get(left.key) ?? { field: left, atoms: new Set() };
    entry.atoms.add(atom.key);
    fields.set(left.key, entry);
  }
  for (const { left } of signature) fields.delete(left.key);
  let best: FieldValueNode<C> | undefined;
  let most = KILLS_MIN - 1;
  for (const { field, atoms } of fields.values()) {
    if (atoms.size < COMPARISONS_MIN) continue;
    const left = formulas.filter((formula) => !canHold(formula, byKey(field, FRESH))).length;
    if (left <= most) continue;
    best = field;
    most = left;
  }
  return best;
}

/** Decides the literals on a field by its value; undefined = absent. */
export function byKey<C>(
  field: FieldValueNode<C>,
  value: FieldValue | undefined,
): (literal: Literal<C>) => boolean | undefined {
  return (literal) => {
    const values = reads(literal.atom, field) ? [value] : followingValues(literal.atom, field, value);
    const outcomes = new Set(values.map((one) => holdsFor(literal.atom, one)));
    const [outcome] = outcomes;
    return outcomes.size === 1 && outcome !== undefined ? outcome !== literal.negated : undefined;
  };
}

/** What the field of a comparison can be, where it follows from another one; nothing where it does not. */
function followingValues<C>(
  { left, test }: Atom<C>,
  field: FieldValueNode<C>,
  value: FieldValue | undefined,
): readonly (FieldValue | undefined)[] {
  if (left.kind !== 'field' || left.argument !== undefined || test.kind === 'field') return [];
  const { follows } = left.def;
  return follows?.field === field.def.name && field.argument === undefined ? follows.values(value) : [];
}

function isKeyField<C>(field: FieldValueNode<C>): boolean {
  return familyOf(field.type) === 'text' && !field.list && field.def.candidates === undefined;
}

function reads<C>(atom: Atom<C>, field: FieldValueNode<C>): boolean {
  return atom.left.kind === 'field' && atom.left.key === field.key && atom.test.kind !== 'field';
}

function isStable<C>(atom: Atom<C>): boolean {
  return atom.scope === 'process' || atom.scope === 'container' || atom.scope === 'machine';
}

/** How many rules one of the two outcomes leaves out, the rarer outcome counting half. */
function decided<C>(formulas: readonly Formula<C>[], atom: Atom<C>): number {
  const without = (outcome: boolean): number =>
    formulas.filter((formula) => !canHold(formula, bySignature([atom], outcome ? 1 : 0))).length;
  return without(false) + without(true) / 2;
}
