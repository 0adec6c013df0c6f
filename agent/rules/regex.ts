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

/** Letters and digits mean something behind a backslash, or nothing that is known; every other ASCII sign is itself. */
const ESCAPE =
  /^\\(?:[afnrtv]|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]{1,6}\}|0[0-7]{0,2}|[1-7][0-7]{1,2}|[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f])/s;
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
    if (!piece.ok) return piece;
    part = piece.text === ')' ? (groups.pop() ?? result.length) : result.length;
    if (piece.text === '(') groups.push(result.length);
    result += piece.text;
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

/** A part of the pattern: how long it is there, and how the engine wants it written. */
type Piece = { readonly ok: true; readonly length: number; readonly text: string } | Extract<Posix, { ok: false }>;

const refuse = (error: string): Piece => ({ ok: false, error });

/** One character, escape or class. */
function nextPiece(rest: string): Piece {
  if (rest.startsWith('(?')) return refuse('it knows no (?...)');
  return rest.startsWith('[') ? readClass(rest) : readCharacter(rest);
}

function readCharacter(rest: string): Piece {
  if (!rest.startsWith('\\')) {
    const text = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    return { ok: true, length: text.length, text };
  }
  const escape = ESCAPE.exec(rest)?.[0];
  if (escape === undefined) return refuse(`it knows no escape ${rest.slice(0, 2)}`);
  // The engine knows no backslash before an underscore.
  return { ok: true, length: escape.length, text: escape === '\\_' ? '_' : escape };
}

/** A class up to its closing bracket; one that is not closed is left to the engine, which refuses it. */
function readClass(source: string): Piece {
  let text = /^\[\^?/.exec(source)?.[0] ?? '[';
  const opening = text.length;
  let at = opening;
  while (at < source.length && (at === opening || source.charAt(at) !== ']')) {
    const item = readItem(source.slice(at), at === opening);
    if (!item.ok) return item;
    text += item.text;
    at += item.length;
  }
  return { ok: true, length: at + 1, text: text + source.slice(at, at + 1) };
}

/** A named class, a character or a range. Only the first and the last sign of a class may be a bare dash. */
function readItem(rest: string, first: boolean): Piece {
  const nameEnd = rest.startsWith('[:') ? rest.indexOf(':]', 2) : -1;
  if (nameEnd >= 0) {
    const text = rest.slice(0, nameEnd + 2);
    return /^\[:\^?[a-z]+:\]$/.test(text) ? { ok: true, length: text.length, text } : refuse('it knows no such class');
  }
  if (rest.startsWith('-') && !first && rest.charAt(1) !== ']') return refuse('a dash is no range');
  const low = readClassCharacter(rest);
  if (!low.ok || !/^-[^\]]/s.test(rest.slice(low.length))) return low;
  const high = readClassCharacter(rest.slice(low.length + 1));
  return high.ok ? { ok: true, length: low.length + 1 + high.length, text: `${low.text}-${high.text}` } : high;
}

/** A bracket inside of a class begins no other one. */
function readClassCharacter(rest: string): Piece {
  const read = readCharacter(rest);
  return read.ok && read.text === '[' ? { ...read, text: '\\[' } : read;
}
