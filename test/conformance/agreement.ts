import { EVENT_TYPES } from '../../agent/events/event-types.ts';
import { EVENT_KINDS } from '../../agent/events/kinds.ts';
import { type FieldResult, type FieldScalar, PENDING } from '../../agent/fields/field.ts';
import { Network } from '../../agent/rules/addresses.ts';
import type { Expr } from '../../agent/rules/ast.ts';
import { type Atom, atomFields, atomsOf, type Condition } from '../../agent/rules/condition.ts';
import { compileProgram } from '../../agent/rules/emit/program.ts';
import { evaluate } from '../../agent/rules/evaluate.ts';
import { includesEvent, inferEvents } from '../../agent/rules/event-types.ts';
import type { Constant } from '../../agent/rules/literals.ts';
import { Normalizer } from '../../agent/rules/normalize.ts';
import { planConditions } from '../../agent/rules/plan.ts';
import { possibility } from '../../agent/rules/possibility.ts';
import { couldMatch, type FilterableEvent } from '../../agent/rules/pushdown.ts';
import { familyOf } from '../../agent/rules/types.ts';
import { type CaseContext, caseContext, fieldKey } from './case-catalogue.ts';
import { all, expectEqual, type Outcome } from './outcome.ts';

/** What all engines say of a condition; `expr` is its tree with macros resolved. */
export interface Subject {
  readonly condition: Condition<CaseContext>;
  readonly expr: Expr;
}

/**
 * The evaluator's answer is that of generated code; where it is yes, neither the mask of a process nor a plan for this
 * condition alone may say no. `result`: what the answer must be, where that is known.
 */
export function compareEngines(subject: Subject, context: CaseContext, result?: boolean): Outcome {
  const found = evaluate(subject.condition, context);
  const { generated, possible } = runProgram(subject.condition, context);
  const expected = result ?? found;
  return all([
    expectEqual({ evaluator: expected }, { evaluator: found }),
    expectEqual({ generated: expected }, { generated }),
    expectEqual({ hidden: false }, { hidden: found && !possible }),
    expectEqual({ filtered: false }, { filtered: found && isFiltered(subject, context) }),
  ]);
}

/** All engines agree on an event without values, on pending ones, and where every comparison is met or missed. */
export function compareEverywhere(subject: Subject): Outcome {
  const atoms = atomsOf(subject.condition);
  const contexts = [
    caseContext([]),
    caseContext(atoms.flatMap((atom) => valuesFor(atom, () => PENDING))),
    caseContext(atoms.flatMap((atom) => valuesFor(atom, (constant) => constant))),
    caseContext(atoms.flatMap((atom) => valuesFor(atom, missed))),
  ];
  return all(contexts.map((context) => compareEngines(subject, context)));
}

function runProgram(
  condition: Condition<CaseContext>,
  context: CaseContext,
): { generated: boolean; possible: boolean } {
  const normalizer = new Normalizer<CaseContext>();
  const formula = normalizer.formula(condition);
  const possible = possibility(formula, normalizer);
  const program = compileProgram([
    { condition: formula, ...(possible === undefined ? {} : { possibility: possible }) },
  ]);
  program.begin();
  const generated = program.conditions[0]?.(context) === true;
  return { generated, possible: program.possibilities[0]?.(context) !== false };
}

/** Whether a plan for this condition alone would leave the event out, as far as the context says what it is. */
function isFiltered({ condition, expr }: Subject, { values }: CaseContext): boolean {
  const type = String(values.get('evt.type') ?? 'openat');
  const kind = EVENT_KINDS.find((candidate) => (EVENT_TYPES[candidate] as readonly string[]).includes(type));
  const inferred = inferEvents(expr);
  if (kind === undefined || !inferred.ok || !includesEvent(inferred.events, type)) return false;
  const plan = planConditions([{ name: 'case', condition, handles: (name) => includesEvent(inferred.events, name) }]);
  return !couldMatch(plan, { kind, type, ...facts(values) });
}

/** Only what the context shows is known. */
function facts(values: CaseContext['values']): Partial<FilterableEvent> {
  const paths = texts(values, ['fd.name', 'fd.nameraw', 'fs.path.name', 'fs.path.nameraw']);
  const result = values.get('evt.rawres');
  const ports = values.get('fd.port');
  return {
    ...(paths.length === 0 ? {} : { paths }),
    ...(typeof result === 'number' ? { result } : {}),
    ...(Array.isArray(ports) ? { ports: ports.map(Number) } : {}),
  };
}

function texts(values: CaseContext['values'], fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => {
    const value = values.get(field);
    return typeof value === 'string' ? [value] : [];
  });
}

/** A value for each field of a comparison, made from what it is compared with. */
function valuesFor(
  atom: Atom<CaseContext>,
  make: (constant: FieldScalar) => FieldResult,
): readonly (readonly [string, FieldResult])[] {
  const constant = constantOf(atom);
  return [...atomFields(atom)].map(({ def, argument, list, type }) => {
    const made = make(ofType(constant, type));
    // Events count from 1, which plans rely on.
    const value = def.name === 'evt.num' && typeof made !== 'symbol' && Number(made) < 1 ? 1 : made;
    const many = list || (def.candidates !== undefined && argument === undefined);
    const listed = many && typeof value !== 'symbol' && value !== undefined ? [value as FieldScalar] : value;
    return [fieldKey(def.name, argument), listed] as const;
  });
}

function constantOf({ test }: Atom<CaseContext>): Constant | undefined {
  if (test.kind === 'one') return test.constant;
  return test.kind === 'set' ? test.constants[0] : undefined;
}

/** The constant as a value that a field of this type can have; a transformer may have changed the type. */
function ofType(constant: Constant | undefined, type: string): FieldScalar {
  const plain = constant instanceof Network ? constant.address : (constant ?? 'x');
  switch (familyOf(type)) {
    case 'number':
      return typeof plain === 'number' || typeof plain === 'bigint' ? plain : 1;
    case 'boolean':
      return plain === true;
    case 'address':
    case 'network':
      return typeof plain === 'string' && [4, 16].includes(plain.length) ? plain : '\x7f\0\0\x01';
    default:
      return String(plain);
  }
}

function missed(constant: FieldScalar): FieldResult {
  if (typeof constant === 'boolean') return !constant;
  if (typeof constant === 'bigint') return constant - 1n;
  if (typeof constant === 'number') return constant - 1;
  return constant.slice(0, -1) + String.fromCharCode((constant.charCodeAt(constant.length - 1) + 1) & 0xff);
}
