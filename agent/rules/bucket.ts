import { type FieldResult, PENDING } from '../fields/field.ts';
import { type Atom, atomsOf, type FieldValueNode } from './condition.ts';
import { compileProgram } from './emit/program.ts';
import { holdsFor } from './evaluate.ts';
import { type Formula, Normalizer } from './normalize.ts';
import { possibility } from './possibility.ts';
import { byKey, bySignature, chooseKey, chooseSignature, possibleBits, setBit } from './prefilter.ts';
import { specialize } from './pushdown.ts';
import type { Bucket, BucketProgram, CompiledRule } from './rule-set.ts';

/** Values of the key field that are remembered; then all are forgotten. */
const KEYS_MAX = 8192;

/** A name that no event table has, for events of other sources. */
const UNKNOWN_TYPE = '';

/**
 * One bucket for each set of event types that rules do not tell apart: the same rules are evaluated for them, and every
 * comparison of evt.type has the same outcome.
 */
export function createBuckets<C>(
  rules: readonly CompiledRule<C>[],
  types: readonly string[],
): { readonly byType: ReadonlyMap<string, Bucket<C>>; readonly unknown: Bucket<C>; readonly count: number } {
  const groups = new Map<string, { readonly rules: readonly CompiledRule<C>[]; readonly types: string[] }>();
  const comparisons = typeComparisons(rules);
  for (const type of [...types, UNKNOWN_TYPE]) {
    const places = [...rules.keys()].filter((place) => rules[place]?.handles(type) === true);
    const members = places.flatMap((place) => rules[place] ?? []);
    const outcomes = comparisons.map((atom) => (holdsFor(atom, type) === true ? 1 : 0)).join('');
    const key = members.length === 0 ? '' : `${places.join()}:${outcomes}`;
    const group = groups.get(key) ?? { rules: members, types: [] };
    group.types.push(type);
    groups.set(key, group);
  }
  const byType = new Map<string, Bucket<C>>();
  for (const [index, group] of [...groups.values()].entries()) {
    const bucket = createBucket(index, group.rules, group.types);
    for (const type of group.types) byType.set(type, bucket);
  }
  const unknown = byType.get(UNKNOWN_TYPE) ?? createBucket(groups.size, [], []);
  return { byType, unknown, count: groups.size + 1 };
}

function typeComparisons<C>(rules: readonly CompiledRule<C>[]): readonly Atom<C>[] {
  const atoms = new Set(rules.flatMap((rule) => atomsOf(rule.condition)));
  return [...atoms].filter(({ left }) => left.kind === 'field' && left.def.name === 'evt.type');
}

function createBucket<C>(index: number, rules: readonly CompiledRule<C>[], types: readonly string[]): Bucket<C> {
  let program: BucketProgram<C> | undefined;
  return {
    index,
    rules,
    program() {
      program ??= createProgram(rules, types);
      return program;
    },
  };
}

/** Generates the functions of a bucket, its conditions reduced to what its types leave open. */
function createProgram<C>(rules: readonly CompiledRule<C>[], types: readonly string[]): BucketProgram<C> {
  const normalizer = new Normalizer<C>();
  const known = types.every((type) => type !== UNKNOWN_TYPE);
  const formulas = rules.map((rule) => {
    const formula = normalizer.formula(rule.condition);
    return known ? specialize(formula, types, normalizer) : formula;
  });
  const signature = chooseSignature(formulas);
  const key = chooseKey(formulas, signature);
  const program = compileProgram(
    formulas.map((condition) => {
      const possible = possibility(condition, normalizer);
      return possible === undefined ? { condition } : { condition, possibility: possible };
    }),
    { signature, ...(key === undefined ? {} : { key }) },
  );
  const all = new Int32Array((rules.length + 31) >> 5);
  for (let place = 0; place < rules.length; place++) setBit(all, place);
  return {
    all,
    begin: program.begin,
    conditions: program.conditions,
    possibilities: program.possibilities,
    source: program.source,
    ...(signature.length === 0 ? {} : { signature: new SignatureTable(formulas, signature, program.signature) }),
    ...(key === undefined ? {} : { key: new KeyTable(formulas, key, program.key) }),
  };
}

/** Rules that can still hold, by the signature of an event. */
class SignatureTable<C> {
  private readonly formulas: readonly Formula<C>[];
  private readonly atoms: readonly Atom<C>[];
  private readonly read: (context: C) => number;
  private readonly masks: (Int32Array | undefined)[];

  constructor(formulas: readonly Formula<C>[], atoms: readonly Atom<C>[], read: (context: C) => number) {
    this.formulas = formulas;
    this.atoms = atoms;
    this.read = read;
    this.masks = new Array<Int32Array | undefined>(1 << atoms.length).fill(undefined);
  }

  mask(context: C): Int32Array {
    const bits = this.read(context);
    return this.masks[bits] ?? this.add(bits);
  }

  private add(bits: number): Int32Array {
    const mask = possibleBits(this.formulas, bySignature(this.atoms, bits));
    this.masks[bits] = mask;
    return mask;
  }
}

/** Rules that can still hold, by the value of the key field. */
class KeyTable<C> {
  private readonly formulas: readonly Formula<C>[];
  private readonly field: FieldValueNode<C>;
  private readonly read: (context: C) => FieldResult;
  private readonly masks = new Map<unknown, Int32Array>();

  constructor(formulas: readonly Formula<C>[], field: FieldValueNode<C>, read: (context: C) => FieldResult) {
    this.formulas = formulas;
    this.field = field;
    this.read = read;
  }

  mask(context: C): Int32Array {
    const value = this.read(context);
    return this.masks.get(value) ?? this.add(value);
  }

  private add(value: FieldResult): Int32Array {
    const mask = possibleBits(this.formulas, byKey(this.field, value === PENDING ? undefined : value));
    if (this.masks.size >= KEYS_MAX) this.masks.clear();
    this.masks.set(value, mask);
    return mask;
  }
}
