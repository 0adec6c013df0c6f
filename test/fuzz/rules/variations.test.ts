import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { textToBytes } from '../../../agent/events/bytestring.ts';
import { compileRules } from '../../../agent/rules/compile.ts';
import { evaluate } from '../../../agent/rules/evaluate.ts';
import { inferEvents } from '../../../agent/rules/event-types.ts';
import { FILTER_DEPTH, parseCondition } from '../../../agent/rules/parser.ts';
import { exprKey } from '../../../agent/rules/print.ts';
import { type CaseContext, caseCatalogue } from '../../conformance/case-catalogue.ts';
import type { Case } from '../../conformance/outcome.ts';
import { loadCases, runCase } from '../../conformance/run-cases.ts';

/** Upstream's cases and our own, changed in ways that must not change the answer, or must change it to the opposite. */
const CASES: readonly Case[] = ['../../data/conformance', '../../conformance/data'].flatMap((folder) =>
  loadCases(fileURLToPath(new URL(folder, import.meta.url))).flatMap(({ cases }) => cases),
);
const EVALUATIONS = CASES.filter(({ kind }) => ['eval', 'eval-socket', 'eval-ancestors'].includes(String(kind)));

const ALWAYS = '(proc.pid exists or not proc.pid exists)';
const NEVER = '(proc.pid exists and not proc.pid exists)';

const SAME: readonly ((condition: string) => string)[] = [
  (condition) => `((${condition}))`,
  (condition) => `\t\n ${condition} \r\n`,
  (condition) => `not not (${condition})`,
  (condition) => `not(not(${condition}))`,
  (condition) => `(${condition}) and (${condition})`,
  (condition) => `(${condition})or(${condition})`,
  (condition) => `${ALWAYS} and (${condition})`,
  (condition) => `(${condition}) or ${NEVER}`,
  (condition) => `(${condition} and ${ALWAYS}) or (${NEVER} and (${condition}))`,
  (condition) => `not (not (${condition}) or ${NEVER})`,
];
const OPPOSITE: readonly ((condition: string) => string)[] = [
  (condition) => `not (${condition})`,
  (condition) => `not(${condition})`,
  (condition) => `not (${ALWAYS} and (${condition}))`,
];

/** Some of the forms, other ones for each case. */
function variations(
  test: Case,
  forms: readonly ((condition: string) => string)[],
  place: number,
  result: boolean,
): readonly Case[] {
  const condition = `(${String(test.condition)})`;
  const chosen = forms.filter((_, form) => (form + place) % 5 === 0);
  return chosen.map((form) => ({ ...test, condition: form(condition), result }));
}

test('grouped, doubled, denied and padded conditions give the same answer, or the opposite', () => {
  const failures = EVALUATIONS.flatMap((given, place) => {
    const result = given.result === true;
    const varied = [...variations(given, SAME, place, result), ...variations(given, OPPOSITE, place, !result)];
    return varied.flatMap((variation) => {
      const outcome = runCase(variation);
      return outcome.passed ? [] : [{ id: given.id, condition: variation.condition, ...outcome }];
    });
  });
  expect(failures).toEqual([]);
  expect(EVALUATIONS.length).toBeGreaterThan(700);
});

test('a condition means the same in a rule, a macro, an appended rule and an exception', () => {
  const without = { event: { kind: 'open', type: 'open' }, values: new Map() } as const satisfies CaseContext;
  const failures = EVALUATIONS.filter((_, place) => place % 3 === 0).flatMap((given) => {
    const condition = `(${String(given.condition)})`;
    const file = [
      { macro: 'm', condition },
      { ...RULE, rule: 'plain', condition },
      { ...RULE, rule: 'macro', condition: 'not not m' },
      { ...RULE, rule: 'appended', condition: NEVER },
      { rule: 'appended', condition: `or ${condition}`, override: { condition: 'append' } },
      { ...RULE, rule: 'replaced', condition: NEVER },
      { rule: 'replaced', condition: 'm and m', override: { condition: 'replace' } },
    ];
    const { errors, ruleSet } = compileRules([{ path: 'r.yaml', text: JSON.stringify(file) }], caseCatalogue, {
      hash: () => '',
    });
    if (!isSearchable(condition)) return errors.length > 0 ? [] : [{ id: given.id, errors }];
    const answers = new Set(ruleSet.rules.map((rule) => evaluate(rule.condition, without)));
    return errors.length > 0 || ruleSet.rules.length !== 4 || answers.size !== 1 ? [{ id: given.id, errors }] : [];
  });
  expect(failures).toEqual([]);
});

/** A rule, other than a filter, is searched for its event types, which some conditions do not allow. */
function isSearchable(condition: string): boolean {
  const parsed = parseCondition(textToBytes(condition), FILTER_DEPTH);
  return parsed.ok && inferEvents(parsed.value).ok;
}

const RULE = { desc: 'd', output: 'o', priority: 'INFO' };

test('a condition that is read keeps its tree in parentheses and between blanks', () => {
  const failures = CASES.flatMap((given) => {
    const input = typeof given.input === 'string' && 'ast' in given ? textToBytes(given.input) : undefined;
    const plain = input === undefined ? undefined : parseCondition(input, FILTER_DEPTH);
    // The word alone is a macro; with a blank behind it, it denies what follows.
    if (input === undefined || plain?.ok !== true || /(?:^|\s)not$/.test(input)) return [];
    const key = exprKey(plain.value);
    return [` ${input} `, `(${input})`, `(\n${input}\t)`, `not not (${input})`, `(${input})or ${input}`].flatMap(
      (text) => {
        const varied = parseCondition(text, FILTER_DEPTH * 2);
        const expected = text.startsWith(`(${input})or`) ? undefined : key;
        if (!varied.ok) return [{ id: given.id, text, error: varied.error.message }];
        return expected === undefined || exprKey(varied.value) === expected ? [] : [{ id: given.id, text }];
      },
    );
  });
  expect(failures).toEqual([]);
});
