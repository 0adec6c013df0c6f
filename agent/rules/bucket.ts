import { finish, type Steps } from '../lib/steps.ts';
import { indexAtoms } from './atom-index.ts';
import { type Atom, atomsOf } from './condition.ts';
import { programSteps } from './emit/program.ts';
import { holdsFor } from './evaluate.ts';
import { KeyLook, SignatureLook } from './look.ts';
import { Normalizer } from './normalize.ts';
import { possibility } from './possibility.ts';
import { chooseKey, chooseSignature, setBit } from './prefilter.ts';
import { specialize } from './pushdown.ts';
import type { Bucket, BucketProgram, Buckets, CompiledRule } from './rule-set.ts';

/** A name that no event table has, for events of other sources. */
const UNKNOWN_TYPE = '';

/**
 * One bucket for each set of event types that rules do not tell apart: the same rules are evaluated for them, and every
 * comparison of evt.type has the same outcome.
 */
export function* bucketSteps<C>(rules: readonly CompiledRule<C>[], types: readonly string[]): Steps<Buckets<C>> {
  const groups = new Map<string, { readonly rules: readonly CompiledRule<C>[]; readonly types: string[] }>();
  const comparisons = typeComparisons(rules);
  yield;
  for (const type of [...types, UNKNOWN_TYPE]) {
    const places = [...rules.keys()].filter((place) => rules[place]?.handles(type) === true);
    const members = places.flatMap((place) => rules[place] ?? []);
    const outcomes = comparisons.map((atom) => (holdsFor(atom, type) === true ? 1 : 0)).join('');
    const key = members.length === 0 ? '' : `${places.join()}:${outcomes}`;
    const group = groups.get(key) ?? { rules: members, types: [] };
    group.types.push(type);
    groups.set(key, group);
    yield;
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
      program ??= finish(createProgram(rules, types));
      return program;
    },
    *prepare() {
      program ??= yield* createProgram(rules, types);
    },
  };
}

/** Generates the functions of a bucket, its conditions reduced to what its types leave open. */
function* createProgram<C>(rules: readonly CompiledRule<C>[], types: readonly string[]): Steps<BucketProgram<C>> {
  const normalizer = new Normalizer<C>();
  const known = types.every((type) => type !== UNKNOWN_TYPE);
  const formulas = rules.map((rule) => {
    const formula = normalizer.formula(rule.condition);
    return known ? specialize(formula, types, normalizer) : formula;
  });
  yield;
  const possibilities = formulas.map((formula) => possibility(formula, normalizer));
  yield;
  const index = indexAtoms(formulas);
  const signature = chooseSignature(index);
  yield;
  const key = chooseKey(index, 'event', signature);
  const stableKey = chooseKey(index, 'process');
  yield;
  const program = yield* programSteps(
    formulas.map((condition, place) => {
      const possible = possibilities[place];
      return possible === undefined ? { condition } : { condition, possibility: possible };
    }),
    { signature, key, stableKey },
  );
  const all = new Int32Array((rules.length + 31) >> 5);
  for (let place = 0; place < rules.length; place++) setBit(all, place);
  return {
    all,
    begin: program.begin,
    conditions: program.conditions,
    possibilities: program.possibilities,
    source: program.source,
    signature: signature.length === 0 ? undefined : new SignatureLook(index, signature, program.signature),
    key: key === undefined ? undefined : new KeyLook(index, key, program.key),
    stableKey: stableKey === undefined ? undefined : new KeyLook(index, stableKey, program.stableKey),
  };
}
