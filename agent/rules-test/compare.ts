import type { ExpectedAlert, NamedRule, TestCase } from './document.ts';

/** An alert that a test's events raised. */
export interface FoundAlert {
  readonly rule: string;
  /** Place of the event among those of the test, from 1. */
  readonly event: number;
  readonly output: string;
}

/** Where what was found is not what the test says. Empty lists: the test holds. */
export interface Difference {
  readonly missing: readonly ExpectedAlert[];
  readonly unexpected: readonly FoundAlert[];
  /** Rules that were to be silent, with what they said. */
  readonly broken: readonly { readonly rule: NamedRule; readonly alerts: readonly FoundAlert[] }[];
}

export function compare(
  { expect, silent }: Pick<TestCase, 'expect' | 'silent'>,
  found: readonly FoundAlert[],
): Difference {
  const left = [...found];
  const missing: ExpectedAlert[] = [];
  for (const alert of bySpecificity(expect ?? [])) {
    const place = left.findIndex((candidate) => fits(alert, candidate));
    if (place < 0) missing.push(alert);
    else left.splice(place, 1);
  }
  const broken = silent
    .map((rule) => ({ rule, alerts: found.filter((alert) => alert.rule === rule.name) }))
    .filter(({ alerts }) => alerts.length > 0);
  return { missing, unexpected: expect === undefined ? [] : left, broken };
}

export function holds({ missing, unexpected, broken }: Difference): boolean {
  return missing.length + unexpected.length + broken.length === 0;
}

/** Who says more chooses first, so that a plain name never takes what only another one fits. */
function bySpecificity(alerts: readonly ExpectedAlert[]): readonly ExpectedAlert[] {
  const weight = ({ event, output }: ExpectedAlert): number =>
    (output === undefined ? 0 : 2) + (event === undefined ? 0 : 1);
  return alerts.toSorted((a, b) => weight(b) - weight(a));
}

function fits(expected: ExpectedAlert, { rule, event, output }: FoundAlert): boolean {
  return (
    expected.rule === rule &&
    (expected.event === undefined || expected.event === event) &&
    (expected.output === undefined || expected.output === output)
  );
}
