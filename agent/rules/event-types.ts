/**
 * Which events a condition can be true for, from its comparisons of evt.type alone. Negation is pushed to the leaves; a
 * comparison that says nothing of the event's type allows every one, also when it is negated. `evt.num` counts from 1,
 * so some comparisons with it are decided without an event.
 */
import type { ArgumentExpr, CheckExpr, ExistsExpr, Expr, ValueExpr } from './ast.ts';
import { EVENT_CODES, eventMember, GENERIC, GENERIC_SYSCALLS } from './event-names.ts';

/** A set of event names: those listed, or all but those. GENERIC stands for system calls without their own event. */
export interface EventSet {
  readonly mode: 'only' | 'all-except';
  readonly names: ReadonlySet<string>;
}

export const ALL_EVENTS: EventSet = { mode: 'all-except', names: new Set() };
export const NO_EVENTS: EventSet = { mode: 'only', names: new Set() };

export type EventSetResult =
  | { readonly ok: true; readonly events: EventSet }
  | { readonly ok: false; readonly error: string; readonly expr: CheckExpr | ExistsExpr };

/** A rule for more codes than this is warned about. */
export const CODES_MAX = 100;

class Unsupported extends Error {
  readonly expr: CheckExpr | ExistsExpr;
  constructor(message: string, expr: CheckExpr | ExistsExpr) {
    super(message);
    this.expr = expr;
  }
}

/** Names of the events that a condition, all macros resolved, is to be evaluated for. */
export function inferEvents(expr: Expr): EventSetResult {
  try {
    return { ok: true, events: new Inference().of(expr, false) };
  } catch (fault) {
    if (!(fault instanceof Unsupported)) throw fault;
    return { ok: false, error: fault.message, expr: fault.expr };
  }
}

/** Whether a set holds an event of this evt.type; events that the table does not know are in every set but empty ones. */
export function includesEvent(events: EventSet, type: string): boolean {
  if (!EVENT_CODES.has(type) && !GENERIC_SYSCALLS.has(type)) return size(events) > 0;
  return events.names.has(eventMember(type)) === (events.mode === 'only');
}

/** Number of event codes (versions, enter and exit) in a set. */
export function countCodes(events: EventSet): number {
  let listed = 0;
  for (const name of events.names) listed += EVENT_CODES.get(name) ?? 0;
  if (events.mode === 'only') return listed;
  let all = 0;
  for (const codes of EVENT_CODES.values()) all += codes;
  return all - listed;
}

function size(events: EventSet): number {
  return events.mode === 'only' ? events.names.size : EVENT_CODES.size - events.names.size;
}

function complement(events: EventSet): EventSet {
  return { mode: events.mode === 'only' ? 'all-except' : 'only', names: events.names };
}

function intersect(a: EventSet, b: EventSet): EventSet {
  if (a.mode === 'only')
    return { mode: 'only', names: filter(a.names, (name) => b.names.has(name) === (b.mode === 'only')) };
  if (b.mode === 'only') return intersect(b, a);
  return { mode: 'all-except', names: new Set([...a.names, ...b.names]) };
}

function unite(a: EventSet, b: EventSet): EventSet {
  return complement(intersect(complement(a), complement(b)));
}

function filter(names: ReadonlySet<string>, keep: (name: string) => boolean): ReadonlySet<string> {
  return new Set([...names].filter(keep));
}

class Inference {
  private readonly known = [new Map<Expr, EventSet>(), new Map<Expr, EventSet>()] as const;

  of(expr: Expr, negated: boolean): EventSet {
    const known = this.known[negated ? 1 : 0];
    const before = known.get(expr);
    if (before !== undefined) return before;
    const events = this.infer(expr, negated);
    known.set(expr, events);
    return events;
  }

  private infer(expr: Expr, negated: boolean): EventSet {
    switch (expr.type) {
      case 'and':
      case 'or': {
        const sets = expr.children.map((child) => this.of(child, negated));
        return (expr.type === 'and') !== negated ? sets.reduce(intersect, ALL_EVENTS) : sets.reduce(unite, NO_EVENTS);
      }
      case 'not':
        return this.of(expr.child, !negated);
      case 'macro':
        return ALL_EVENTS;
      default:
        return leaf(expr, negated);
    }
  }
}

function leaf(expr: CheckExpr | ExistsExpr, negated: boolean): EventSet {
  if (expr.type === 'exists') {
    rejectTransformed(expr.left, expr);
    return isEventType(expr.left) && negated ? NO_EVENTS : ALL_EVENTS;
  }
  const decided = decideByNumber(expr);
  if (decided !== undefined) return decided !== negated ? ALL_EVENTS : NO_EVENTS;
  if (!['=', '==', '!=', 'in'].includes(expr.operator) || expr.modifier !== undefined) return ALL_EVENTS;
  rejectTransformed(expr.left, expr);
  if (!isEventType(expr.left)) return negated && lastLeaf(expr.left)?.type === 'literal' ? NO_EVENTS : ALL_EVENTS;
  if (expr.right.type === 'call') {
    throw new Unsupported('the type of an event is compared with names, not with a field', expr);
  }
  const named = namedEvents(expr.right.type === 'list' ? expr.right.values : [expr.right.value]);
  return (expr.operator === '!=') !== negated ? complement(named) : named;
}

function isEventType(value: ValueExpr): boolean {
  return (
    value.type === 'field' &&
    (value.name === 'evt.type' || value.name === 'syscall.type') &&
    value.argument === undefined
  );
}

/** Names of system calls without their own event all mean the generic one. */
function namedEvents(names: readonly string[]): EventSet {
  const members = new Set<string>();
  for (const name of names) {
    if (name === GENERIC) continue;
    if (EVENT_CODES.has(name)) members.add(name);
    else if (GENERIC_SYSCALLS.has(name)) members.add(GENERIC);
  }
  return { mode: 'only', names: members };
}

function rejectTransformed(value: ValueExpr, expr: CheckExpr | ExistsExpr): void {
  if (value.type === 'call' && holdsEventType(value)) {
    throw new Unsupported('the type of an event is compared as it is, without transformers', expr);
  }
}

/** Whether evt.type is an argument; of a tuple upstream sees the last item and what stands in calls. */
function holdsEventType(argument: ArgumentExpr): boolean {
  switch (argument.type) {
    case 'literal':
      return false;
    case 'field':
      return isEventType(argument);
    case 'tuple':
      return argument.items.some((item, place) => {
        return (item.type === 'call' || place === argument.items.length - 1) && holdsEventType(item);
      });
    case 'call':
      return argument.args.some(holdsEventType);
  }
}

/** The last field or literal that is written; upstream takes a literal there for the name of an event, which none has. */
function lastLeaf(argument: ArgumentExpr): ArgumentExpr | undefined {
  if (argument.type === 'literal' || argument.type === 'field') return argument;
  const inner = argument.type === 'tuple' ? argument.items : argument.args;
  for (let place = inner.length - 1; place >= 0; place--) {
    const item = inner[place];
    const leaf = item === undefined ? undefined : lastLeaf(item);
    if (leaf !== undefined) return leaf;
  }
  return undefined;
}

/** Comparisons of evt.num that hold for every event (true) or for none (false). */
function decideByNumber(expr: CheckExpr): boolean | undefined {
  const { left, right, operator } = expr;
  if (left.type !== 'field' || left.name !== 'evt.num' || left.argument !== undefined) return undefined;
  if (expr.modifier !== undefined) return undefined;
  if (operator === 'in' && right.type === 'list') {
    return right.values.every((value) => parseUnsigned(value) === 0n) ? false : undefined;
  }
  const number = right.type === 'literal' ? parseUnsigned(right.value) : undefined;
  if (number === undefined) return undefined;
  switch (operator) {
    case '=':
    case '==':
    case '<=':
      return number === 0n ? false : undefined;
    case '<':
      return number <= 1n ? false : undefined;
    case '!=':
    case '>':
      return number === 0n ? true : undefined;
    case '>=':
      return number <= 1n ? true : undefined;
    default:
      return undefined;
  }
}

function parseUnsigned(text: string): bigint | undefined {
  if (text.length > 255 || !/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return undefined;
  return BigInt.asUintN(64, BigInt(text.trim().replace(/^\+/, '')));
}
