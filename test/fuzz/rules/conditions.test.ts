import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventKind } from '../../../agent/events/kinds.ts';
import { type FieldResult, PENDING } from '../../../agent/fields/field.ts';
import { createMatcher } from '../../../agent/match/matcher.ts';
import { compileRules } from '../../../agent/rules/compile.ts';
import { evaluate } from '../../../agent/rules/evaluate.ts';
import { compileFilter } from '../../../agent/rules/filter.ts';
import { decide } from '../../../agent/rules/pending.ts';
import { createProcessKinds } from '../../../agent/rules/process-kinds.ts';
import { couldMatch, type FilterableEvent } from '../../../agent/rules/pushdown.ts';
import type { RuleSet } from '../../../agent/rules/rule-set.ts';
import {
  condition,
  event,
  type FuzzContext,
  type FuzzEvent,
  fuzzCatalogue,
  fuzzProcess,
  processValues,
  type Values,
} from './arbitraries.ts';

const TIME_MS = Number(process.env['FUZZ_MS'] ?? 2000);
const TIMED = { interruptAfterTimeLimit: TIME_MS, markInterruptAsFailure: false, numRuns: 1_000_000 };

function contextOf({ kind, type, values }: FuzzEvent, own: Values, process?: FuzzContext['process']): FuzzContext {
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
  'a plan with its process mask leaves out no event that some rule matches',
  () => {
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(event, processValues), { minLength: 1, maxLength: 8 }),
        (conditions, events) => {
          const ruleSet = ruleSetOf(conditions);
          const plan = ruleSet.plan();
          const kindsOf = createProcessKinds(ruleSet.active);
          for (const [given, own] of events) {
            const context = contextOf(given, own);
            const matches = ruleSet.active.some(
              (rule) => rule.handles(given.type) && evaluate(rule.condition, context),
            );
            if (!matches) continue;
            const seen = seenOf(given, kindsOf(context));
            for (const part of [seen, ...partsOf(seen)]) {
              if (!couldMatch(plan, part)) throw new Error(`hidden: ${show([conditions, part, plan])}`);
            }
          }
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

test(
  'a process mask holds whatever the process does, as long as it is the same',
  () => {
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 4 }),
        processValues,
        fc.array(event, { minLength: 1, maxLength: 8 }),
        (conditions, own, events) => {
          const ruleSet = ruleSetOf(conditions);
          const [first] = events;
          const kinds = first && createProcessKinds(ruleSet.active)(contextOf(first, own));
          for (const given of events) {
            const context = contextOf(given, settled(own));
            const matches = ruleSet.active.some(
              (rule) => rule.handles(given.type) && evaluate(rule.condition, context),
            );
            if (matches && given.kind !== 'other' && kinds?.has(given.kind) !== true) {
              throw new Error(`masked: ${show([conditions, given, own])}`);
            }
          }
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

test(
  'what is settled stays so, whatever arrives for what was pending',
  () => {
    fc.assert(
      fc.property(
        condition,
        fc.array(fc.tuple(event, processValues, event, processValues), { minLength: 1, maxLength: 6 }),
        (text, events) => {
          const filter = compileFilter(text, fuzzCatalogue);
          if (!filter.ok) throw new Error(`${text}: ${JSON.stringify(filter.errors)}`);
          for (const [given, own, later, ownLater] of events) {
            const context = contextOf(given, own);
            const { holds, settled } = decide(filter.condition, context);
            expect(holds).toBe(evaluate(filter.condition, context));
            const arrived = new Map([...later.values, ...ownLater]);
            const values = [...context.values].map(([field, value]): readonly [string, FieldResult] => {
              return [field, value === PENDING ? arrived.get(field) : value];
            });
            if (settled) expect(evaluate(filter.condition, { ...context, values: new Map(values) })).toBe(holds);
          }
        },
      ),
      TIMED,
    );
  },
  TIME_MS * 4 + 10_000,
);

/** What was pending has arrived; a mask made before must have counted with it. */
function settled(own: Values): Values {
  return own.map(([field, value]) => {
    if (value !== PENDING) return [field, value] as const;
    if (field === 'proc.aname' || field === 'proc.apid')
      return [field, field === 'proc.apid' ? [22] : ['sshd']] as const;
    if (field === 'proc.is_exe_writable') return [field, true] as const;
    return [field, field === 'proc.pid' || field === 'user.uid' ? 22 : 'sshd'] as const;
  });
}

/** All that a kernel program could know of an event. */
function seenOf(
  { kind, type, result, openFlags, path, ports, addresses }: FuzzEvent,
  processKinds: ReadonlySet<EventKind>,
): FilterableEvent {
  return { kind, type, result, openFlags, paths: [path], ports, addresses, processKinds };
}

/** The same event where one of its properties is not known. */
function partsOf(seen: FilterableEvent): readonly FilterableEvent[] {
  const { result: _r, ...withoutResult } = seen;
  const { openFlags: _f, ...withoutFlags } = seen;
  const { paths: _p, ...withoutPaths } = seen;
  const { ports: _q, ...withoutPorts } = seen;
  const { addresses: _a, ...withoutAddresses } = seen;
  return [withoutResult, withoutFlags, withoutPaths, withoutPorts, withoutAddresses];
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint' || typeof inner === 'symbol') return String(inner);
    return inner instanceof Set ? [...inner] : inner;
  });
}
