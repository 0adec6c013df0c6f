import { textToBytes } from '../../agent/events/bytestring.ts';
import { EVENT_TYPES } from '../../agent/events/event-types.ts';
import { EVENT_KINDS } from '../../agent/events/kinds.ts';
import type { Expr } from '../../agent/rules/ast.ts';
import { Checker } from '../../agent/rules/check.ts';
import type { Condition } from '../../agent/rules/condition.ts';
import { compileProgram } from '../../agent/rules/emit/program.ts';
import { evaluate } from '../../agent/rules/evaluate.ts';
import { includesEvent, inferEvents } from '../../agent/rules/event-types.ts';
import { compileFilter } from '../../agent/rules/filter.ts';
import { Normalizer } from '../../agent/rules/normalize.ts';
import { FILTER_DEPTH, parseCondition } from '../../agent/rules/parser.ts';
import { planConditions } from '../../agent/rules/plan.ts';
import { possibility } from '../../agent/rules/possibility.ts';
import { printExpr } from '../../agent/rules/print.ts';
import { couldMatch, type FilterableEvent } from '../../agent/rules/pushdown.ts';
import { constantWarnings, leavesOf } from '../../agent/rules/warnings.ts';
import { type CaseContext, caseCatalogue, chainContext, readContext, socketContext } from './case-catalogue.ts';
import { all, type Case, expectEqual, type Outcome, PASSED, stringField } from './outcome.ts';
import { toSExpression } from './s-expression.ts';

/** Condition text to tree and canonical text, or refused. */
export function runParserCase(test: Case): Outcome {
  const parsed = parseCondition(textToBytes(stringField(test, 'input')), FILTER_DEPTH);
  if (test.ok !== true || !parsed.ok) {
    return expectEqual({ ok: test.ok }, { ok: parsed.ok, ...(parsed.ok === test.ok ? {} : { parsed }) });
  }
  const canonical = textToBytes(String(test.canonical));
  return all([expectEqual(test.ast, toSExpression(parsed.value)), expectEqual(canonical, printExpr(parsed.value))]);
}

/** Whether a condition compiles, and the warnings that it gives. */
export function runCompileCase(test: Case): Outcome {
  const filter = compileFilter(stringField(test, 'condition'), caseCatalogue);
  if (!filter.ok || test.ok !== true) {
    return expectEqual({ ok: test.ok }, { ok: filter.ok, ...(filter.ok === test.ok ? {} : { filter }) });
  }
  if (!Array.isArray(test.warnings)) return PASSED;
  const warnings = constantWarnings(leavesOf(filter.expr), caseCatalogue);
  return expectEqual([...test.warnings].sort(), warnings.map(({ message }) => message).sort());
}

/** A condition under a context: by the evaluator, by generated code, and not hidden by what is possible. */
export function runEvaluationCase(test: Case): Outcome {
  const filter = compileFilter(stringField(test, 'condition'), caseCatalogue);
  if (!filter.ok) return { passed: false, expected: test.result, found: filter.errors };
  const context = contextOf(test);
  const result = evaluate(filter.condition, context);
  return all([
    expectEqual({ evaluator: test.result }, { evaluator: result }),
    expectEqual({ generated: test.result }, { generated: filter.test(context) }),
    expectEqual({ hidden: false }, { hidden: result && !isPossible(filter.condition, context) }),
    expectEqual({ filtered: false }, { filtered: result && isFiltered(filter, context) }),
  ]);
}

/** Whether a plan for this condition alone would leave the event out, as far as the context says what it is. */
function isFiltered(
  filter: { readonly condition: Condition<CaseContext>; readonly expr: Expr },
  { values }: CaseContext,
): boolean {
  const type = String(values.get('evt.type') ?? 'openat');
  const kind = EVENT_KINDS.find((candidate) => (EVENT_TYPES[candidate] as readonly string[]).includes(type));
  const inferred = inferEvents(filter.expr);
  if (kind === undefined || !inferred.ok) return false;
  const plan = planConditions([
    { name: 'case', condition: filter.condition, handles: (name) => includesEvent(inferred.events, name) },
  ]);
  return !couldMatch(plan, { kind, type, ...facts(values) });
}

/** Only what the context shows is known. */
function facts(values: CaseContext['values']): Partial<FilterableEvent> {
  const paths = ['fd.name', 'fs.path.name'].flatMap((field) => {
    const value = values.get(field);
    return typeof value === 'string' ? [value] : [];
  });
  const result = values.get('evt.rawres');
  return {
    ...(paths.length === 0 ? {} : { paths }),
    ...(typeof result === 'number' ? { result } : {}),
  };
}

function contextOf(test: Case): CaseContext {
  if ('socket' in test) return socketContext(test.socket);
  return 'chain' in test ? chainContext(test.chain) : readContext(test.context);
}

function isPossible(condition: Condition<CaseContext>, context: CaseContext): boolean {
  const normalizer = new Normalizer<CaseContext>();
  const formula = normalizer.formula(condition);
  const possible = possibility(formula, normalizer);
  if (possible === undefined) return true;
  const program = compileProgram([{ condition: formula, possibility: possible }]);
  program.begin();
  return program.possibilities[0]?.(context) !== false;
}

/** A condition to the set of its event names. */
export function runEventTypesCase(test: Case): Outcome {
  const parsed = parseCondition(textToBytes(stringField(test, 'condition')), FILTER_DEPTH);
  const checked = parsed.ok ? new Checker(caseCatalogue).check(parsed.value) : undefined;
  const inferred = parsed.ok && checked?.ok === true ? inferEvents(parsed.value) : undefined;
  if (test.ok !== true) return expectEqual({ ok: false }, { ok: inferred?.ok === true });
  if (inferred?.ok !== true) return { passed: false, expected: test.names, found: inferred ?? checked ?? parsed };
  const { mode, names } = inferred.events;
  const everything = mode === 'all-except' && names.size === 0;
  const nothing = mode === 'only' && names.size === 0;
  const extent = everything ? 'all' : nothing ? 'none' : 'some';
  return expectEqual(
    { mode: test.mode, names: test.names, extent: test.extent },
    { mode, names: [...names].sort(), extent },
  );
}
