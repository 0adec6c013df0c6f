import type { ByteString } from '../events/bytestring.ts';
import { type FieldCatalogue, SCOPES, type Scope } from '../fields/field.ts';
import type { ArgumentExpr, CheckExpr, ExistsExpr, Expr, TupleExpr, ValueExpr } from './ast.ts';
import { type Atom, atomFields, type Candidates, type Condition, type Test, type Value } from './condition.ts';
import { eventNames, isEventName } from './event-names.ts';
import { compareFields } from './field-compare.ts';
import { type Constant, type LiteralResult, parseLiteral } from './literals.ts';
import { nearestName } from './nearest.ts';
import {
  type Comparison,
  findOperator,
  isComparable,
  notComparable,
  type Operator,
  type Prepared,
} from './operators.ts';
import { exprKey, printExpr, valueKey } from './print.ts';
import { nearestField, resolveField } from './resolve-field.ts';
import { shownValue } from './strings.ts';
import { checkCall, endsWithNul, type Shape } from './transformers.ts';
import { familyOf, LIST_TYPES } from './types.ts';

/** What is wrong with one comparison. */
export interface CheckFault {
  readonly message: string;
  readonly expr: CheckExpr | ExistsExpr;
  /** Byte offset of what is wrong in the text that `expr` was parsed from: its value, else its beginning. */
  readonly at: number;
  /** Of the kind for which a rule may ask to be skipped: unknown fields and event types. */
  readonly unknown: boolean;
  readonly expected?: string;
  readonly nearest?: string;
}

export type CheckResult<C> =
  | { readonly ok: true; readonly condition: Condition<C> }
  | { readonly ok: false; readonly faults: readonly CheckFault[] };

export type ValueResult<C> =
  | { readonly ok: true; readonly value: Value<C> }
  | { readonly ok: false; readonly error: string; readonly nearest?: string };

/** Checks conditions against a catalogue. Keeps what it found, for trees that many conditions share. */
export class Checker<C> {
  private readonly catalogue: FieldCatalogue<C>;
  private readonly known = new WeakMap<Expr, CheckResult<C>>();
  private readonly atoms = new Map<string, Atom<C>>();

  constructor(catalogue: FieldCatalogue<C>) {
    this.catalogue = catalogue;
  }

  check(expr: Expr): CheckResult<C> {
    const known = this.known.get(expr);
    if (known !== undefined) return known;
    const result = this.checkNode(expr);
    this.known.set(expr, result);
    return result;
  }

  /** Checks a field or call on its own, as outputs and exceptions use them. */
  value(expr: ValueExpr): ValueResult<C> {
    try {
      return { ok: true, value: this.readValue(expr) };
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      return { ok: false, error: fault.message, ...given('nearest', fault.nearest) };
    }
  }

  private checkNode(expr: Expr): CheckResult<C> {
    switch (expr.type) {
      case 'and':
      case 'or': {
        const results = expr.children.map((child) => this.check(child));
        const faults = new Set(results.flatMap((result) => (result.ok ? [] : result.faults)));
        if (faults.size > 0) return { ok: false, faults: [...faults] };
        const children = results.flatMap((result) => (result.ok ? [result.condition] : []));
        return { ok: true, condition: { kind: expr.type, children } };
      }
      case 'not': {
        const result = this.check(expr.child);
        return result.ok ? { ok: true, condition: { kind: 'not', child: result.condition } } : result;
      }
      case 'macro':
        throw new Error(`macro '${expr.name}' was not resolved`);
      default:
        return this.checkLeaf(expr);
    }
  }

  private checkLeaf(expr: CheckExpr | ExistsExpr): CheckResult<C> {
    try {
      const key = exprKey(expr);
      const known = this.atoms.get(key) ?? this.atom(expr, key);
      this.atoms.set(key, known);
      return { ok: true, condition: known };
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      const faults = [fault, ...fault.others].map(({ message, unknown, expected, nearest, at = expr.at }) => ({
        message,
        unknown,
        expr,
        at,
        ...given('expected', expected),
        ...given('nearest', nearest),
      }));
      return { ok: false, faults };
    }
  }

  private atom(expr: CheckExpr | ExistsExpr, key: string): Atom<C> {
    const left = compared(this.readValue(expr.left));
    const test: Test<C> = expr.type === 'exists' ? { kind: 'exists' } : this.test(expr, left);
    const atom: Atom<C> = { kind: 'atom', key, text: printExpr(expr), left, test, scope: 'event' };
    return { ...atom, scope: widestScope([...atomFields(atom)].map(({ def }) => def.scope)) };
  }

  private test(expr: CheckExpr, left: Value<C>): Test<C> {
    const operator = findOperator(expr.operator);
    if (operator === undefined) throw new Error(`no operator '${expr.operator}'`);
    const family = familyOf(left.type);
    if (left.list && !LIST_TYPES.has(left.type)) {
      throw new Fault(`lists of type ${left.type} cannot be compared`);
    }
    if (!isComparable(operator, family, left.list)) throw new Fault(notComparable(operator, family, left.list));
    if (expr.right.type === 'call') return this.fieldTest(operator, left, this.readValue(expr.right));
    const literals = expr.right.type === 'list' ? expr.right.values : [expr.right.value];
    return constantTest(expr, operator, left, literals);
  }

  private fieldTest(operator: Operator, left: Value<C>, right: Value<C>): Test<C> {
    const refusal = rightFieldFault(operator, left, right);
    if (refusal !== undefined) throw new Fault(refusal);
    const list = operator.set !== undefined;
    if (list && right.kind === 'call' && !right.list && endsWithNul(right.name)) {
      return { kind: 'never', reason: 'a transformed value on the right never equals an element' };
    }
    return { kind: 'field', operator, right, compare: compareFields(operator, familyOf(left.type), left.list) };
  }

  private readValue(expr: ValueExpr): Value<C> {
    const key = valueKey(expr);
    if (expr.type === 'field') {
      const resolved = resolveField(this.catalogue, expr.name, expr.argument);
      if (!resolved.ok) {
        const { message, unknownField, expected } = resolved.fault;
        throw new Fault(message, {
          unknown: unknownField,
          ...given('expected', expected),
          ...given('nearest', nearestField(this.catalogue, expr.name)),
        });
      }
      const { def, argument, type } = resolved;
      return { kind: 'field', key, def, argument, type, list: def.list === true };
    }
    const args = expr.args.map((argument) => this.readArgument(argument));
    const [only] = args;
    if (expr.name === 'val' && only !== undefined) {
      if (expr.selector === undefined) return only;
      throw new Fault('val() takes no argument in brackets');
    }
    const base = only === undefined ? undefined : baseField(only);
    if (args.length === 1 && base?.def.noTransformer === true) {
      throw new Fault(`'${base.def.name}' cannot be transformed`);
    }
    const checked = checkCall(expr.name, args.map(shapeOf), expr.selector);
    if (!checked.ok) throw new Fault(checked.error);
    const { type, list, apply } = checked;
    return { kind: 'call', key, name: expr.name, args, apply, type, list };
  }

  private readArgument(expr: ArgumentExpr): Value<C> {
    if (expr.type === 'literal') {
      return { kind: 'text', key: JSON.stringify(expr.value), value: expr.value, type: 'CHARBUF', list: false };
    }
    return expr.type === 'tuple' ? this.readTuple(expr) : this.readValue(expr);
  }

  private readTuple(expr: TupleExpr): Value<C> {
    const items = expr.items.map((item) => this.readArgument(item));
    return { kind: 'tuple', key: `(${items.map(({ key }) => key).join(',')})`, items, type: 'CHARBUF', list: true };
  }
}

class Fault extends Error {
  readonly unknown: boolean;
  readonly expected: string | undefined;
  readonly nearest: string | undefined;
  readonly at: number | undefined;
  /** Of the same comparison. */
  others: readonly Fault[] = [];
  constructor(message: string, hints: { unknown?: boolean; expected?: string; nearest?: string; at?: number } = {}) {
    super(message);
    this.unknown = hints.unknown ?? false;
    this.expected = hints.expected;
    this.nearest = hints.nearest;
    this.at = hints.at;
  }
}

/** A property that is only there if it has a value. */
function given<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: string });
}

function shapeOf<C>(value: Value<C>): Shape {
  return { type: value.type, list: value.list, label: baseField(value)?.def.name ?? 'NA' };
}

/** Where a field takes a level as well as a name, comparisons look at all ancestors whatever the level. */
function compared<C>(value: Value<C>): Value<C> {
  if (value.kind !== 'field' || typeof value.argument !== 'number') return value;
  const { def } = value;
  const levelIgnored = def.candidates === 'any-ancestor' && def.argument?.kind === 'both';
  return levelIgnored ? { ...value, key: def.name, argument: undefined } : value;
}

/** The field inside a chain of transformers of one value. */
function baseField<C>(value: Value<C>): Extract<Value<C>, { kind: 'field' }> | undefined {
  if (value.kind === 'field') return value;
  const [only, ...rest] = value.kind === 'call' ? value.args : [];
  return only !== undefined && rest.length === 0 ? baseField(only) : undefined;
}

function rightFieldFault<C>(operator: Operator, left: Value<C>, right: Value<C>): string | undefined {
  if (operator.name === 'pmatch' || operator.name === 'regex') {
    return `${operator.name} takes a text on its right, no field`;
  }
  if (familyOf(left.type) === 'network') return 'networks are compared with networks, not with a field';
  const [leftField, rightField] = [baseField(left), baseField(right)];
  if (leftField?.def.noRightSide === true) {
    return `'${leftField.def.name}' cannot be compared with a field`;
  }
  if (rightField?.def.noRightSide === true) {
    return `'${rightField.def.name}' cannot stand on the right`;
  }
  if (left.type === right.type && left.list === right.list) return undefined;
  const typeText = ({ type, list }: Value<C>): string => (list ? `a list of ${type}` : type);
  const [leftName, rightName] = [left, right].map(({ key }) => key);
  return `'${leftName}' is ${typeText(left)} and '${rightName}' is ${typeText(right)}: they cannot be compared`;
}

function constantTest<C>(
  expr: CheckExpr,
  operator: Operator,
  left: Value<C>,
  literals: readonly ByteString[],
): Test<C> {
  const family = familyOf(left.type);
  const comparison = operator.single?.[family];
  const read = readLiterals(literals, (literal) => readLiteral(literal, left, operator, comparison, expr.right.at));
  if (left.kind === 'field' && left.def.name === 'evt.around' && operator.name !== '=') {
    throw new Fault('evt.around is only compared with =');
  }
  const constants = read.map(({ constant }) => constant);
  const set = operator.set?.[family];
  const candidates = left.kind === 'field' && left.argument === undefined ? left.def.candidates : undefined;
  if (set !== undefined) {
    if (operator.lists !== undefined && left.list) {
      return { kind: 'list', operator, quantifier: operator.lists, set, prepared: set.prepare(constants) };
    }
    if (left.kind === 'field' && left.def.type === 'DYN' && family !== 'text') {
      return { kind: 'never', reason: 'a parameter that is no text equals no element; use several comparisons with =' };
    }
    const reason = candidates === undefined ? undefined : neverInCandidates(operator, family, candidates);
    if (reason !== undefined && left.kind === 'field' && left.argument === undefined) return { kind: 'never', reason };
    const kept = candidates === 'both-ends' && family === 'network' ? constants.slice(0, 1) : constants;
    const prepared = set.prepare(kept);
    return { kind: 'set', operator, set, prepared, constants: kept, candidates: quantifier(operator, candidates) };
  }
  if (comparison === undefined) throw new Fault(notComparable(operator, family, left.list));
  const prepared = read.map((literal) => literal.prepared);
  const modified = expr.modifier !== undefined && candidates === undefined;
  if (modified) return { kind: 'many', operator, comparison, modifier: expr.modifier, literals: prepared };
  const [first] = read;
  if (first === undefined) return { kind: 'never', reason: 'nothing to compare with' };
  const { constant } = first;
  return {
    kind: 'one',
    operator,
    comparison,
    literal: first.prepared,
    constant,
    candidates: quantifier(operator, candidates),
  };
}

/** Upstream hands these values over without their length, and so they equal no element. */
function neverInCandidates(
  operator: Operator,
  family: string,
  candidates: 'both-ends' | 'any-ancestor',
): string | undefined {
  if (candidates === 'any-ancestor') return family === 'number' ? 'use several comparisons with =' : undefined;
  if (operator.name === 'intersects') return 'use in or =';
  return family === 'address' ? 'use several comparisons with =' : undefined;
}

function quantifier(operator: Operator, candidates: 'both-ends' | 'any-ancestor' | undefined): Candidates {
  return candidates === 'both-ends' && operator.bothEnds === 'every' ? 'every' : 'some';
}

interface ReadLiteral {
  readonly constant: Constant;
  readonly prepared: Prepared;
}

/** Wrong elements of one list that are told at once: enough to mend by hand, and a list of thousands is bounded. */
const WRONG_ELEMENTS_MAX = 20;

/** Throws the first fault, with those of the other elements. */
function readLiterals(
  literals: readonly ByteString[],
  read: (literal: ByteString) => ReadLiteral,
): readonly ReadLiteral[] {
  const done: ReadLiteral[] = [];
  const faults = new Map<string, Fault>();
  for (const literal of literals) {
    try {
      done.push(read(literal));
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      if (!faults.has(fault.message)) faults.set(fault.message, fault);
      if (faults.size >= WRONG_ELEMENTS_MAX) break;
    }
  }
  const [first, ...others] = faults.values();
  if (first === undefined) return done;
  first.others = others;
  throw first;
}

function readLiteral<C>(
  literal: ByteString,
  left: Value<C>,
  operator: Operator,
  comparison: Comparison | undefined,
  at: number,
): ReadLiteral {
  const prepare = comparison?.prepare;
  const constant = required(prepare === undefined ? parseLiteral(literal, left.type) : asText(literal), at);
  const prepared = prepare === undefined ? constant : required(prepare(literal, left.type), at);
  if (left.kind === 'field' && left.def.name === 'evt.type' && !isEventName(literal)) {
    const nearest = nearestName(literal, eventNames());
    throw new Fault(`no event is called ${shownValue(literal)}`, {
      unknown: true,
      at,
      expected: 'the name of an event',
      ...given('nearest', nearest),
    });
  }
  return { constant, prepared: operator.single === undefined ? undefined : prepared };
}

function asText(literal: ByteString): LiteralResult {
  return { ok: true, value: literal };
}

function required<T>(
  result: { readonly ok: true; readonly value: T } | Extract<LiteralResult, { ok: false }>,
  at: number,
): T {
  if (result.ok) return result.value;
  throw new Fault(result.error, { at, ...given('expected', result.expected), ...given('nearest', result.nearest) });
}

/** A value of several things changes when any of them does; a process and a path together are an event's matter. */
function widestScope(scopes: readonly Scope[]): Scope {
  const distinct = [...new Set(scopes)].sort((a, b) => SCOPES.indexOf(a) - SCOPES.indexOf(b));
  const last = distinct.at(-1) ?? 'machine';
  const owners = distinct.filter((scope) => scope === 'file' || scope === 'endpoint');
  const holders = distinct.filter((scope) => scope === 'process' || scope === 'container');
  return owners.length > 1 || (owners.length > 0 && holders.length > 0) ? 'event' : last;
}
