/**
 * What the kernel may leave out, and why that hides nothing.
 *
 * Claim. If a rule of the plan matches an event, couldMatch(plan, event) is true.
 *
 * Proof. Take the rule's condition in negation normal form, F: literals joined by `and` and `or` alone, so F is monotone in
 * its literals. For an event of kind k that matches, F is true and every step below gives something that is true too:
 *
 * 1. Kinds and system calls. The rule is evaluated only for types in its inferred set (event-types.ts), so the type is
 *    in it. In F, replace each literal that looks at evt.type alone by its value where all types of k agree: what is
 *    left, G, is true for the event. A G that is constantly false needs no event of k.
 * 2. Results. Suppose the call failed (ret < 0, not -EINPROGRESS, which the kernel lets through as both and which is thus a
 *    case of its own). Replace each literal on a field that shows the result by `false` if it is false for every value
 *    that the field can have after a failure, else by `true`, and every other literal by `true`. By monotony the outcome
 *    is true if G is. If it is constantly false, no failed call matches. The same with `ret >= 0`, and with -EINPROGRESS.
 * 3. Covers. A cover of a literal on a property (flags, path, port, address) is a set of which the event's property must
 *    hold a member, or lie in one (a path below a name, an address in a prefix), whenever the literal is true. G has a
 *    cover if it is a literal with one, an `and` of which some part has one (each part is true), or an `or` of which all
 *    parts have one (some part is true: the union).
 * 4. Rules. A kind is kept with the union of what its rules need in each property, so an event that one rule matches
 *    passes every property's filter by that rule's own part.
 *
 * The process mask (process-kinds.ts) rests on the same monotony: for each rule and kind, G with every literal that looks at
 * more than the process, its container and the machine replaced by `true`, and those whose value is pending too, is true
 * whenever G is (possibility.ts); a kind stays in the mask if that holds for some rule. It never hides fork, exec, exit and
 * credential events, for state and other rules' masks are made from them.
 */
import { EVENT_TYPES } from '../events/event-types.ts';
import type { CollectedKind, EventKind } from '../events/kinds.ts';
import type { AddressFilter, KindPlan, PathFilter, Plan } from '../events/plan.ts';
import type { FieldValue } from '../fields/field.ts';
import {
  ADDRESS_COVERS,
  addressCover,
  type Cover,
  FLAG_COVERS,
  flagCover,
  PATH_COVERS,
  PORT_COVERS,
  pathCover,
  portCover,
} from './covers.ts';
import { holdsFor } from './evaluate.ts';
import type { Formula, Literal, Normalizer } from './normalize.ts';
import { type CallResult, numbersBetween, resultValues } from './result-values.ts';

/** What a filter can see of an event. Absent properties are not known there, and then nothing is filtered by them. */
export interface FilterableEvent {
  readonly kind: EventKind;
  /** evt.type */
  readonly type: string;
  /** What the system call returned; absent where nothing is. */
  readonly result?: number;
  /** The flags argument of an open, as the kernel numbers them. */
  readonly openFlags?: number;
  /** Every path that a field of the event can show: walked, raw, source, target. */
  readonly paths?: readonly string[];
  /** Every port that a field of the event can show. */
  readonly ports?: readonly number[];
  /** Every address that a field of the event can show, as raw bytes in network order. */
  readonly addresses?: readonly string[];
  /** Kinds for which some rule is possible for the event's process (process-kinds.ts). */
  readonly processKinds?: ReadonlySet<EventKind>;
}

/** Kinds that are sent whatever the process: state and masks are made from them. */
const UNMASKED: ReadonlySet<EventKind> = new Set<EventKind>(['fork', 'exec', 'exit', 'setuid', 'setgid']);
const EINPROGRESS = -115;
const UINT64_MAX = 2n ** 64n - 1n;

/** Whether a plan lets an event through: the meaning of every filter that a kernel program applies. */
export function couldMatch(plan: Plan, event: FilterableEvent): boolean {
  const kind = plan.kinds.find((candidate) => candidate.kind === event.kind);
  if (kind === undefined) return false;
  if (kind.syscalls !== undefined && !kind.syscalls.includes(event.type)) return false;
  if (!wantsResult(kind, event.result) || !wantsFlags(kind, event.openFlags)) return false;
  if (!wantsPath(kind.paths, event.paths) || !wantsPort(kind.ports, event.ports)) return false;
  if (!wantsAddress(kind.addresses, event.addresses)) return false;
  return event.processKinds === undefined || UNMASKED.has(event.kind) || event.processKinds.has(event.kind);
}

function wantsResult({ result }: KindPlan, returned: number | undefined): boolean {
  if (result === 'any' || returned === undefined) return true;
  if (result === 'success') return returned >= 0 || returned === EINPROGRESS;
  return returned < 0;
}

function wantsFlags({ openFlagsAny }: KindPlan, flags: number | undefined): boolean {
  return openFlagsAny === 0 || flags === undefined || (flags & openFlagsAny) !== 0;
}

function wantsPath(filters: readonly PathFilter[] | undefined, paths: readonly string[] | undefined): boolean {
  if (filters === undefined || paths === undefined) return true;
  return paths.some((path) => {
    const components = componentsOf(path);
    return filters.some(({ components: wanted, below }) => {
      const fits = below ? components.length >= wanted.length : components.length === wanted.length;
      return fits && wanted.every((component, place) => components[place] === component);
    });
  });
}

function wantsPort(wanted: readonly number[] | undefined, ports: readonly number[] | undefined): boolean {
  return wanted === undefined || ports === undefined || ports.some((port) => wanted.includes(port));
}

function wantsAddress(wanted: readonly AddressFilter[] | undefined, addresses: readonly string[] | undefined): boolean {
  if (wanted === undefined || addresses === undefined) return true;
  return addresses.some((address) => wanted.some((filter) => liesIn(address, filter)));
}

function liesIn(address: string, { bytes, bits }: AddressFilter): boolean {
  if (address.length !== bytes.length) return false;
  return bytes.every((byte, place) => {
    const kept = Math.min(Math.max(bits - place * 8, 0), 8);
    return (address.charCodeAt(place) ^ byte) >> (8 - kept) === 0;
  });
}

export function componentsOf(path: string): readonly string[] {
  return path.split('/').filter((component) => component !== '');
}

/** What one condition needs of one kind; undefined if no event of the kind can make it true. */
export interface Needs {
  readonly success: boolean;
  readonly failure: boolean;
  readonly openFlagsAny: number | undefined;
  readonly paths: readonly PathFilter[] | undefined;
  readonly ports: readonly number[] | undefined;
  readonly addresses: readonly AddressFilter[] | undefined;
}

export function needsOf<C>(condition: Formula<C>, kind: CollectedKind, normalizer: Normalizer<C>): Needs | undefined {
  const formula = specialize(condition, EVENT_TYPES[kind], normalizer);
  if (isFalse(formula)) return undefined;
  const failure = isPossible(formula, kind, 'failure', normalizer);
  // A call in progress passes as a success, so that is wanted where nothing but it can match.
  const success =
    isPossible(formula, kind, 'success', normalizer) ||
    (!failure && isPossible(formula, kind, 'in-progress', normalizer));
  if (!success && !failure) return undefined;
  return {
    success,
    failure,
    openFlagsAny: kind === 'open' ? cover(formula, FLAG_COVERS, flagCover) : undefined,
    paths: cover(formula, PATH_COVERS, pathCover),
    ports: cover(formula, PORT_COVERS, portCover),
    addresses: cover(formula, ADDRESS_COVERS, addressCover),
  };
}

/**
 * The formula for events of some types: comparisons of the type that all of them decide alike are decided, and so are
 * comparisons of evt.num that hold for every number from 1 on, or for none.
 */
export function specialize<C>(condition: Formula<C>, types: readonly string[], normalizer: Normalizer<C>): Formula<C> {
  return normalizer.map(condition, (literal) => {
    const values = readsField(literal, 'evt.type') ? types : eventNumbers(literal);
    const outcomes = new Set(values.map((value) => outcome(literal, value)));
    const [only] = outcomes;
    return outcomes.size === 1 && only !== undefined ? only : literal;
  });
}

/** Event numbers of every class that a comparison can tell apart; none for other fields. */
function eventNumbers<C>(literal: Literal<C>): readonly (number | bigint)[] {
  return readsField(literal, 'evt.num') ? (numbersBetween(literal.atom, 1, UINT64_MAX) ?? []) : [];
}

function isPossible<C>(formula: Formula<C>, kind: EventKind, result: CallResult, normalizer: Normalizer<C>): boolean {
  const supposed = normalizer.map(formula, (literal) => {
    const { left } = literal.atom;
    if (left.kind !== 'field' || left.argument !== undefined) return true;
    const values = resultValues(left.def.name, literal.atom, kind, result);
    return values === undefined || values.some((value) => outcome(literal, value) !== false);
  });
  return !isFalse(supposed);
}

/** Whether a literal holds for a value of its field; undefined where that does not decide it. */
function outcome<C>(literal: Literal<C>, value: FieldValue | undefined): boolean | undefined {
  const holds = holdsFor(literal.atom, value);
  return holds === undefined ? undefined : holds !== literal.negated;
}

function readsField<C>(literal: Literal<C>, name: string): boolean {
  const { left, test } = literal.atom;
  return left.kind === 'field' && left.def.name === name && left.argument === undefined && test.kind !== 'field';
}

function isFalse<C>(formula: Formula<C>): boolean {
  return formula.kind === 'constant' && !formula.value;
}

/** Step 3 of the proof. */
function cover<C, T>(
  formula: Formula<C>,
  algebra: Cover<T>,
  literalCover: (literal: Literal<C>) => T | undefined,
): T | undefined {
  switch (formula.kind) {
    case 'constant':
      return undefined;
    case 'literal':
      return literalCover(formula);
    case 'and': {
      let best: T | undefined;
      for (const child of formula.children) {
        const part = cover(child, algebra, literalCover);
        if (part !== undefined && (best === undefined || algebra.size(part) < algebra.size(best))) best = part;
      }
      return best;
    }
    case 'or': {
      let union: T | undefined;
      for (const child of formula.children) {
        const part = cover(child, algebra, literalCover);
        if (part === undefined) return undefined;
        union = union === undefined ? part : algebra.unite(union, part);
      }
      return union === undefined || algebra.size(union) > algebra.limit ? undefined : union;
    }
  }
}
