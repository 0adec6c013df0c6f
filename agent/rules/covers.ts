import type { AddressFilter, PathFilter } from '../events/plan.ts';
import { Network } from './addresses.ts';
import type { Constant } from './literals.ts';
import type { Literal } from './normalize.ts';

/** Sets of what an event's property must hold one of. */
export interface Cover<T> {
  unite(a: T, b: T): T;
  size(cover: T): number;
  /** Larger sets are not worth a filter. */
  readonly limit: number;
}

/** Bits of an open's flags argument. */
export const FLAG_COVERS: Cover<number> = {
  unite: (a, b) => a | b,
  size: (bits) => bits.toString(2).replaceAll('0', '').length,
  limit: 32,
};

export const PATH_COVERS: Cover<readonly PathFilter[]> = {
  unite: (a, b) => [...a, ...b],
  size: (paths) => paths.length,
  limit: 10_000,
};

export const PORT_COVERS: Cover<readonly number[]> = {
  unite: (a, b) => [...new Set([...a, ...b])],
  size: (ports) => ports.length,
  limit: 1_000,
};

export const ADDRESS_COVERS: Cover<readonly AddressFilter[]> = {
  unite: (a, b) => [...a, ...b],
  size: (addresses) => addresses.length,
  limit: 1_000,
};

/** O_WRONLY and O_RDWR; O_CREAT; __O_TMPFILE, which has this value on every architecture that is supported. */
const WRITING = 0x1 | 0x2;
const CREATING = 0x40 | 0x40_0000;

const BOOLEAN_FLAGS: ReadonlyMap<string, number> = new Map([
  ['evt.is_open_write', WRITING],
  ['evt.is_open_create', CREATING],
  ['evt.is_open_exec', CREATING],
]);

/** Names of evt.arg.flags that can only be there if one of these bits is in the argument. */
const NAMED_FLAGS: ReadonlyMap<string, number> = new Map([
  ['O_WRONLY', 0x1],
  ['O_RDWR', 0x2],
  ['O_CREAT', 0x40],
  ['O_EXCL', 0x80],
  ['O_TRUNC', 0x200],
  ['O_APPEND', 0x400],
  ['O_TMPFILE', 0x40_0000],
]);

/** Bits of which one must be set where the literal is true. */
export function flagCover<C>(literal: Literal<C>): number | undefined {
  const field = plainField(literal);
  if (field === undefined) return undefined;
  const { name, operator, constants } = field;
  if (literal.negated) return undefined;
  if (operator === '=' && constants[0] === true) return BOOLEAN_FLAGS.get(name);
  return name === 'evt.arg.flags' && operator === 'contains' ? NAMED_FLAGS.get(String(constants[0])) : undefined;
}

const PATH_FIELDS: ReadonlySet<string> = new Set([
  'fd.name',
  'fd.nameraw',
  'fs.path.name',
  'fs.path.nameraw',
  'fs.path.source',
  'fs.path.sourceraw',
  'fs.path.target',
  'fs.path.targetraw',
]);

/** Paths of which one must be the event's, or above it, where the literal is true. */
export function pathCover<C>(literal: Literal<C>): readonly PathFilter[] | undefined {
  const field = plainField(literal);
  if (field === undefined || literal.negated) return undefined;
  const { name, operator, constants } = field;
  if (constants.some((constant) => typeof constant !== 'string')) return undefined;
  const texts = constants.map(String);
  if (name === 'fd.directory') {
    const equality = (operator === '=' || operator === 'in') && texts.every((text) => text.startsWith('/'));
    return equality ? texts.map((text) => pathFilter(text, true)) : undefined;
  }
  if (!PATH_FIELDS.has(name)) return undefined;
  switch (operator) {
    case '=':
    case 'in':
      return texts.map((text) => pathFilter(text, false));
    case 'startswith':
    case 'glob':
      return texts.map((text) => pathFilter(wholeComponents(text), true));
    case 'pmatch':
      return texts.map((text) => pathFilter(wholeComponents(`${text}/`), true));
    default:
      return undefined;
  }
}

/** The part of a text before its first incomplete or wildcard component. */
function wholeComponents(text: string): string {
  const literal = /^[^?*[\\]*/.exec(text)?.[0] ?? '';
  return literal.slice(0, literal.lastIndexOf('/') + 1);
}

function pathFilter(text: string, below: boolean): PathFilter {
  return { components: text.split('/').filter((component) => component !== ''), below };
}

const PORT_FIELDS: ReadonlySet<string> = new Set(['fd.port', 'fd.cport', 'fd.sport', 'fd.lport', 'fd.rport']);

/** Ports of which one must be the event's where the literal is true. */
export function portCover<C>(literal: Literal<C>): readonly number[] | undefined {
  const field = plainField(literal);
  if (field === undefined || literal.negated || !PORT_FIELDS.has(field.name)) return undefined;
  if (field.operator !== '=' && field.operator !== 'in') return undefined;
  return field.constants.every((constant) => typeof constant === 'number') ? field.constants.map(Number) : undefined;
}

const ADDRESS_FIELDS: ReadonlySet<string> = new Set(
  ['', 'c', 's', 'l', 'r'].flatMap((end) => [`fd.${end}ip`, `fd.${end}net`]),
);

/** Prefixes in one of which some address of the event must lie where the literal is true. */
export function addressCover<C>(literal: Literal<C>): readonly AddressFilter[] | undefined {
  const field = plainField(literal);
  if (field === undefined || literal.negated || !ADDRESS_FIELDS.has(field.name)) return undefined;
  if (field.operator !== '=' && field.operator !== 'in') return undefined;
  const filters = field.constants.map(addressFilter);
  return filters.every((filter) => filter !== undefined) ? filters : undefined;
}

function addressFilter(constant: Constant): AddressFilter | undefined {
  const address = constant instanceof Network ? constant.address : constant;
  if (typeof address !== 'string') return undefined;
  const bytes = Array.from(address, (char) => char.charCodeAt(0));
  return { bytes, bits: constant instanceof Network ? constant.bits : bytes.length * 8 };
}

interface PlainField {
  /** With a dotted argument. */
  readonly name: string;
  readonly operator: string;
  readonly constants: readonly Constant[];
}

/** A field without transformers, compared with constants; `in`, or `anyof` with equality, has several. */
function plainField<C>(literal: Literal<C>): PlainField | undefined {
  const { left, test } = literal.atom;
  if (left.kind !== 'field' || left.list) return undefined;
  const dotted = left.def.argument?.dotted === true && typeof left.argument === 'string';
  if (left.argument !== undefined && !dotted) return undefined;
  const name = dotted ? `${left.def.name}.${left.argument}` : left.def.name;
  if (test.kind === 'one') return { name, operator: test.operator.name, constants: [test.constant] };
  return test.kind === 'set' ? { name, operator: test.operator.name, constants: test.constants } : undefined;
}
