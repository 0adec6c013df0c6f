/**
 * The reference evaluator: what a condition means, said slowly and plainly. Generated code and every filter are held
 * against it, and explanations are made with it.
 */
import { type FieldScalar, type FieldValue, PENDING } from '../fields/field.ts';
import type { Modifier } from './ast.ts';
import type { Atom, Condition, Test, Value } from './condition.ts';
import { scalarText } from './format-value.ts';
import { endsWithNul, nulEnded } from './transformers.ts';

/** Whether the condition holds: left to right, and an absent value makes its comparison false. */
export function evaluate<C>(condition: Condition<C>, context: C): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.children.every((child) => evaluate(child, context));
    case 'or':
      return condition.children.some((child) => evaluate(child, context));
    case 'not':
      return !evaluate(condition.child, context);
    case 'atom':
      return evaluateAtom(condition, context);
  }
}

/** Whether one comparison holds. */
export function evaluateAtom<C>(atom: Atom<C>, context: C): boolean {
  const left = readValue(atom.left, context);
  if (left === undefined) return false;
  return holds(atom.test, atom.left, left, context);
}

/** Whether a comparison with constants holds for a left value; undefined where it needs more than that. */
export function holdsFor<C>(atom: Atom<C>, left: FieldValue | undefined): boolean | undefined {
  const { test } = atom;
  if (test.kind === 'field') return undefined;
  return left !== undefined && constantHolds(test, atom.left, left);
}

function holds<C>(test: Test<C>, node: Value<C>, left: FieldValue, context: C): boolean {
  if (test.kind !== 'field') return constantHolds(test, node, left);
  const right = readValue(test.right, context);
  return right !== undefined && test.compare(left, right);
}

function constantHolds<C>(test: Exclude<Test<C>, { kind: 'field' }>, node: Value<C>, left: FieldValue): boolean {
  const candidates = candidatesOf(node, left);
  switch (test.kind) {
    case 'exists':
      return isThere(node, candidates);
    case 'never':
      return false;
    case 'one':
      return quantified(test.candidates, candidates, left, (value) => test.comparison.test(value, test.literal));
    case 'set':
      return quantified(test.candidates, candidates, left, (value) => test.set.test(value, test.prepared));
    case 'many': {
      const fits = test.literals.filter((literal) => test.comparison.test(left as FieldScalar, literal));
      return modified(test.modifier, fits.length, test.literals.length);
    }
    case 'list': {
      const inSet = (value: FieldScalar): boolean => test.set.test(value, test.prepared);
      const values = left as readonly FieldScalar[];
      return test.quantifier === 'every' ? values.every(inSet) : values.some(inSet);
    }
  }
}

/** All ends or ancestors, where the field gives them; undefined for an ordinary value. */
export function candidatesOf<C>(node: Value<C>, value: FieldValue): readonly FieldScalar[] | undefined {
  return givesCandidates(node) && Array.isArray(value) ? value : undefined;
}

/** With an argument, such a field is that of one ancestor and compares like any other. */
export function givesCandidates<C>(node: Value<C>): boolean {
  return node.kind === 'field' && node.def.candidates !== undefined && node.argument === undefined;
}

/** A process without ancestors has none; a descriptor without ends is there all the same. */
function isThere<C>(node: Value<C>, candidates: readonly FieldScalar[] | undefined): boolean {
  const ancestors = node.kind === 'field' && node.def.candidates === 'any-ancestor';
  return !ancestors || candidates === undefined || candidates.length > 0;
}

function quantified(
  quantifier: 'some' | 'every',
  candidates: readonly FieldScalar[] | undefined,
  value: FieldValue,
  fits: (value: FieldScalar) => boolean,
): boolean {
  if (candidates === undefined) return fits(value as FieldScalar);
  if (quantifier === 'some') return candidates.some(fits);
  return candidates.length > 0 && candidates.every(fits);
}

/** Of an empty list nothing holds, not even "all of them". */
function modified(modifier: Modifier, fits: number, all: number): boolean {
  if (modifier === 'oneof') return fits === 1;
  return modifier === 'anyof' ? fits > 0 : all > 0 && fits === all;
}

/** A value for an event; undefined = absent (pending counts as absent). */
export function readValue<C>(node: Value<C>, context: C): FieldValue | undefined {
  switch (node.kind) {
    case 'text':
      return node.value;
    case 'field': {
      const value = node.def.get(context, node.argument);
      return value === PENDING ? undefined : value;
    }
    case 'call': {
      const values: FieldValue[] = [];
      for (const argument of node.args) {
        const value = argumentValue(argument, readValue(argument, context));
        if (value === undefined) return undefined;
        values.push(value);
      }
      return node.apply(values);
    }
    case 'tuple':
      return tupleValue(
        node.items,
        node.items.map((item) => readValue(item, context)),
      );
  }
}

/** Inside a call, all ancestors are one text. */
export function argumentValue<C>(node: Value<C>, value: FieldValue | undefined): FieldValue | undefined {
  const candidates = value === undefined ? undefined : candidatesOf(node, value);
  if (candidates === undefined) return value;
  return candidates.length === 0 ? undefined : candidates.join(' ');
}

/** Texts of the items; absent if any is. Transformed texts keep the NUL that upstream counts. */
export function tupleValue<C>(
  nodes: readonly Value<C>[],
  values: readonly (FieldValue | undefined)[],
): readonly string[] | undefined {
  const texts: string[] = [];
  for (const [place, node] of nodes.entries()) {
    const value = argumentValue(node, values[place]);
    if (value === undefined) return undefined;
    const format = node.kind === 'field' ? node.def.format : undefined;
    for (const element of Array.isArray(value) ? value : [value]) {
      const text = scalarText(element as FieldScalar, node.type, format);
      texts.push(node.kind === 'call' && endsWithNul(node.name) ? nulEnded(text) : text);
    }
  }
  return texts;
}
