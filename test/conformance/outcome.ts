/** What became of one case. */
export type Outcome =
  | { readonly passed: true }
  | { readonly passed: false; readonly expected: unknown; readonly found: unknown };

export const PASSED: Outcome = { passed: true };

/** A case of a conformance file; what else it holds depends on its shape. */
export interface Case {
  readonly id: string;
  readonly [key: string]: unknown;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Compares by value; the order of keys does not count. */
export function expectEqual(expected: unknown, found: unknown): Outcome {
  return canonical(expected) === canonical(found) ? PASSED : { passed: false, expected, found };
}

/** The first failure, or success. */
export function all(outcomes: readonly Outcome[]): Outcome {
  return outcomes.find(({ passed }) => !passed) ?? PASSED;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return Number.isSafeInteger(Number(inner)) ? Number(inner) : `${inner}n`;
    if (!isRecord(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What is wrong with a case itself, so that it says nothing of the language. */
export class BadCase extends Error {}

export function stringField(from: Record<string, unknown>, key: string): string {
  const value = from[key];
  if (typeof value !== 'string') throw new BadCase(`case has no text '${key}'`);
  return value;
}

export function booleanField(from: Record<string, unknown>, key: string): boolean {
  const value = from[key];
  if (typeof value !== 'boolean') throw new BadCase(`case has no true or false under '${key}'`);
  return value;
}

export function listField(from: Record<string, unknown>, key: string): readonly unknown[] {
  const value = from[key];
  if (!Array.isArray(value)) throw new BadCase(`case has no list '${key}'`);
  return value;
}

export function recordField(from: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = from[key];
  if (!isRecord(value)) throw new BadCase(`case has no mapping '${key}'`);
  return value;
}

/** Refuses keys that mean something which is not looked at here. */
export function onlyKeys(from: Record<string, unknown>, known: readonly string[], what: string): void {
  const unknown = Object.keys(from).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new BadCase(`${what} has a key '${unknown}' that is not known`);
}
