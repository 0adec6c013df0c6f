import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMatcher } from '../../../agent/match/matcher.ts';
import { compileRules } from '../../../agent/rules/compile.ts';
import { evaluate } from '../../../agent/rules/evaluate.ts';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { couldMatch } from '../../../agent/rules/pushdown.ts';
import type { RuleSet } from '../../../agent/rules/rule-set.ts';
import {
  condition,
  event,
  type FuzzContext,
  type FuzzEvent,
  fuzzCatalogue,
  fuzzProcess,
  processValues,
} from './arbitraries.ts';

const TIME_MS = Number(process.env['FUZZ_MS'] ?? 2000);
const TIMED = { interruptAfterTimeLimit: TIME_MS, markInterruptAsFailure: false, numRuns: 1_000_000 };

function contextOf(
  { kind, type, values }: FuzzEvent,
  own: readonly (readonly [string, FuzzContext['values'] extends ReadonlyMap<string, infer V> ? V : never])[],
  process?: FuzzContext['process'],
): FuzzContext {
  return { event: { kind, type }, process, values: new Map([...values, ...own]) };
}

function ruleSetOf(conditions: readonly string[]): RuleSet<FuzzContext> {
  const text = JSON.stringify(
    conditions.map((given, place) => ({
      rule: `r${place}`,
      desc: 'd',
      condition: given,
      output: 'o',
      priority: 'INFO',
    })),
  );
  const result = compileRules([{ path: 'fuzz.yaml', text }], fuzzCatalogue, { hash: () => '' });
  expect(result.errors).toEqual([]);
  return result.ruleSet;
}

test(
  'generated code says what the reference evaluator says',
  () => {
    fc.assert(
      fc.property(
        condition,
        fc.array(fc.tuple(event, processValues), { minLength: 1, maxLength: 6 }),
        (text, events) => {
          const filter = compileFilter(text, fuzzCatalogue);
          if (!filter.ok) throw new Error(`${text}: ${JSON.stringify(filter.errors)}`);
          for (const [given, own] of events) {
            const context = contextOf(given, own);
            expect(filter.test(context)).toBe(evaluate(filter.condition, context));
          }
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

test(
  'a matcher with masks finds the rules that the reference evaluator finds',
  () => {
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 6 }),
        fc.array(processValues, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(event, fc.nat(), fc.boolean()), { minLength: 1, maxLength: 12 }),
        (conditions, owns, events) => {
          const ruleSet = ruleSetOf(conditions);
          const matcher = createMatcher(ruleSet);
          const process = fuzzProcess();
          let current = 0;
          for (const [given, next, change] of events) {
            if (change) {
              current = next % owns.length;
              process.mask.revision++;
            }
            const context = contextOf(given, owns[current] ?? [], process);
            const expected = ruleSet.active.filter(
              (rule) => rule.handles(given.type) && evaluate(rule.condition, context),
            );
            expect(matcher.match(context).map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
          }
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

test(
  'a plan leaves out no event that some rule matches',
  () => {
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(event, processValues), { minLength: 1, maxLength: 8 }),
        (conditions, events) => {
          const ruleSet = ruleSetOf(conditions);
          const plan = ruleSet.plan();
          for (const [given, own] of events) {
            const context = contextOf(given, own);
            const matches = ruleSet.active.some(
              (rule) => rule.handles(given.type) && evaluate(rule.condition, context),
            );
            const { kind, type, result, openFlags, path, ports } = given;
            const seen = { kind, type, result, openFlags, paths: [path], ports };
            if (matches && !couldMatch(plan, seen))
              throw new Error(`hidden: ${JSON.stringify([conditions, seen, plan])}`);
          }
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);
