/**
 * Cheap looks at an event that leave out most rules of a bucket before any of them runs.
 *
 * - The signature: the outcomes of the few comparisons that decide most rules, as bits of a number. For every number that
 *   occurs, the rules that can still hold are found once.
 * - The key: the value of the one text field on which most rules turn, the path of an open say. For every value, the
 *   rules that can still hold are found once and kept, up to a limit.
 * - The stable key: the same with a field that only changes with the process, for what can hold for the process at all.
 *
 * All are sound by the same monotony as possibility.ts: in negation normal form what is not known counts as true, so a
 * rule is left out only if what is known makes its condition false, whatever the rest is.
 */
import type { FieldValue } from '../fields/field.ts';
import { type AtomIndex, type IndexedAtom, placesOf } from './atom-index.ts';
import type { Atom, FieldValueNode } from './condition.ts';
import { holdsFor } from './evaluate.ts';
import type { Formula, Literal } from './normalize.ts';
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

/** No rule can hold. */
const NO_BITS = new Int32Array(0);

/** Which formulas can hold, as bits; without any word if none can. `places`: those that hold a decided literal. */
export function possibleBits<C>(
  { formulas }: AtomIndex<C>,
  places: readonly number[],
  decide: (literal: Literal<C>) => boolean | undefined,
): Int32Array {
  const words = new Int32Array((formulas.length + 31) >> 5);
  formulas.forEach((formula, place) => {
    if (formula.kind !== 'constant' || formula.value) setBit(words, place);
  });
  for (const place of places) if (!canHoldAt(formulas, place, decide)) clearBit(words, place);
  return words.some((word) => word !== 0) ? words : NO_BITS;
}

function canHoldAt<C>(
  formulas: readonly Formula<C>[],
  place: number,
  decide: (literal: Literal<C>) => boolean | undefined,
): boolean {
  const formula = formulas[place];
  return formula !== undefined && canHold(formula, decide);
}

function clearBit(words: Int32Array, bit: number): void {
  words[bit >> 5] = (words[bit >> 5] ?? 0) & ~(1 << (bit & 31));
}

export function setBit(words: Int32Array, bit: number): void {
  words[bit >> 5] = (words[bit >> 5] ?? 0) | (1 << (bit & 31));
}

/** The comparisons that decide most rules; outcomes of process, container and machine are in the masks already. */
export function chooseSignature<C>(index: AtomIndex<C>): readonly Atom<C>[] {
  const scored = [...index.atoms.values()]
    .filter(({ atom }) => !isStable(atom))
    .map((entry) => ({ atom: entry.atom, score: decided(index.formulas, entry) / atomCost(entry.atom) }));
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

/** Which comparisons a key may be of: those of the event, or those of its process, container and machine. */
export type KeySide = 'event' | 'process';

/** The text field, beside those of the signature, for which a value that no rule names leaves out most rules. */
export function chooseKey<C>(
  index: AtomIndex<C>,
  side: KeySide,
  signature: readonly Atom<C>[] = [],
): FieldValueNode<C> | undefined {
  const fields = new Map<string, { readonly field: FieldValueNode<C>; comparisons: number }>();
  for (const { atom } of index.atoms.values()) {
    const { left } = atom;
    if (isStable(atom) !== (side === 'process') || left.kind !== 'field' || !isKeyField(left)) continue;
    const entry = fields.get(left.key) ?? { field: left, comparisons: 0 };
    entry.comparisons++;
    fields.set(left.key, entry);
  }
  for (const { left } of signature) fields.delete(left.key);
  let best: FieldValueNode<C> | undefined;
  let most = KILLS_MIN - 1;
  for (const { field, comparisons } of fields.values()) {
    if (comparisons < COMPARISONS_MIN) continue;
    const left = leftOutByFresh(index, field);
    if (left <= most) continue;
    best = field;
    most = left;
  }
  return best;
}

function leftOutByFresh<C>(index: AtomIndex<C>, field: FieldValueNode<C>): number {
  const readers = readersOf(index, field);
  const fresh = byOutcomes<C>(
    readers,
    readers.map((reader) => reader.outcome(FRESH)),
  );
  const places = placesOf(
    index,
    readers.map(({ key }) => key),
  );
  return places.filter((place) => !canHoldAt(index.formulas, place, fresh)).length;
}

/** A comparison that the value of a field decides. */
export interface KeyReader {
  /** Of the comparison. */
  readonly key: string;
  /** undefined where the value alone does not decide it. */
  outcome(value: FieldValue | undefined): boolean | undefined;
}

/** Every comparison with the field itself, and with fields that follow from it. */
export function readersOf<C>({ atoms }: AtomIndex<C>, field: FieldValueNode<C>): readonly KeyReader[] {
  return [...atoms.values()].flatMap(({ atom }) => readerOf(atom, field) ?? []);
}

function readerOf<C>(atom: Atom<C>, field: FieldValueNode<C>): KeyReader | undefined {
  const { key, left, test } = atom;
  if (left.kind !== 'field' || test.kind === 'field') return undefined;
  if (left.key === field.key) return { key, outcome: (value) => holdsFor(atom, value) };
  const { follows } = left.def;
  if (follows?.field !== field.def.name || left.argument !== undefined || field.argument !== undefined)
    return undefined;
  return {
    key,
    outcome: (value) => {
      const [first, ...others] = follows.values(value).map((one) => holdsFor(atom, one));
      return others.every((other) => other === first) ? first : undefined;
    },
  };
}

/** Decides the literals of a key's comparisons by their outcomes. */
export function byOutcomes<C>(
  readers: readonly KeyReader[],
  outcomes: readonly (boolean | undefined)[],
): (literal: Literal<C>) => boolean | undefined {
  const known = new Map(readers.map(({ key }, place) => [key, outcomes[place]]));
  return (literal) => {
    const outcome = known.get(literal.atom.key);
    return outcome === undefined ? undefined : outcome !== literal.negated;
  };
}

function isKeyField<C>(field: FieldValueNode<C>): boolean {
  return familyOf(field.type) === 'text' && !field.list && field.def.candidates === undefined;
}

function isStable<C>(atom: Atom<C>): boolean {
  return atom.scope === 'process' || atom.scope === 'container' || atom.scope === 'machine';
}

/** How many rules one of the two outcomes leaves out, the rarer outcome counting half. */
function decided<C>(formulas: readonly Formula<C>[], { atom, places }: IndexedAtom<C>): number {
  const without = (outcome: boolean): number => {
    const decide = (literal: Literal<C>): boolean | undefined =>
      literal.atom.key === atom.key ? outcome !== literal.negated : undefined;
    return places.filter((place) => !canHoldAt(formulas, place, decide)).length;
  };
  return without(false) + without(true) / 2;
}
