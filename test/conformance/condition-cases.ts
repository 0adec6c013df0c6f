import { textToBytes } from '../../agent/events/bytestring.ts';
import { Checker } from '../../agent/rules/check.ts';
import { inferEvents } from '../../agent/rules/event-types.ts';
import { compileFilter } from '../../agent/rules/filter.ts';
import { FILTER_DEPTH, parseCondition } from '../../agent/rules/parser.ts';
import { printExpr } from '../../agent/rules/print.ts';
import { constantWarnings, leavesOf } from '../../agent/rules/warnings.ts';
import { compareEngines, compareEverywhere } from './agreement.ts';
import { type CaseContext, caseCatalogue, chainContext, readContext, socketContext } from './case-catalogue.ts';
import {
  all,
  booleanField,
  type Case,
  expectEqual,
  listField,
  type Outcome,
  recordField,
  stringField,
} from './outcome.ts';
import { toSExpression } from './s-expression.ts';
import { inOurWords } from './warning-words.ts';

/** Condition text to tree and canonical text, or refused. */
export function runParserCase(test: Case): Outcome {
  const parsed = parseCondition(textToBytes(stringField(test, 'input')), FILTER_DEPTH);
  if (!booleanField(test, 'ok') || !parsed.ok) {
    return expectEqual({ ok: test.ok }, { ok: parsed.ok, ...(parsed.ok === test.ok ? {} : { parsed }) });
  }
  const canonical = textToBytes(stringField(test, 'canonical'));
  return all([
    expectEqual(stringField(test, 'ast'), toSExpression(parsed.value)),
    expectEqual(canonical, printExpr(parsed.value)),
  ]);
}

/** Whether a condition compiles, and the warnings that it gives. */
export function runCompileCase(test: Case): Outcome {
  const filter = compileFilter(stringField(test, 'condition'), caseCatalogue);
  if (!booleanField(test, 'ok') || !filter.ok) {
    return expectEqual({ ok: test.ok }, { ok: filter.ok, ...(filter.ok === test.ok ? {} : { filter }) });
  }
  const agreement = compareEverywhere(filter);
  if (test.warnings === undefined) return agreement;
  const warnings = constantWarnings(leavesOf(filter.expr), caseCatalogue);
  const wanted = listField(test, 'warnings').map((text) => inOurWords(String(text)));
  return all([expectEqual(wanted.sort(), warnings.map(({ message }) => message).sort()), agreement]);
}

/** A condition under a context: by the evaluator, by generated code, and not hidden by a mask or a plan. */
export function runEvaluationCase(test: Case): Outcome {
  const result = booleanField(test, 'result');
  const filter = compileFilter(stringField(test, 'condition'), caseCatalogue);
  if (!filter.ok) return { passed: false, expected: result, found: filter.errors };
  const context = contextOf(test);
  return all([
    compareEngines(filter, context, result),
    expectEqual({ filter: result }, { filter: filter.test(context) }),
  ]);
}

function contextOf(test: Case): CaseContext {
  if ('socket' in test) return socketContext(recordField(test, 'socket'));
  return 'chain' in test ? chainContext(listField(test, 'chain')) : readContext(recordField(test, 'context'));
}

/** A condition to the set of its event names. */
export function runEventTypesCase(test: Case): Outcome {
  const parsed = parseCondition(textToBytes(stringField(test, 'condition')), FILTER_DEPTH);
  const checked = parsed.ok ? new Checker(caseCatalogue).check(parsed.value) : undefined;
  const inferred = parsed.ok && checked?.ok === true ? inferEvents(parsed.value) : undefined;
  if (!booleanField(test, 'ok')) return expectEqual({ ok: false }, { ok: inferred?.ok === true });
  if (!parsed.ok || checked?.ok !== true || inferred?.ok !== true) {
    return { passed: false, expected: test.names, found: inferred ?? checked ?? parsed };
  }
  const { mode, names } = inferred.events;
  const everything = mode === 'all-except' && names.size === 0;
  const nothing = mode === 'only' && names.size === 0;
  const extent = everything ? 'all' : nothing ? 'none' : 'some';
  return all([
    expectEqual(
      { mode: test.mode, names: test.names, extent: test.extent },
      { mode, names: [...names].sort(), extent },
    ),
    compareEverywhere({ condition: checked.condition, expr: parsed.value }),
  ]);
}
