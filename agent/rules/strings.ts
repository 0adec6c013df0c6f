import { type ByteString, bytesToText } from '../events/bytestring.ts';

/** Escapes that stand for one character each. Backslash-blank is a backslash: an old habit of the language. */
const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  [' ', '\\'],
  ['/', '/'],
]);

export type Unescaped =
  | { readonly ok: true; readonly value: ByteString }
  | { readonly ok: false; readonly error: string };

const fail = (error: string): Unescaped => ({ ok: false, error });

/** Decodes the inside of a quoted string; `quote` is the quote it stood in. */
export function unescapeString(body: ByteString, quote: string): Unescaped {
  if (!body.includes('\\')) return { ok: true, value: body };
  let value = '';
  for (let i = 0; i < body.length; i++) {
    const char = body.charAt(i);
    if (char !== '\\') {
      value += char;
      continue;
    }
    const escape = body.charAt(++i);
    if (escape === 'x') {
      const digits = body.slice(i + 1, i + 3);
      if (digits.length < 2) return fail('\\x needs two hexadecimal digits behind it');
      if (!/^[0-9a-fA-F]{2}$/.test(digits))
        return fail(`\\x needs two hexadecimal digits behind it, not ${shownValue(digits)}`);
      value += String.fromCharCode(Number.parseInt(digits, 16));
      i += 2;
    } else if (escape === '"' || escape === "'") {
      if (escape !== quote) return fail(`\\${escape} means nothing between ${quote} and ${quote}`);
      value += escape;
    } else {
      const decoded = SIMPLE.get(escape);
      if (decoded === undefined)
        return fail(`the escape ${shownValue(`\\${escape}`)} means nothing in a quoted string`);
      value += decoded;
    }
  }
  return { ok: true, value };
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

/** A value as the canonical text of a condition shows it: quoted only where that is needed to show what it holds. */
export function escapeString(value: ByteString): string {
  if (!/[\b\f\n\r\t\\"' =\0]/.test(value)) return value;
  let escaped = '"';
  for (const char of value) escaped += ESCAPED.get(char) ?? char;
  return `${escaped}"`;
}

/** A value is cut in messages behind so many characters. */
const SHOWN_MAX = 80;

/** A value as messages show it: in quotes, as text, and not too much of it. */
export function shownValue(value: ByteString): string {
  return shownText(bytesToText(value.slice(0, 4 * (SHOWN_MAX + 1))));
}

/** The same for text. */
export function shownText(text: string): string {
  const characters = [...text.slice(0, 2 * (SHOWN_MAX + 1))];
  return characters.length > SHOWN_MAX ? `'${characters.slice(0, SHOWN_MAX).join('')}...'` : `'${text}'`;
}
