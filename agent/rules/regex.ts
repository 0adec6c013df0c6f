import { RE2JS } from 're2js';
import { type ByteString, bytesToText } from '../events/bytestring.ts';
import type { Matcher } from './glob.ts';

export type RegexResult =
  | { readonly ok: true; readonly matches: Matcher }
  | { readonly ok: false; readonly error: string };

/**
 * A regular expression as RE2 reads it in POSIX mode, matched against the whole value in linear time: no \d \w \b, no
 * (?...), `^` and `$` also at line ends, `.` no newline. Values are read as UTF-8, bad bytes as U+FFFD.
 */
export function compileRegex(pattern: ByteString): RegexResult {
  const posix = toPosix(bytesToText(pattern));
  if (!posix.ok) return { ok: false, error: `the regex cannot be read: ${posix.error}` };
  try {
    RE2JS.compile(posix.pattern);
    const regex = RE2JS.compile(`\\A(?m:${posix.pattern})\\z`);
    return { ok: true, matches: (value) => regex.test(bytesToText(value)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    return { ok: false, error: `the regex cannot be read: ${reason}` };
  }
}

type Posix = { readonly ok: true; readonly pattern: string } | { readonly ok: false; readonly error: string };

const ESCAPE = /^\\(?:[afnrtv]|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]{1,6}\}|0[0-7]{0,2}|[1-7][0-7]{1,2}|[^0-9A-Za-z_])/su;
const CLASS = /^\[\^?\]?(?:\[:\^?[a-z]+:\]|\\[\s\S]|[^\]\\])*\]?/;
const REPETITION = /^(?:[*+?]+|\{\d+(?:,\d*)?\})/;

/**
 * Refuses what POSIX mode lacks, and writes repetitions of repetitions so that the engine takes them: `a**` is `a*`, `a{2}{3}`
 * is `(?:a{2}){3}`.
 */
function toPosix(pattern: string): Posix {
  let result = '';
  /** Where in the result the part begins that a repetition would repeat. */
  let part = 0;
  let repeated = false;
  const groups: number[] = [];
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const repetition = REPETITION.exec(rest)?.[0];
    if (repetition !== undefined) {
      if (repeated) result = `${result.slice(0, part)}(?:${result.slice(part)})`;
      result += merged(repetition);
      repeated = true;
      at += repetition.length;
      continue;
    }
    const piece = nextPiece(rest);
    if (typeof piece !== 'string') return piece;
    part = piece === ')' ? (groups.pop() ?? result.length) : result.length;
    if (piece === '(') groups.push(result.length);
    result += piece;
    repeated = false;
    at += piece.length;
  }
  return { ok: true, pattern: result };
}

/** Of a run of signs, what repeats as often as all of them. */
function merged(repetition: string): string {
  if (repetition.startsWith('{')) return repetition;
  return new Set(repetition).size === 1 ? repetition.charAt(0) : '*';
}

/** One character, escape or class. */
function nextPiece(rest: string): string | Extract<Posix, { ok: false }> {
  if (rest.startsWith('(?')) return { ok: false, error: 'it knows no (?...)' };
  if (rest.startsWith('\\')) {
    return ESCAPE.exec(rest)?.[0] ?? { ok: false, error: `it knows no escape ${rest.slice(0, 2)}` };
  }
  if (!rest.startsWith('[')) return String.fromCodePoint(rest.codePointAt(0) ?? 0);
  const found = CLASS.exec(rest)?.[0] ?? '[';
  const wrong = [...found.matchAll(/\\[\s\S]?/g)].find(({ index }) => !ESCAPE.test(found.slice(index)));
  return wrong === undefined ? found : { ok: false, error: `it knows no escape ${wrong[0]}` };
}
