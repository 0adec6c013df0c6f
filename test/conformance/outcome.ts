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
    if (typeof inner === 'bigint') return Number(inner);
    if (!isRecord(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export function stringField(from: Record<string, unknown>, key: string): string {
  const value = from[key];
  if (typeof value !== 'string') throw new Error(`case has no text '${key}'`);
  return value;
}
