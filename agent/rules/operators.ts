import type { ByteString } from '../events/bytestring.ts';
import type { FieldScalar } from '../fields/field.ts';
import { Network } from './addresses.ts';
import { type Code, code } from './emit/code.ts';
import { compileGlob, lower } from './glob.ts';
import { type Constant, type LiteralResult, parseHex, parseLiteral } from './literals.ts';
import { PathTrie } from './path-trie.ts';
import { compileRegex } from './regex.ts';
import type { Family } from './types.ts';

/** What one literal becomes once and for all when a rule is compiled; `test` then takes it. */
export type Prepared = unknown;

/** How an operator compares one value of a family with one prepared literal. */
export interface Comparison {
  /** Reads the literal; absent: as a value of the field's type. */
  readonly prepare?: (literal: ByteString, type: string) => PreparedResult;
  /** What a value of another field becomes in place of a literal; absent: the operator takes no fields. */
  readonly fromField?: (value: FieldScalar) => Prepared;
  readonly test: (value: FieldScalar, prepared: Prepared) => boolean;
  /** An expression that is true where `test` is; `value` is never absent. */
  readonly emit: (value: Code, prepared: Code) => Code;
}

export type PreparedResult =
  | { readonly ok: true; readonly value: Prepared }
  | Extract<LiteralResult, { readonly ok: false }>;

/** How an operator compares one value of a family with a whole list of literals. */
export interface SetComparison {
  /** Membership by plain equality, so that few alternatives can be compared one by one. */
  readonly plain?: boolean;
  readonly prepare: (constants: readonly Constant[]) => Prepared;
  readonly test: (value: FieldScalar, prepared: Prepared) => boolean;
  readonly emit: (value: Code, prepared: Code) => Code;
}

/** The one definition of an operator. */
export interface Operator {
  readonly name: string;
  /** Families of single values that it takes, each with how it compares one value with one literal. */
  readonly single?: Partial<Record<Family, Comparison>>;
  /** Families that it takes with a list of literals on the right. */
  readonly set?: Partial<Record<Family, SetComparison>>;
  /** On fields with many values: true if every one, or some one, is among the literals. */
  readonly lists?: 'every' | 'some';
  /** With candidates (both ends, any ancestor): true if some one fits, or only if all do. */
  readonly bothEnds: 'some' | 'every' | 'never';
}

const same: Pick<Comparison, 'fromField'> = { fromField: (value) => value };

const text = (
  test: (value: ByteString, literal: ByteString) => boolean,
  emit: (value: Code, literal: Code) => Code,
): Comparison => ({ ...same, test: (value, literal) => test(String(value), String(literal)), emit });

const equal: Comparison = {
  ...same,
  // biome-ignore lint/suspicious/noDoubleEquals: numbers and bigints of one value are equal
  test: (value, literal) => value == literal,
  emit: (value, literal) => code`${value} == ${literal}`,
};
const different: Comparison = {
  ...same,
  // biome-ignore lint/suspicious/noDoubleEquals: numbers and bigints of one value are equal
  test: (value, literal) => value != literal,
  emit: (value, literal) => code`${value} != ${literal}`,
};
const equalText = text(
  (value, literal) => value === literal,
  (value, literal) => code`${value} === ${literal}`,
);
const differentText = text(
  (value, literal) => value !== literal,
  (value, literal) => code`${value} !== ${literal}`,
);
const inNetwork: Comparison = {
  test: (value, network) => network instanceof Network && network.contains(value),
  emit: (value, network) => code`${network}.contains(${value})`,
};
const outsideNetwork: Comparison = {
  test: (value, network) => network instanceof Network && !network.contains(value),
  emit: (value, network) => code`!${network}.contains(${value})`,
};

/** Orders of numbers; on text the order of bytes. */
function order(
  test: (value: FieldScalar, literal: FieldScalar) => boolean,
  emit: (value: Code, literal: Code) => Code,
): Partial<Record<Family, Comparison>> {
  const comparison: Comparison = { ...same, test: (value, literal) => test(value, literal as FieldScalar), emit };
  return { number: comparison, text: comparison };
}

const contains = text(
  (value, literal) => value.includes(literal),
  (value, literal) => code`${value}.includes(${literal})`,
);
const startsWith = text(
  (value, literal) => value.startsWith(literal),
  (value, literal) => code`${value}.startsWith(${literal})`,
);
const endsWith = text(
  (value, literal) => value.endsWith(literal),
  (value, literal) => code`${value}.endsWith(${literal})`,
);
const hex = (comparison: Comparison): Comparison => ({ ...comparison, prepare: (literal) => parseHex(literal) });

type Matches = (value: ByteString) => boolean;

/** Operators whose literal becomes a function of the value. */
function pattern(compile: (literal: ByteString) => PreparedResult, fields: boolean): Comparison {
  const fromField = (value: FieldScalar): Prepared => {
    const compiled = compile(String(value));
    return compiled.ok ? compiled.value : () => false;
  };
  return {
    prepare: (literal, type) => {
      const parsed = parseLiteral(literal, type);
      return parsed.ok ? compile(literal) : parsed;
    },
    ...(fields ? { fromField } : {}),
    test: (value, matches) => (matches as Matches)(String(value)),
    emit: (value, matches) => code`${matches}(${value})`,
  };
}

const glob = (fold: boolean): Comparison =>
  pattern((literal) => ({ ok: true, value: compileGlob(literal, fold) }), true);
const regex = pattern((literal) => {
  const compiled = compileRegex(literal);
  return compiled.ok ? { ok: true, value: compiled.matches } : compiled;
}, false);

const containsFolded: Comparison = {
  prepare: (literal, type) => {
    const parsed = parseLiteral(literal, type);
    return parsed.ok ? { ok: true, value: new FoldedText(literal) } : parsed;
  },
  fromField: (value) => new FoldedText(String(value)),
  test: (value, folded) => folded instanceof FoldedText && folded.isIn(String(value)),
  emit: (value, folded) => code`${folded}.isIn(${value})`,
};

/** Text to look for regardless of ASCII case. */
class FoldedText {
  private readonly text: ByteString;

  constructor(text: ByteString) {
    this.text = lower(text);
  }

  isIn(value: ByteString): boolean {
    return lower(value).includes(this.text);
  }
}

/** A number or boolean as a key of a set: bigints that are exact as numbers become numbers. */
export function scalarKey(value: unknown): unknown {
  if (typeof value !== 'bigint') return typeof value === 'boolean' ? Number(value) : value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

class ScalarSet {
  private readonly keys: ReadonlySet<unknown>;

  constructor(constants: readonly Constant[]) {
    this.keys = new Set(constants.map(scalarKey));
  }

  has(value: unknown): boolean {
    return this.keys.has(scalarKey(value));
  }
}

class NetworkSet {
  private readonly networks: readonly Network[];

  constructor(constants: readonly Constant[]) {
    this.networks = constants.filter((constant) => constant instanceof Network);
  }

  has(value: unknown): boolean {
    return this.networks.some((network) => network.contains(value));
  }
}

interface Membership {
  has(value: unknown): boolean;
}

function membership(create: (constants: readonly Constant[]) => Membership, plain: boolean): SetComparison {
  return {
    plain,
    prepare: create,
    test: (value, set) => (set as Membership).has(value),
    emit: (value, set) => code`${set}.has(${value})`,
  };
}

const textSet = membership((constants) => new Set<unknown>(constants), true);
const scalarSet = membership((constants) => new ScalarSet(constants), true);

const members: Partial<Record<Family, SetComparison>> = {
  text: textSet,
  bytes: textSet,
  address: textSet,
  number: scalarSet,
  boolean: scalarSet,
  network: membership((constants) => new NetworkSet(constants), false),
};

const paths: SetComparison = {
  prepare: (constants) => new PathTrie(constants.map(String)),
  test: (value, trie) => trie instanceof PathTrie && trie.matches(String(value)),
  emit: (value, trie) => code`${trie}.matches(${value})`,
};

export const OPERATORS: readonly Operator[] = [
  {
    name: '=',
    single: {
      number: equal,
      boolean: equal,
      text: equalText,
      bytes: equalText,
      address: equalText,
      network: inNetwork,
    },
    bothEnds: 'some',
  },
  {
    name: '!=',
    single: {
      number: different,
      boolean: different,
      text: differentText,
      bytes: differentText,
      address: differentText,
      network: outsideNetwork,
    },
    bothEnds: 'every',
  },
  {
    name: '<',
    single: order(
      (a, b) => a < b,
      (a, b) => code`${a} < ${b}`,
    ),
    bothEnds: 'some',
  },
  {
    name: '<=',
    single: order(
      (a, b) => a <= b,
      (a, b) => code`${a} <= ${b}`,
    ),
    bothEnds: 'some',
  },
  {
    name: '>',
    single: order(
      (a, b) => a > b,
      (a, b) => code`${a} > ${b}`,
    ),
    bothEnds: 'some',
  },
  {
    name: '>=',
    single: order(
      (a, b) => a >= b,
      (a, b) => code`${a} >= ${b}`,
    ),
    bothEnds: 'some',
  },
  { name: 'contains', single: { text: contains, bytes: contains }, bothEnds: 'never' },
  { name: 'icontains', single: { text: containsFolded }, bothEnds: 'never' },
  { name: 'bcontains', single: { bytes: hex(contains) }, bothEnds: 'never' },
  { name: 'startswith', single: { text: startsWith, bytes: startsWith }, bothEnds: 'never' },
  { name: 'bstartswith', single: { bytes: hex(startsWith) }, bothEnds: 'never' },
  { name: 'endswith', single: { text: endsWith, bytes: endsWith }, bothEnds: 'never' },
  { name: 'glob', single: { text: glob(false) }, bothEnds: 'never' },
  { name: 'iglob', single: { text: glob(true) }, bothEnds: 'never' },
  { name: 'regex', single: { text: regex }, bothEnds: 'never' },
  { name: 'in', set: members, lists: 'every', bothEnds: 'some' },
  { name: 'intersects', set: members, lists: 'some', bothEnds: 'never' },
  { name: 'pmatch', set: { text: paths }, bothEnds: 'never' },
];

const BY_NAME: ReadonlyMap<string, Operator> = new Map([
  ...OPERATORS.map((operator) => [operator.name, operator] as const),
  ...OPERATORS.filter(({ name }) => name === '=').map((operator) => ['==', operator] as const),
]);

export function findOperator(name: string): Operator | undefined {
  return BY_NAME.get(name);
}

/** Whether an operator may compare a field of this family; fields with many values only take `in` and `intersects`. */
export function isComparable(operator: Operator, family: Family, list: boolean): boolean {
  if (list) return operator.lists !== undefined;
  return operator.single?.[family] !== undefined || operator.set?.[family] !== undefined;
}

const FAMILY_WORDS: Record<Family, string> = {
  number: 'numbers',
  boolean: 'true and false',
  text: 'texts',
  bytes: 'bytes',
  address: 'addresses',
  network: 'networks',
  other: 'values of this type',
};

export function notComparable(operator: Operator, family: Family, list: boolean): string {
  return `'${operator.name}' does not compare ${list ? 'lists' : FAMILY_WORDS[family]}`;
}
