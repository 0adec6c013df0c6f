import type { FieldDef, Scope } from '../fields/field.ts';
import type { Modifier } from './ast.ts';
import type { Constant } from './literals.ts';
import type { Comparison, Operator, Prepared, SetComparison } from './operators.ts';
import type { Apply } from './transformers.ts';

/**
 * A condition whose names and types are known. Like syntax trees, these are graphs: what stands twice may be one node.
 */
export type Condition<C> = Junction<C> | Negation<C> | Atom<C>;

export interface Junction<C> {
  readonly kind: 'and' | 'or';
  readonly children: readonly Condition<C>[];
}

export interface Negation<C> {
  readonly kind: 'not';
  readonly child: Condition<C>;
}

/** One comparison. False where its left or right value is absent. */
export interface Atom<C> {
  readonly kind: 'atom';
  /** Canonical text, for people. */
  readonly text: string;
  /** Atoms with the same key are the same. */
  readonly key: string;
  readonly left: Value<C>;
  readonly test: Test<C>;
  /** What its outcome depends on. */
  readonly scope: Scope;
}

/** How an atom decides, once its left value is there. */
export type Test<C> =
  | { readonly kind: 'exists' }
  /** Nothing can make it true; `reason` says why. */
  | { readonly kind: 'never'; readonly reason: string }
  | {
      readonly kind: 'one';
      readonly operator: Operator;
      readonly comparison: Comparison;
      readonly literal: Prepared;
      /** The literal as written, read as the field's type. */
      readonly constant: Constant;
      readonly candidates: Candidates;
    }
  | {
      readonly kind: 'many';
      readonly operator: Operator;
      readonly comparison: Comparison;
      readonly modifier: Modifier;
      readonly literals: readonly Prepared[];
    }
  | {
      readonly kind: 'set';
      readonly operator: Operator;
      readonly set: SetComparison;
      readonly prepared: Prepared;
      readonly constants: readonly Constant[];
      readonly candidates: Candidates;
    }
  | {
      readonly kind: 'list';
      readonly operator: Operator;
      readonly quantifier: 'every' | 'some';
      readonly set: SetComparison;
      readonly prepared: Prepared;
    }
  | { readonly kind: 'field'; readonly operator: Operator; readonly right: Value<C>; readonly compare: FieldCompare };

/** For fields that give all candidates (both ends, all ancestors): how many must fit. */
export type Candidates = 'some' | 'every';

/** Compares two present values. */
export type FieldCompare = (left: unknown, right: unknown) => boolean;

/** Something that has a value for an event. */
export type Value<C> = FieldValueNode<C> | CallValue<C> | TupleValue<C> | TextValue;

interface Typed {
  /** Values with the same key are the same. */
  readonly key: string;
  readonly type: string;
  readonly list: boolean;
}

export interface FieldValueNode<C> extends Typed {
  readonly kind: 'field';
  readonly def: FieldDef<C>;
  readonly argument: string | number | undefined;
}

export interface CallValue<C> extends Typed {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Value<C>[];
  readonly apply: Apply;
}

/** Its elements are texts: numbers are written out, lists are flattened. */
export interface TupleValue<C> extends Typed {
  readonly kind: 'tuple';
  readonly items: readonly Value<C>[];
}

export interface TextValue extends Typed {
  readonly kind: 'text';
  readonly value: string;
}

/** The fields that a value reads. */
export function* fieldsOf<C>(value: Value<C>): Generator<FieldValueNode<C>> {
  if (value.kind === 'field') yield value;
  for (const inner of value.kind === 'call' ? value.args : value.kind === 'tuple' ? value.items : []) {
    yield* fieldsOf(inner);
  }
}

/** The fields that an atom reads, on both sides. */
export function* atomFields<C>(atom: Atom<C>): Generator<FieldValueNode<C>> {
  yield* fieldsOf(atom.left);
  if (atom.test.kind === 'field') yield* fieldsOf(atom.test.right);
}

/** The distinct atoms of a condition. */
export function atomsOf<C>(condition: Condition<C>): readonly Atom<C>[] {
  const atoms = new Set<Atom<C>>();
  const seen = new Set<Condition<C>>();
  const walk = (node: Condition<C>): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'atom') atoms.add(node);
    else if (node.kind === 'not') walk(node.child);
    else node.children.forEach(walk);
  };
  walk(condition);
  return [...atoms];
}
