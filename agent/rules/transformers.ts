import type { ByteString } from '../events/bytestring.ts';
import type { FieldValue } from '../fields/field.ts';
import { listOptions, selectOption } from './getopt.ts';
import { lower, upper } from './glob.ts';
import { familyOf } from './types.ts';

/** What is known of a value before there is one. */
export interface Shape {
  readonly type: string;
  readonly list: boolean;
  /** Name of the field inside, for messages; NA for literals and made values. */
  readonly label: string;
}

/** Gives the value of a call from the values of its arguments; undefined = absent. */
export type Apply = (args: readonly FieldValue[]) => FieldValue | undefined;

export type CallCheck =
  | { readonly ok: true; readonly type: string; readonly list: boolean; readonly apply: Apply }
  | { readonly ok: false; readonly error: string };

const refuse = (error: string): CallCheck => ({ ok: false, error });

/** Transformers of one value: whether they take a shape, what they make of it, and how. */
interface SimpleTransformer {
  readonly takes: (shape: Shape) => boolean;
  readonly text?: (text: ByteString) => ByteString | undefined;
}

const isText = ({ type }: Shape): boolean => familyOf(type) === 'text';

const SIMPLE: ReadonlyMap<string, SimpleTransformer> = new Map<string, SimpleTransformer>([
  ['tolower', { takes: isText, text: lower }],
  ['toupper', { takes: isText, text: upper }],
  ['b64', { takes: ({ type }) => type === 'CHARBUF' || type === 'BYTEBUF', text: decodeBase64 }],
  ['basename', { takes: isText, text: (text) => text.slice(text.lastIndexOf('/') + 1) }],
  ['len', { takes: (shape) => shape.list || isText(shape) || shape.type === 'BYTEBUF' }],
]);

/** Whether a call gives text that upstream ends with a counted NUL, which shows only where it is part of a list. */
export function endsWithNul(name: string): boolean {
  return SIMPLE.get(name)?.text !== undefined;
}

/** Checks a call other than val(): its name by the number of arguments, the arguments' types, the selector. */
export function checkCall(name: string, args: readonly Shape[], selector: ByteString | undefined): CallCheck {
  const [first] = args;
  if (first !== undefined && args.length === 1) return checkSimple(name, first, selector);
  switch (name) {
    case 'join':
      return withoutSelector(name, selector, checkJoin(args));
    case 'concat':
      return withoutSelector(name, selector, checkConcat(args));
    case 'getopt':
      return checkGetopt(args, selector);
    default:
      return refuse(`${name}() takes one argument`);
  }
}

function checkSimple(name: string, shape: Shape, selector: ByteString | undefined): CallCheck {
  if (selector !== undefined) return refuse(`${name}() takes no argument in brackets`);
  const transformer = SIMPLE.get(name);
  if (transformer === undefined) return refuse(`${name}() takes more than one argument`);
  if (!transformer.takes(shape)) {
    return refuse(`${name}() cannot take '${shape.label}', which is ${shape.list ? 'a list of ' : ''}${shape.type}`);
  }
  const { text } = transformer;
  if (text === undefined) return { ok: true, type: 'UINT64', list: false, apply: lengthOf(shape) };
  if (shape.list) return { ...shape, ok: true, apply: ([list]) => mapList(list, text) };
  if (shape.type === 'BYTEBUF') return { ...shape, ok: true, apply: ([bytes]) => nulEnded(text(stripNuls(bytes))) };
  return { ...shape, ok: true, apply: ([value]) => cut(text(stripNuls(value))) };
}

function lengthOf(shape: Shape): Apply {
  if (shape.list) return ([list]) => (Array.isArray(list) ? list.length : 0);
  if (shape.type === 'BYTEBUF') return ([bytes]) => String(bytes).length;
  return ([text]) => cut(String(text)).length;
}

function mapList(
  list: FieldValue | undefined,
  text: (text: ByteString) => ByteString | undefined,
): FieldValue | undefined {
  const result: ByteString[] = [];
  for (const element of Array.isArray(list) ? list : []) {
    const mapped = nulEnded(text(stripNuls(element)));
    if (mapped === undefined) return undefined;
    result.push(mapped);
  }
  return result;
}

function checkJoin(args: readonly Shape[]): CallCheck {
  const [separator, list] = args;
  if (separator === undefined || list === undefined || args.length !== 2) {
    return refuse('join() takes two arguments, what stands between and a list');
  }
  if (separator.list) return refuse('what join() puts between is one text, no list');
  if (!list.list) return refuse('what join() joins is a list');
  if (familyOf(separator.type) !== 'text' || familyOf(list.type) !== 'text') {
    return refuse('join() takes texts');
  }
  return {
    ok: true,
    type: 'CHARBUF',
    list: false,
    apply: ([by, values]) =>
      texts(values)
        .map(cut)
        .join(cut(String(by))),
  };
}

function checkConcat(args: readonly Shape[]): CallCheck {
  if (args.length < 2) return refuse('concat() takes two texts or more');
  if (args.some(({ type, list }) => type !== 'CHARBUF' || list)) return refuse('concat() takes single texts');
  return {
    ok: true,
    type: 'CHARBUF',
    list: false,
    apply: (values) => values.map((value) => cut(String(value))).join(''),
  };
}

function checkGetopt(args: readonly Shape[], selector: ByteString | undefined): CallCheck {
  const [list, optstring] = args;
  if (list === undefined || optstring === undefined || args.length !== 2) {
    return refuse('getopt() takes two arguments, a list of words and the known options');
  }
  if (!list.list) return refuse('getopt() reads a list of words');
  if (optstring.list) return refuse('the options that getopt() knows are one text, no list');
  if (list.type !== 'CHARBUF' || optstring.type !== 'CHARBUF') return refuse('getopt() takes texts');
  if (selector === undefined) {
    return {
      ok: true,
      type: 'CHARBUF',
      list: true,
      apply: ([values, options]) => listOptions(texts(values), String(options)),
    };
  }
  if (selector.length !== 1) return refuse('getopt() takes one letter in brackets');
  const apply: Apply = ([values, options]) => selectOption(texts(values), String(options), selector);
  return { ok: true, type: 'CHARBUF', list: false, apply };
}

function withoutSelector(name: string, selector: ByteString | undefined, check: CallCheck): CallCheck {
  if (!check.ok || selector === undefined) return check;
  return refuse(`${name}() takes no argument in brackets`);
}

function texts(values: FieldValue | undefined): readonly ByteString[] {
  return Array.isArray(values) ? values.map(String) : [];
}

function stripNuls(value: FieldValue | undefined): ByteString {
  return String(value).replace(/\0+$/, '');
}

/** Upstream's texts end at the first NUL. */
function cut<T extends ByteString | undefined>(text: T): T;
function cut(text: ByteString | undefined): ByteString | undefined {
  const end = text?.indexOf('\0') ?? -1;
  return end < 0 ? text : text?.slice(0, end);
}

/** Upstream ends transformed bytes and list elements with a NUL and counts it. */
export function nulEnded<T extends ByteString | undefined>(text: T): T;
export function nulEnded(text: ByteString | undefined): ByteString | undefined {
  return text === undefined || text.endsWith('\0') ? text : `${text}\0`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Decodes standard base64, padded or not; undefined for anything else, also for bits left over. */
function decodeBase64(text: ByteString): ByteString | undefined {
  const digits = text.replace(/=+$/, '');
  if (digits.length % 4 === 1) return undefined;
  let bytes = '';
  let bits = 0;
  let count = 0;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += String.fromCharCode((bits >> count) & 0xff);
  }
  return (bits & ((1 << count) - 1)) === 0 ? bytes : undefined;
}
