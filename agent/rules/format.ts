import type { FieldJson } from '../events/alert.ts';
import { type ByteString, bytesToText, textToBytes } from '../events/bytestring.ts';
import type { FieldCatalogue, FieldScalar, FieldValue } from '../fields/field.ts';
import { addressText } from '../lib/address.ts';
import type { ArgumentExpr, ValueExpr } from './ast.ts';
import { Checker } from './check.ts';
import type { Value } from './condition.ts';
import { argumentValue, candidatesOf, readValue } from './evaluate.ts';
import { NOT_AVAILABLE, type NumberFormat, scalarText, valueText } from './format-value.ts';
import { parseValue } from './parser.ts';
import { printValue } from './print.ts';

/** An output template, ready to be filled in. */
export interface Format<C> {
  /** The template as written, without a leading `*`. */
  readonly template: string;
  /** Keys of the output fields, in order: every field, and every field inside a transformer. */
  readonly fields: readonly string[];
  /**
   * Fills in the template. `complete` is false if a value was absent: it then reads `<NA>`, or the text ends there if
   * `stop` is set.
   */
  render(context: C, stop?: boolean): { readonly text: string; readonly complete: boolean };
  /** Typed values of the fields: null for absent ones, or nothing from the first absent one on if `stop` is set. */
  values(context: C, stop?: boolean): Record<string, FieldJson>;
  /** As text, the way the template shows them. */
  texts(context: C, stop?: boolean): Record<string, string>;
  /** Typed values of fields and of transformed fields. */
  allValues(context: C, stop?: boolean): Record<string, FieldJson>;
}

export type FormatResult<C> =
  | { readonly ok: true; readonly format: Format<C> }
  | {
      readonly ok: false;
      readonly error: string;
      /** Byte offset in the template. */
      readonly at: number;
      /** Nothing known stands there: a rule may ask to be skipped for that. */
      readonly unknown: boolean;
      readonly nearest?: string;
    };

/** Compiles an output template: literal text and tokens `%[width]field` or `%[width]transformer(...)`. */
export function compileFormat<C>(
  output: string,
  catalogue: FieldCatalogue<C>,
  checker: Checker<C> = new Checker(catalogue),
): FormatResult<C> {
  return formatOf(textToBytes(output), catalogue, checker);
}

/** The same for a template that is a byte string already. */
export function formatOf<C>(output: ByteString, catalogue: FieldCatalogue<C>, checker: Checker<C>): FormatResult<C> {
  if (output === '') return { ok: false, error: 'the output is empty', at: 0, unknown: false };
  const template = output.startsWith('*') ? output.slice(1) : output;
  const shift = output.length - template.length;
  try {
    const tokens = readTokens(template, checker);
    return { ok: true, format: new Template(template, tokens, checker, catalogue) };
  } catch (fault) {
    if (!(fault instanceof FormatFault)) throw fault;
    const { message, at, unknown, nearest } = fault;
    return { ok: false, error: message, at: at + shift, unknown, ...(nearest === undefined ? {} : { nearest }) };
  }
}

class FormatFault extends Error {
  readonly at: number;
  readonly unknown: boolean;
  readonly nearest: string | undefined;
  constructor(message: string, at: number, unknown: boolean, nearest?: string) {
    super(message);
    this.at = at;
    this.unknown = unknown;
    this.nearest = nearest;
  }
}

type Token<C> =
  | { readonly kind: 'text'; readonly text: ByteString }
  | { readonly kind: 'value'; readonly value: Value<C>; readonly expr: ValueExpr; readonly width: number };

/** A token longer than this names no field; widths beyond it are refused, for each makes every alert that long. */
const TOKEN_MAX = 512;
const WIDTH_MAX = 65_536;

function readTokens<C>(template: ByteString, checker: Checker<C>): readonly Token<C>[] {
  const tokens: Token<C>[] = [];
  let copied = 0;
  for (let at = template.indexOf('%'); at >= 0; at = template.indexOf('%', copied)) {
    if (at > copied) tokens.push({ kind: 'text', text: template.slice(copied, at) });
    const token = readToken(template, at, checker);
    tokens.push(token.token);
    copied = token.end;
  }
  if (copied < template.length) tokens.push({ kind: 'text', text: template.slice(copied) });
  return tokens;
}

function readToken<C>(
  template: ByteString,
  at: number,
  checker: Checker<C>,
): { readonly token: Token<C>; readonly end: number } {
  const syntax = 'expected a field behind % at the end of the output';
  if (at === template.length - 1) throw new FormatFault(syntax, at, false);
  const digits = /^\d*/.exec(template.slice(at + 1, at + 20))?.[0] ?? '';
  const start = at + 1 + digits.length;
  if (start >= template.length) throw new FormatFault(syntax, at, false);
  if (Number(digits) > WIDTH_MAX) throw new FormatFault(`a width is at most ${WIDTH_MAX}`, at, false);
  const { value, expr, end } = longestValue(template.slice(start), at, checker);
  return { token: { kind: 'value', value, expr, width: Number(digits) }, end: start + end };
}

/** The longest prefix that is a known field or a valid call. */
function longestValue<C>(
  text: ByteString,
  at: number,
  checker: Checker<C>,
): { readonly value: Value<C>; readonly expr: ValueExpr; readonly end: number } {
  let reason: string | undefined;
  let nearest: string | undefined;
  let length = text.length;
  while (length > 0) {
    const parsed = parseValue(text.slice(0, length));
    if (parsed.ok) {
      const checked = checker.value(parsed.value);
      if (checked.ok) return { value: checked.value, expr: parsed.value, end: parsed.end };
      if (reason === undefined) nearest = checked.nearest;
      reason ??= checked.error;
      length = parsed.end - 1;
    } else {
      reason ??= parsed.error.message;
      length = Math.min(length - 1, parsed.error.at);
    }
    length = Math.min(length, TOKEN_MAX);
  }
  throw new FormatFault(`no field stands behind %: ${reason ?? 'nothing follows'}`, at, true, nearest);
}

/** A field, or a call as a whole, with the key under which its value is given. */
interface Resolved<C> {
  readonly key: string;
  readonly value: Value<C>;
  readonly transformed: boolean;
}

class Template<C> implements Format<C> {
  readonly template: string;
  readonly fields: readonly string[];
  private readonly tokens: readonly Token<C>[];
  private readonly resolved: readonly Resolved<C>[];
  private readonly rawTime: Value<C> | undefined;

  constructor(template: ByteString, tokens: readonly Token<C>[], checker: Checker<C>, catalogue: FieldCatalogue<C>) {
    this.template = bytesToText(template);
    this.tokens = tokens;
    this.resolved = tokens.flatMap((token) => (token.kind === 'value' ? resolveToken(token.expr, checker) : []));
    this.fields = [...new Set(this.resolved.filter(({ transformed }) => !transformed).map(({ key }) => key))];
    const time = catalogue.find('evt.rawtime') === undefined ? undefined : parseValue('evt.rawtime');
    const checked = time?.ok === true ? checker.value(time.value) : undefined;
    this.rawTime = checked?.ok === true ? checked.value : undefined;
  }

  render(context: C, stop = false): { readonly text: string; readonly complete: boolean } {
    let bytes = '';
    let complete = true;
    for (const token of this.tokens) {
      if (token.kind === 'text') {
        bytes += token.text;
        continue;
      }
      const text = shownText(token.value, context);
      if (text === undefined) {
        complete = false;
        if (stop) break;
      }
      bytes += padTo(text ?? NOT_AVAILABLE, token.width);
    }
    return { text: bytesToText(bytes), complete };
  }

  values(context: C, stop = false): Record<string, FieldJson> {
    return this.collect(false, stop, null, (value) => this.json(value, context) ?? undefined);
  }

  allValues(context: C, stop = false): Record<string, FieldJson> {
    return this.collect(true, stop, null, (value) => this.json(value, context) ?? undefined);
  }

  texts(context: C, stop = false): Record<string, string> {
    return this.collect(false, stop, NOT_AVAILABLE, (value) => {
      const text = shownText(value, context);
      return text === undefined ? undefined : bytesToText(text);
    });
  }

  private collect<T>(
    transformed: boolean,
    stop: boolean,
    absent: T,
    read: (value: Value<C>) => T | undefined,
  ): Record<string, T> {
    const entries: (readonly [string, T])[] = [];
    for (const entry of this.resolved) {
      if (entry.transformed && !transformed) continue;
      const value = read(entry.value);
      if (value === undefined && stop) break;
      entries.push([entry.key, value ?? absent]);
    }
    return Object.fromEntries(entries);
  }

  private json(value: Value<C>, context: C): FieldJson {
    const timed = value.kind === 'field' && value.def.format === 'time' ? this.rawTime : undefined;
    const source = timed ?? value;
    const read = readValue(source, context);
    if (read === undefined) return null;
    const candidates = candidatesOf(source, read);
    if (candidates !== undefined) {
      const text = shownText(source, context);
      return text === undefined ? null : bytesToText(text);
    }
    return valueJson(read, source.type, source.kind === 'field' ? source.def.format : undefined);
  }
}

/**
 * Fields inside first, then the call itself. A call that was the last thing inside of another one gives way to that one:
 * of a chain only the outermost is left.
 */
function resolveToken<C>(expr: ValueExpr, checker: Checker<C>): readonly Resolved<C>[] {
  const found: Resolved<C>[] = [];
  const visit = (part: ArgumentExpr): void => {
    if (part.type === 'literal') return;
    if (part.type === 'tuple') return part.items.forEach(visit);
    if (part.type === 'call') {
      part.args.forEach(visit);
      if (found.at(-1)?.transformed === true) found.pop();
    }
    const checked = checker.value(part);
    const key = bytesToText(printValue(part));
    if (checked.ok) found.push({ key, value: checked.value, transformed: part.type === 'call' });
  };
  visit(expr);
  return found;
}

/** Text of a value in an output; undefined = absent. All ancestors are one text, both ends are none. */
function shownText<C>(value: Value<C>, context: C): ByteString | undefined {
  const read = readValue(value, context);
  if (read === undefined) return undefined;
  const format = value.kind === 'field' ? value.def.format : undefined;
  if (value.kind === 'field' && value.def.candidates === 'both-ends') return undefined;
  const shown: FieldValue | undefined = argumentValue(value, read);
  return shown === undefined ? undefined : valueText(shown, value.type, format);
}

/** A value as JSON shows it: numbers that print in another way than decimal are texts. */
export function valueJson(value: FieldValue, type: string, format: NumberFormat = 'dec'): FieldJson {
  if (!Array.isArray(value)) return scalarJson(value as FieldScalar, type, format);
  return (value as readonly FieldScalar[]).map((element) => scalarJson(element, type, format));
}

function scalarJson(value: FieldScalar, type: string, format: NumberFormat): FieldJson {
  if (typeof value === 'boolean') return value;
  if (type === 'BOOL') return Boolean(value);
  if (typeof value !== 'string') return format === 'dec' || format === 'time' ? value : scalarText(value, type, format);
  if (type === 'IPADDR' || type === 'IPNET') return addressText(value);
  return bytesToText(scalarText(value.endsWith('\0') ? value.slice(0, -1) : value, type));
}

/** Cut or padded on the right to exactly so many bytes; 0 = as it is. */
function padTo(text: ByteString, width: number): ByteString {
  return width === 0 ? text : text.slice(0, width).padEnd(width, ' ');
}

/** The last step of a text line: escaped like a JSON string without its quotes. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
