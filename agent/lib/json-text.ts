/** What JSON lines can hold: bigint becomes a number, and what JSON has no number for (NaN, infinity) null. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * JSON on one line, safe to print: beside what JSON escapes, escapes DEL and C1 controls (terminals obey some), zero-width
 * and bidirectional marks (they make text look like other text), line separators and lone surrogates. Every reader of
 * JSON gets the original text back. Members that are undefined are left out.
 */
export function jsonText(value: JsonValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(jsonText).join(',')}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${quoted(key)}:${jsonText(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** Controls, format characters and separators. Lone surrogates JSON.stringify escapes itself. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function quoted(text: string): string {
  return safeJson(JSON.stringify(text));
}

/** JSON on one line that another writer made, safe to print in the same way: such characters can only be in its strings. */
export function safeJson(line: string): string {
  return line.replace(UNSAFE, escaped);
}

/** Some take two UTF-16 units, and so two escapes. */
function escaped(char: string): string {
  return Array.from({ length: char.length }, (_, unit) => {
    return `\\u${char.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  }).join('');
}
