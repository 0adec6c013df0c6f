import { type FieldResult, type FieldValue, PENDING } from '../../fields/field.ts';
import { finish, type Steps } from '../../lib/steps.ts';
import {
  type Atom,
  atomFields,
  type CallValue,
  type FieldValueNode,
  type TupleValue,
  type Value,
} from '../condition.ts';
import { argumentValue, tupleValue } from '../evaluate.ts';
import type { Formula, Literal } from '../normalize.ts';
import { cheapFirst, isCheap } from '../order.ts';
import { emitAtom } from './atom.ts';
import { Code, code } from './code.ts';

/** Whether a condition holds for the event of a context. */
export type Predicate<C> = (context: C) => boolean;

/**
 * Generated functions that share what they read: within one event every field is read, and every comparison that
 * stands more than once is made, at most once. `begin` opens the next event; between two calls of it, all functions
 * must be given the same context in the same state.
 */
export interface Program<C> {
  begin(): void;
  readonly conditions: readonly Predicate<C>[];
  /** False where a literal's outcome may still change is never given: a pending value can be anything. */
  readonly possibilities: readonly (Predicate<C> | undefined)[];
  /** Outcomes of the asked comparisons as bits, the first the lowest. */
  readonly signature: (context: C) => number;
  /** Values of the asked fields; undefined where none was. */
  readonly key: (context: C) => FieldResult;
  readonly stableKey: (context: C) => FieldResult;
  /** The generated text, for tests and for the curious. */
  readonly source: string;
}

/** One condition, and what of it must hold for it to be possible at all, as formulas of one normalizer. */
export interface Entry<C> {
  readonly condition: Formula<C>;
  /** Absent: always possible. */
  readonly possibility?: Formula<C>;
}

/** What a program is to tell beside its conditions. */
export interface Extras<C> {
  readonly signature?: readonly Atom<C>[];
  readonly key?: FieldValueNode<C> | undefined;
  readonly stableKey?: FieldValueNode<C> | undefined;
}

/** Compiles formulas to functions. */
export function compileProgram<C>(entries: readonly Entry<C>[], extras: Extras<C> = {}): Program<C> {
  return finish(programSteps(entries, extras));
}

/** The same in steps, condition by condition. */
export function programSteps<C>(entries: readonly Entry<C>[], extras: Extras<C> = {}): Steps<Program<C>> {
  return new Builder<C>().build(entries, extras);
}

/** Stamps wrap here, within V8's small integers; all stamps are then reset. */
const EPOCH_MAX = 0x3fff_ffff;

class Builder<C> {
  private readonly constants: unknown[] = [];
  private readonly constantNames = new Map<unknown, Code>();
  private readonly values = new Map<string, number>();
  private readonly shared = new Map<Formula<C> | string, number>();
  private readonly uses = new Map<Formula<C>, number>();
  private readonly atomUses = new Map<string, number>();
  private readonly costs = new Map<Formula<C>, number>();
  private readonly parts: Code[] = [];
  private readonly stamps: Code[] = [];
  private count = 0;

  *build(entries: readonly Entry<C>[], { signature = [], key, stableKey }: Extras<C>): Steps<Program<C>> {
    const counted = new Set<Formula<C>>();
    for (const { condition } of entries) this.countUses(condition, counted);
    for (const atom of signature) this.atomUses.set(atom.key, Number.POSITIVE_INFINITY);
    yield;
    const conditions: Code[] = [];
    for (const { condition } of entries) {
      conditions.push(this.predicate(this.formula(condition)));
      yield;
    }
    const possibilities: Code[] = [];
    for (const { possibility } of entries) {
      possibilities.push(possibility === undefined ? code`undefined` : this.predicate(this.possible(possibility)));
      yield;
    }
    const bits = signature.map((atom, place) => code`(${this.atom(atom)} ? ${Code.integer(1 << place)} : 0)`);
    const value = (field: FieldValueNode<C> | undefined): Code =>
      this.predicate(field === undefined ? code`undefined` : this.value(field));
    const looks = {
      signature: this.predicate(bits.length === 0 ? code`0` : Code.join(bits, code` | `)),
      key: value(key),
      stableKey: value(stableKey),
    };
    return this.instantiate(conditions, possibilities, looks);
  }

  private instantiate(
    conditions: readonly Code[],
    possibilities: readonly Code[],
    looks: { readonly signature: Code; readonly key: Code; readonly stableKey: Code },
  ): Program<C> {
    const newline = code`\n`;
    const names = this.constants.map((_, index) => Code.name('k', index));
    const resets = this.stamps.map((stamp) => code`${stamp} = -1;`);
    const source = code`"use strict";
const [${Code.join(names, code`, `)}] = constants;
let epoch = 0;
function begin() {
  epoch = epoch === ${Code.integer(EPOCH_MAX)} ? 0 : epoch + 1;
  if (epoch === 0) { ${Code.join(resets, code` `)} }
}
${Code.join(this.parts, newline)}
return {
  begin, signature: ${looks.signature}, key: ${looks.key}, stableKey: ${looks.stableKey},
  conditions: [${Code.join(conditions, code`, `)}], possibilities: [${Code.join(possibilities, code`, `)}],
};`;
    // The text is made of this module's own templates and of numbers; rule text is in `constants` alone.
    const instantiate = new Function('constants', 'PENDING', String(source)) as (
      constants: readonly unknown[],
      pending: typeof PENDING,
    ) => Omit<Program<C>, 'source'>;
    return { ...instantiate(this.constants, PENDING), source: String(source) };
  }

  /** How often each node stands in different places. */
  private countUses(formula: Formula<C>, seen: Set<Formula<C>>): void {
    this.uses.set(formula, (this.uses.get(formula) ?? 0) + 1);
    if (formula.kind === 'literal') {
      this.atomUses.set(formula.atom.key, (this.atomUses.get(formula.atom.key) ?? 0) + 1);
    }
    if (seen.has(formula)) return;
    seen.add(formula);
    if (formula.kind === 'and' || formula.kind === 'or') {
      for (const child of formula.children) this.countUses(child, seen);
    }
  }

  private predicate(expression: Code): Code {
    const name = Code.name('p', this.count++);
    this.parts.push(code`function ${name}(c) { let x, y; return ${expression}; }`);
    return name;
  }

  private formula(formula: Formula<C>): Code {
    if (formula.kind === 'constant') return formula.value ? code`true` : code`false`;
    if (formula.kind === 'literal') return this.literal(formula);
    if ((this.uses.get(formula) ?? 0) < 2) return this.junction(formula, (child) => this.formula(child));
    return this.memo(formula, () => this.junction(formula, (child) => this.formula(child)));
  }

  private junction(formula: Extract<Formula<C>, { kind: 'and' | 'or' }>, child: (node: Formula<C>) => Code): Code {
    const separator = formula.kind === 'and' ? code` && ` : code` || `;
    return code`(${Code.join(cheapFirst(formula, this.costs).map(child), separator)})`;
  }

  private literal(literal: Literal<C>): Code {
    const outcome = this.atom(literal.atom);
    return literal.negated ? code`!${outcome}` : outcome;
  }

  private atom(atom: Atom<C>): Code {
    const expression = (): Code => {
      const right = atom.test.kind === 'field' ? this.value(atom.test.right) : undefined;
      return emitAtom(atom, this.value(atom.left), right, (value) => this.constant(value));
    };
    const once = (this.atomUses.get(atom.key) ?? 0) < 2 || isCheap(atom);
    return once ? expression() : this.memo(atom.key, expression);
  }

  /** Where a value is pending, both outcomes are possible. */
  private possible(formula: Formula<C>): Code {
    if (formula.kind === 'constant') return formula.value ? code`true` : code`false`;
    if (formula.kind !== 'literal') return this.junction(formula, (child) => this.possible(child));
    const pending = [...atomFields(formula.atom)].map((field) => {
      const index = this.valueIndex(field);
      return code`(${Code.name('r', index)}(c), ${Code.name('v', index)})`;
    });
    return code`(${Code.join([this.literal(formula), ...pending], code` || `)})`;
  }

  /** A call of a function that keeps its outcome for the rest of the event. */
  private memo(key: Formula<C> | string, expression: () => Code): Code {
    let index = this.shared.get(key);
    if (index === undefined) {
      const body = expression();
      index = this.count++;
      this.shared.set(key, index);
      const [name, outcome, stamp] = [Code.name('n', index), Code.name('a', index), Code.name('t', index)];
      this.stamps.push(stamp);
      this.parts.push(code`let ${outcome} = false, ${stamp} = -1;
function ${name}(c) { if (${stamp} !== epoch) { let x, y; ${stamp} = epoch; ${outcome} = ${body}; } return ${outcome}; }`);
    }
    return code`${Code.name('n', index)}(c)`;
  }

  private value(value: Value<C>): Code {
    if (value.kind === 'text') return this.constant(value.value);
    return code`${Code.name('r', this.valueIndex(value))}(c)`;
  }

  /** A reader of a value; `v` says whether it was pending when it was read. */
  private valueIndex(value: Value<C>): number {
    const known = this.values.get(value.key);
    if (known !== undefined) return known;
    const read = this.read(value);
    const index = this.count++;
    this.values.set(value.key, index);
    const [name, kept, stamp] = [Code.name('r', index), Code.name('f', index), Code.name('t', index)];
    const pending = Code.name('v', index);
    this.stamps.push(stamp);
    this.parts.push(code`let ${kept}, ${stamp} = -1, ${pending} = false;
function ${name}(c) {
  if (${stamp} !== epoch) {
    const value = ${read};
    ${stamp} = epoch;
    ${pending} = value === PENDING;
    ${kept} = ${pending} ? undefined : value;
  }
  return ${kept};
}`);
    return index;
  }

  private read(value: Value<C>): Code {
    switch (value.kind) {
      case 'text':
        return this.constant(value.value);
      case 'field': {
        const argument = value.argument === undefined ? code`undefined` : this.constant(value.argument);
        return code`${this.constant(value.def)}.get(c, ${argument})`;
      }
      case 'call':
        return code`${this.constant(applyCall(value))}([${this.valueList(value.args)}])`;
      case 'tuple':
        return code`${this.constant(applyTuple(value))}([${this.valueList(value.items)}])`;
    }
  }

  private valueList(values: readonly Value<C>[]): Code {
    return Code.join(
      values.map((value) => this.value(value)),
      code`, `,
    );
  }

  private constant(value: unknown): Code {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return Code.integer(value);
    const known = this.constantNames.get(value);
    if (known !== undefined) return known;
    const name = Code.name('k', this.constants.length);
    this.constants.push(value);
    this.constantNames.set(value, name);
    return name;
  }
}

type Arguments = readonly (FieldValue | undefined)[];

function applyCall<C>(call: CallValue<C>): (values: Arguments) => FieldValue | undefined {
  return (values) => {
    const present: FieldValue[] = [];
    for (const [place, argument] of call.args.entries()) {
      const value = argumentValue(argument, values[place]);
      if (value === undefined) return undefined;
      present.push(value);
    }
    return call.apply(present);
  };
}

function applyTuple<C>(tuple: TupleValue<C>): (values: Arguments) => FieldValue | undefined {
  return (values) => tupleValue(tuple.items, values);
}
