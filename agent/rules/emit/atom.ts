import type { FieldScalar, FieldValue } from '../../fields/field.ts';
import type { Atom, Test } from '../condition.ts';
import { candidatesOf, givesCandidates } from '../evaluate.ts';
import type { Constant } from '../literals.ts';
import type { Comparison, SetComparison } from '../operators.ts';
import { type Code, code } from './code.ts';

/** Puts a constant into the program and gives its name. */
export type AddConstant = (value: unknown) => Code;

/** Longer lists of alternatives are looked up instead of compared one by one. */
const INLINE_MAX = 5;

/**
 * An expression for a comparison that is true exactly where the reference evaluator says so. `left` and `right` are
 * expressions of its values; `x` and `y` are free variables of the function that it stands in.
 */
export function emitAtom<C>(atom: Atom<C>, left: Code, right: Code | undefined, constant: AddConstant): Code {
  const present = code`(x = ${left}) !== undefined`;
  const test = emitTest(atom, right, constant);
  return test === undefined ? code`(${present})` : code`(${present} && ${test})`;
}

/** The part behind "the value is there"; undefined where that is all. */
function emitTest<C>(atom: Atom<C>, right: Code | undefined, constant: AddConstant): Code | undefined {
  const { test } = atom;
  const x = code`x`;
  if (givesCandidates(atom.left)) return code`${constant(candidateTest(atom, test))}(x)`;
  switch (test.kind) {
    case 'exists':
      return undefined;
    case 'never':
      return code`false`;
    case 'one':
      return test.comparison.emit(x, literalCode(test.literal, constant));
    case 'many':
      return emitMany(test, constant);
    case 'set':
      return emitSet(test.constants, test.set, test.prepared, constant);
    case 'list':
      return code`${constant(listTest(test))}(x)`;
    case 'field':
      return code`(y = ${right ?? code`undefined`}) !== undefined && ${constant(test.compare)}(x, y)`;
  }
}

/** Small whole numbers and booleans are written out; everything else has a name. */
function literalCode(literal: unknown, constant: AddConstant): Code {
  if (typeof literal === 'boolean') return literal ? code`true` : code`false`;
  return constant(literal);
}

function emitSet(constants: readonly Constant[], set: SetComparison, prepared: unknown, constant: AddConstant): Code {
  const plain = set.plain === true && constants.length <= INLINE_MAX;
  if (!plain) return set.emit(code`x`, constant(prepared));
  if (constants.length === 0) return code`false`;
  const alternatives = constants.map((value) => code`x == ${literalCode(value, constant)}`);
  return code`(${joinOr(alternatives)})`;
}

function emitMany<C>(test: Extract<Test<C>, { kind: 'many' }>, constant: AddConstant): Code {
  const { comparison, literals, modifier } = test;
  if (literals.length === 0) return code`false`;
  if (literals.length > INLINE_MAX) return code`${constant(manyTest(test))}(x)`;
  const parts = literals.map((literal) => comparison.emit(code`x`, literalCode(literal, constant)));
  if (modifier === 'anyof') return code`(${joinOr(parts)})`;
  if (modifier === 'allof') return code`(${joinAnd(parts)})`;
  return code`(${joinSum(parts.map((part) => code`(${part} ? 1 : 0)`))} === 1)`;
}

function joinOr(parts: readonly Code[]): Code {
  return parts.slice(1).reduce((all, part) => code`${all} || ${part}`, parts[0] ?? code`false`);
}

function joinAnd(parts: readonly Code[]): Code {
  return parts.slice(1).reduce((all, part) => code`${all} && ${part}`, parts[0] ?? code`true`);
}

function joinSum(parts: readonly Code[]): Code {
  return parts.slice(1).reduce((all, part) => code`${all} + ${part}`, parts[0] ?? code`0`);
}

type ValueTest = (value: FieldValue) => boolean;

function manyTest<C>(test: Extract<Test<C>, { kind: 'many' }>): ValueTest {
  const { comparison, literals, modifier } = test;
  return (value) => {
    let fits = 0;
    for (const literal of literals) if (comparison.test(value as FieldScalar, literal)) fits++;
    if (modifier === 'oneof') return fits === 1;
    return modifier === 'anyof' ? fits > 0 : fits === literals.length;
  };
}

function listTest<C>(test: Extract<Test<C>, { kind: 'list' }>): ValueTest {
  const { set, prepared, quantifier } = test;
  const inSet = (value: FieldScalar): boolean => set.test(value, prepared);
  return quantifier === 'every'
    ? (value) => (value as readonly FieldScalar[]).every(inSet)
    : (value) => (value as readonly FieldScalar[]).some(inSet);
}

/** For fields that give all ends or ancestors. */
function candidateTest<C>(atom: Atom<C>, test: Test<C>): ValueTest {
  const single = singleTest(test);
  const ancestors = atom.left.kind === 'field' && atom.left.def.candidates === 'any-ancestor';
  const every = (test.kind === 'one' || test.kind === 'set') && test.candidates === 'every';
  return (value) => {
    const candidates = candidatesOf(atom.left, value);
    if (test.kind === 'exists') return !ancestors || candidates === undefined || candidates.length > 0;
    if (candidates === undefined) return single(value as FieldScalar);
    return every ? candidates.length > 0 && candidates.every(single) : candidates.some(single);
  };
}

function singleTest<C>(test: Test<C>): (value: FieldScalar) => boolean {
  switch (test.kind) {
    case 'one':
      return oneTest(test.comparison, test.literal);
    case 'set':
      return (value) => test.set.test(value, test.prepared);
    default:
      return () => false;
  }
}

function oneTest(comparison: Comparison, literal: unknown): (value: FieldScalar) => boolean {
  return (value) => comparison.test(value, literal);
}
