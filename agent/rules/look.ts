/** Looks at an event that leave out rules before any of them runs; prefilter.ts says which are worth it, and why they hide nothing. */
import { type FieldResult, type FieldValue, PENDING } from '../fields/field.ts';
import { type AtomIndex, placesOf } from './atom-index.ts';
import type { Atom, FieldValueNode } from './condition.ts';
import { byOutcomes, bySignature, possibleBits, readersOf } from './prefilter.ts';

/** Values of a key field, and sets of outcomes, that are remembered; then all are forgotten. */
const KEPT_MAX = 8192;

/** Rules that can still hold, as bits by their place. */
export interface Look<C> {
  /** Without any word where no rule can. */
  mask(context: C): Int32Array;
}

/** By the signature of an event: for each number that occurs, found once. */
export class SignatureLook<C> implements Look<C> {
  private readonly index: AtomIndex<C>;
  private readonly atoms: readonly Atom<C>[];
  private readonly places: readonly number[];
  private readonly read: (context: C) => number;
  private readonly masks: (Int32Array | undefined)[];

  constructor(index: AtomIndex<C>, atoms: readonly Atom<C>[], read: (context: C) => number) {
    this.index = index;
    this.atoms = atoms;
    this.places = placesOf(
      index,
      atoms.map(({ key }) => key),
    );
    this.read = read;
    this.masks = new Array<Int32Array | undefined>(1 << atoms.length).fill(undefined);
  }

  mask(context: C): Int32Array {
    const bits = this.read(context);
    return this.masks[bits] ?? this.add(bits);
  }

  private add(bits: number): Int32Array {
    const mask = possibleBits(this.index, this.places, bySignature(this.atoms, bits));
    this.masks[bits] = mask;
    return mask;
  }
}

/**
 * By the value of the key field. Values are many, but nearly all of them decide the comparisons alike: the rules are
 * found once for each set of outcomes, and a new value costs its comparisons alone.
 */
export class KeyLook<C> implements Look<C> {
  private readonly index: AtomIndex<C>;
  private readonly read: (context: C) => FieldResult;
  private readonly readers;
  private readonly places: readonly number[];
  private readonly byValue = new Map<unknown, Int32Array>();
  private readonly byOutcomes = new Map<string, Int32Array>();

  constructor(index: AtomIndex<C>, field: FieldValueNode<C>, read: (context: C) => FieldResult) {
    this.index = index;
    this.read = read;
    this.readers = readersOf(index, field);
    this.places = placesOf(
      index,
      this.readers.map(({ key }) => key),
    );
  }

  mask(context: C): Int32Array {
    const value = this.read(context);
    return this.byValue.get(value) ?? this.add(value === PENDING ? undefined : value);
  }

  private add(value: FieldValue | undefined): Int32Array {
    const outcomes = this.readers.map((reader) => reader.outcome(value));
    const name = outcomes.map((outcome, place) => (outcome === false ? '' : `${place}${outcome ? '' : '?'}`)).join();
    let mask = this.byOutcomes.get(name);
    if (mask === undefined) {
      mask = possibleBits(this.index, this.places, byOutcomes(this.readers, outcomes));
      if (this.byOutcomes.size >= KEPT_MAX) this.byOutcomes.clear();
      this.byOutcomes.set(name, mask);
    }
    if (this.byValue.size >= KEPT_MAX) this.byValue.clear();
    this.byValue.set(value, mask);
    return mask;
  }
}
