import { type ByteString, textToBytes } from '../events/bytestring.ts';
import type { Detail, ErrorCode } from './diagnostics.ts';
import { nearestName } from './nearest.ts';
import type { Span } from './source-text.ts';
import { shownText } from './strings.ts';
import { valueOf, type YamlMapping, type YamlNode, type YamlScalar } from './yaml-node.ts';

/** What is wrong with an item; raised while it is read, turned into an error value where items are walked. */
export class ItemFault extends Error {
  readonly code: ErrorCode;
  readonly detail: Detail;
  readonly span: Span;
  constructor(code: ErrorCode, detail: Detail, span: Span) {
    super(detail.message);
    this.code = code;
    this.detail = detail;
    this.span = span;
  }
}

export function structureFault(message: string, span: Span, detail: Omit<Detail, 'message'> = {}): never {
  throw new ItemFault('LOAD_ERR_YAML_VALIDATE', { message, ...detail }, span);
}

export function definitionFault(message: string, span: Span, detail: Omit<Detail, 'message'> = {}): never {
  throw new ItemFault('LOAD_ERR_VALIDATE', { message, ...detail }, span);
}

/** A scalar that must be there and not be empty. */
export function requiredScalar(item: YamlMapping, key: string): YamlScalar {
  const node = valueOf(item, key);
  if (node === undefined) return missingKey(item, key);
  return filledScalar(node, key);
}

/** A scalar that may be missing, but not be empty. */
export function optionalScalar(item: YamlMapping, key: string): YamlScalar | undefined {
  const node = valueOf(item, key);
  return node === undefined ? undefined : filledScalar(node, key);
}

/** A key of another name may be what was meant: then that one is named. */
export function missingKey(item: YamlMapping, key: string): never {
  const written = nearestName(
    key,
    item.pairs.map((pair) => pair.key),
  );
  const detail = written === undefined ? {} : { found: shownText(written), expected: `'${key}'` };
  return structureFault(`the key '${key}' is missing`, item.span, detail);
}

/** What a node is, in words for those who write YAML. */
export function nodeWord(node: YamlNode): string {
  if (node.kind === 'sequence') return 'list';
  return node.kind === 'mapping' ? 'mapping of keys' : 'single value';
}

function filledScalar(node: YamlNode, key: string): YamlScalar {
  if (node.kind !== 'scalar') {
    return structureFault(`'${key}' takes one value`, node.span, {
      found: `a ${nodeWord(node)}`,
      expected: 'text or a number',
    });
  }
  if (node.isNull) return structureFault(`'${key}' has no value`, node.span);
  if (node.text === '') return structureFault(`'${key}' is empty`, node.span);
  return node;
}

export function requiredText(item: YamlMapping, key: string): ByteString {
  return textToBytes(requiredScalar(item, key).text);
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  [
    ['y', 'yes', 'true', 'on'].map((word) => [word, true] as const),
    ['n', 'no', 'false', 'off'].map((word) => [word, false] as const),
  ]
    .flat()
    .flatMap(([word, value]) => [
      [word, value] as const,
      [word.toUpperCase(), value] as const,
      [word.charAt(0).toUpperCase() + word.slice(1), value] as const,
    ]),
);

export function toBoolean(scalar: YamlScalar): boolean {
  const value = BOOLEANS.get(scalar.text);
  if (value !== undefined) return value;
  return structureFault('the value is neither true nor false', scalar.span, {
    found: shownText(scalar.text),
    expected: 'true or false',
  });
}

export function optionalBoolean(item: YamlMapping, key: string): boolean | undefined {
  const scalar = optionalScalar(item, key);
  return scalar === undefined ? undefined : toBoolean(scalar);
}

const UINT32_MAX = 0xffff_ffff;

/** A whole number as upstream's YAML reader takes it: decimal, hexadecimal with 0x, octal with 0. */
export function parseUint32(text: string): number | undefined {
  const match = /^\+?(?:(0[xX][0-9a-fA-F]+)|0([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (match === null) return undefined;
  const [, hexadecimal, octal, decimal] = match;
  const value = octal === undefined ? Number(hexadecimal ?? decimal) : Number.parseInt(octal, 8);
  return value <= UINT32_MAX ? value : undefined;
}

export function toUint32(scalar: YamlScalar): number {
  const value = parseUint32(scalar.text);
  if (value !== undefined) return value;
  return structureFault('the value is no number that fits', scalar.span, {
    found: shownText(scalar.text),
    expected: `a whole number from 0 to ${UINT32_MAX}`,
  });
}

export function optionalUint32(item: YamlMapping, key: string): number | undefined {
  const scalar = optionalScalar(item, key);
  return scalar === undefined ? undefined : toUint32(scalar);
}

/** Texts of a sequence of scalars. */
export function textSequence(node: YamlNode): readonly ByteString[] {
  if (node.kind !== 'sequence') {
    return structureFault('the value is no list', node.span, {
      found: `a ${nodeWord(node)}`,
      expected: 'a list such as [a, b]',
    });
  }
  return node.items.map((item) => {
    if (item.kind === 'scalar' && !item.isNull) return textToBytes(item.text);
    const found = item.kind === 'scalar' ? 'nothing' : `a ${nodeWord(item)}`;
    return structureFault('a list holds single values', item.span, { found, expected: 'text or a number' });
  });
}

export function requiredSequence(item: YamlMapping, key: string): readonly ByteString[] {
  const node = valueOf(item, key);
  if (node === undefined) return missingKey(item, key);
  return textSequence(node);
}
