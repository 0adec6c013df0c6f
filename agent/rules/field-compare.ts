import type { FieldScalar } from '../fields/field.ts';
import type { FieldCompare } from './condition.ts';
import { type Operator, scalarKey } from './operators.ts';
import type { Family } from './types.ts';

/** How an operator compares a field with a field: as if the right field's value were the literal. */
export function compareFields(operator: Operator, family: Family, list: boolean): FieldCompare {
  const comparison = operator.single?.[family];
  if (comparison !== undefined) {
    const { fromField, test } = comparison;
    return (left, right) => fromField !== undefined && test(scalar(left), fromField(scalar(right)));
  }
  if (!list) return (left, right) => scalarKey(left) === scalarKey(right);
  const quantified = operator.lists === 'every' ? everyIn : someIn;
  return (left, right) => quantified(keys(left), new Set(keys(right)));
}

function everyIn(values: readonly unknown[], set: ReadonlySet<unknown>): boolean {
  return values.every((value) => set.has(value));
}

function someIn(values: readonly unknown[], set: ReadonlySet<unknown>): boolean {
  return values.some((value) => set.has(value));
}

function keys(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.map(scalarKey) : [];
}

function scalar(value: unknown): FieldScalar {
  return value as FieldScalar;
}
