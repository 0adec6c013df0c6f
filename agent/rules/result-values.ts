import type { EventKind } from '../events/kinds.ts';
import type { FieldValue } from '../fields/field.ts';
import type { Atom } from './condition.ts';
import type { Constant } from './literals.ts';

/** Errors are -4095 to -1. */
const ERRNO_MAX = 4095;
const EINPROGRESS = -115;
const INT64_MAX = 2n ** 63n - 1n;

/** What a call came to. In progress is -EINPROGRESS alone, which every filter of results lets through. */
export type CallResult = 'success' | 'failure' | 'in-progress';

/**
 * Values that a field can have after a call with such a result: one of each class that the comparison can tell apart.
 * Undefined for fields that do not show the result, and for comparisons that this cannot be said of.
 */
export function resultValues<C>(
  field: string,
  atom: Atom<C>,
  kind: EventKind,
  result: CallResult,
): readonly (FieldValue | undefined)[] | undefined {
  switch (field) {
    case 'evt.failed':
      return result === 'success' ? [false, undefined] : [true];
    case 'evt.rawres':
      return numbers(atom, result);
    case 'evt.res':
      return texts(atom, result);
    case 'fd.num':
      return result !== 'success' && kind === 'open' ? [-1, undefined] : undefined;
    default:
      return undefined;
  }
}

function numbers<C>(atom: Atom<C>, result: CallResult): readonly (FieldValue | undefined)[] | undefined {
  if (result === 'in-progress') return [EINPROGRESS];
  if (result === 'failure') {
    return numbersBetween(atom, -ERRNO_MAX, -1)?.filter((value) => value !== EINPROGRESS);
  }
  const values = numbersBetween(atom, 0, INT64_MAX);
  return values && [...values, undefined];
}

/** Numbers of a range, one of each class: between two neighbouring constants a comparison does not change. */
export function numbersBetween<C>(
  atom: Atom<C>,
  low: number,
  high: number | bigint,
): readonly (number | bigint)[] | undefined {
  const constants = constantsOf(atom)?.filter(
    (constant) => typeof constant === 'number' || typeof constant === 'bigint',
  );
  if (constants === undefined) return undefined;
  const wholes = constants.flatMap((constant) => (Number.isInteger(Number(constant)) ? [BigInt(constant)] : []));
  const points = [BigInt(low), BigInt(high), ...wholes.flatMap((whole) => [whole - 1n, whole, whole + 1n])];
  return points.filter((point) => point >= low && point <= high).map(plainNumber);
}

function plainNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Errors have a name or a number each; only equality can be decided without the list of them. */
function texts<C>(atom: Atom<C>, result: CallResult): readonly (FieldValue | undefined)[] | undefined {
  if (result === 'success') return ['SUCCESS', undefined];
  if (result === 'in-progress') return ['EINPROGRESS'];
  const { test } = atom;
  const equality = test.kind === 'set' || (test.kind === 'one' && ['=', '!='].includes(test.operator.name));
  const constants = constantsOf(atom);
  if (!equality || constants === undefined || (test.kind === 'set' && test.operator.name === 'pmatch'))
    return undefined;
  return ['\x01', ...constants.map(String).filter((text) => text !== 'SUCCESS')];
}

function constantsOf<C>({ test }: Atom<C>): readonly Constant[] | undefined {
  if (test.kind === 'one') return [test.constant];
  return test.kind === 'set' ? test.constants : undefined;
}
