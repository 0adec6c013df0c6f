import type { Atom } from './condition.ts';
import { type Formula, literalsOf } from './normalize.ts';

/** The formulas of a bucket's rules, by their places, and what they compare. */
export interface AtomIndex<C> {
  readonly formulas: readonly Formula<C>[];
  /** Distinct comparisons by their key. */
  readonly atoms: ReadonlyMap<string, IndexedAtom<C>>;
}

export interface IndexedAtom<C> {
  readonly atom: Atom<C>;
  /** Formulas that it stands in: the outcome of no other one hangs on it. */
  readonly places: readonly number[];
}

export function indexAtoms<C>(formulas: readonly Formula<C>[]): AtomIndex<C> {
  const atoms = new Map<string, { readonly atom: Atom<C>; readonly places: number[] }>();
  formulas.forEach((formula, place) => {
    for (const { atom } of literalsOf(formula)) {
      const entry = atoms.get(atom.key) ?? { atom, places: [] };
      // Both signs of a comparison may stand in one formula.
      if (entry.places.at(-1) !== place) entry.places.push(place);
      atoms.set(atom.key, entry);
    }
  });
  return { formulas, atoms };
}

/** Formulas in which one of some comparisons stands. */
export function placesOf<C>({ atoms }: AtomIndex<C>, keys: Iterable<string>): readonly number[] {
  const places = new Set<number>();
  for (const key of keys) for (const place of atoms.get(key)?.places ?? []) places.add(place);
  return [...places];
}
