import { parametersOf } from '../decode/parameters/table.ts';
import { textToBytes } from '../events/bytestring.ts';
import type { EventKind } from '../events/kinds.ts';
import type { FieldCatalogue, FieldDef, FieldScalar, FieldValue } from '../fields/field.ts';
import { parseLiteral } from '../rules/literals.ts';
import { nearestName } from '../rules/nearest.ts';
import { nearestField, resolveFieldText } from '../rules/resolve-field.ts';
import type { Span } from '../rules/source-text.ts';
import { familyOf } from '../rules/types.ts';
import type { YamlNode } from '../rules/yaml-node.ts';
import { derive } from './derivations.ts';
import type { GivenField } from './document.ts';
import { refuse } from './fault.ts';
import { type GivenEvent, type GivenValues, keyOf, kindOfType, knownTypes } from './given-event.ts';

/** Longest list of a list field, so that an alias cannot blow up. */
const ELEMENTS_MAX = 10_000;

/** Fields whose text is made of parts that rules can also ask for one by one. */
const SPLIT: ReadonlySet<string> = new Set(['proc.args', 'proc.aargs', 'proc.env']);

/**
 * Makes an event of the fields that a test gives. Later fields replace earlier ones. Each must be known, of the right
 * type, and one that this kind of event can have: else the test could never come true on a machine.
 */
export function readEvent<C>(fields: readonly GivenField[], span: Span, catalogue: FieldCatalogue<C>): GivenEvent {
  const type = typeOf(fields, span);
  const kind = kindOfType(type.text);
  if (kind === undefined) {
    const nearest = nearestName(type.text, knownTypes());
    return refuse(`'${type.text}' is no event of this build`, type.span, nearest === undefined ? {} : { nearest });
  }
  const values: GivenValues = new Map();
  for (const field of fields) readField(field, type.text, kind, catalogue, values);
  derive(type.text, kind, values);
  return { event: { kind, type: type.text }, values };
}

function typeOf(fields: readonly GivenField[], span: Span): { readonly text: string; readonly span: Span } {
  const given = fields.findLast(({ name }) => name === 'evt.type');
  if (given?.value.kind === 'scalar' && !given.value.isNull) return { text: given.value.text, span: given.span };
  return refuse(`an event without 'evt.type'`, given?.span ?? span, { expected: `such as 'evt.type: openat'` });
}

function readField<C>(
  { name, value, span }: GivenField,
  type: string,
  kind: EventKind,
  catalogue: FieldCatalogue<C>,
  values: GivenValues,
): void {
  const resolved = resolveFieldText(catalogue, textToBytes(name));
  if (!resolved.ok) {
    const nearest = nearestField(catalogue, name);
    return refuse(`unknown field '${name}'`, span, nearest === undefined ? {} : { nearest });
  }
  const { def, argument } = resolved;
  if (def.kinds !== undefined && !def.kinds.includes(kind)) {
    refuse(`${type} never has '${name}'`, span, { expected: `it with one of ${def.kinds.join(', ')}` });
  }
  if (def.name === 'evt.arg' || def.name === 'evt.rawarg') checkParameter(argument, name, type, span);
  const key = keyOf(def.name, argument);
  const read = valueOf(value, def, resolved.type, name);
  values.set(key, read);
  if (Array.isArray(read) && SPLIT.has(def.name)) spread(def.name, read, values);
}

function checkParameter(argument: string | number | undefined, name: string, type: string, span: Span): void {
  const { byName } = parametersOf(type);
  if (typeof argument !== 'string' || byName.has(argument)) return;
  const nearest = nearestName(argument, byName.keys());
  const expected = byName.size === 0 ? 'no parameter' : `one of ${[...byName.keys()].join(', ')}`;
  refuse(`${type} has no parameter for '${name}'`, span, nearest === undefined ? { expected } : { expected, nearest });
}

/** A list of arguments is their text, and each of them by its position; of an environment also by its name. */
function spread(field: string, parts: readonly FieldScalar[], values: GivenValues): void {
  values.set(field, parts.join(' '));
  for (const [place, part] of parts.entries()) {
    values.set(keyOf(field, place), part);
    const [name = '', ...rest] = String(part).split('=');
    if (field === 'proc.env') values.set(keyOf(field, name), rest.join('='));
  }
}

function valueOf<C>(node: YamlNode, def: FieldDef<C>, type: string, name: string): FieldValue | undefined {
  if (node.kind === 'scalar') return node.isNull ? undefined : listed(def, scalarOf(node.text, type, name, node.span));
  const takesList = def.list === true || def.candidates !== undefined || SPLIT.has(def.name);
  if (node.kind !== 'sequence' || !takesList) {
    return refuse(`'${name}' takes ${takesList ? 'a value or a list of values' : 'one value'}`, node.span, {
      found: `a ${node.kind === 'sequence' ? 'list' : 'mapping'}`,
    });
  }
  if (node.items.length > ELEMENTS_MAX) refuse(`'${name}' has more than ${ELEMENTS_MAX} values`, node.span);
  return node.items.map((item) => {
    if (item.kind !== 'scalar') return refuse(`a value of '${name}' must be single`, item.span);
    return scalarOf(item.text, type, name, item.span);
  });
}

/** One value of a field that has many. */
function listed<C>(def: FieldDef<C>, value: FieldScalar): FieldValue {
  return def.list === true || def.candidates !== undefined ? [value] : value;
}

/** Networks are compared with addresses, so an address is what the field holds. */
function scalarOf(text: string, type: string, name: string, span: Span): FieldScalar {
  const family = familyOf(type);
  if (family === 'text' || family === 'bytes') return textToBytes(text);
  const literal = parseLiteral(textToBytes(text), type === 'IPNET' ? 'IPADDR' : type === 'FSRELPATH' ? 'FSPATH' : type);
  if (literal.ok && typeof literal.value !== 'object') return literal.value;
  const expected = literal.ok ? undefined : literal.expected;
  return refuse(
    `'${text}' is no value of '${name}'`,
    span,
    expected === undefined ? { expected: `a ${type}` } : { expected },
  );
}
