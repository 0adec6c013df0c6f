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

/** Refuses what POSIX mode lacks and joins repetitions of repetitions, which the engine does not take. */
function toPosix(pattern: string): Posix {
  let result = '';
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i, i + 16);
    if (rest.startsWith('\\')) {
      const escape =
        /^\\(?:[afnrtv]|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]{1,6}\}|0[0-7]{0,2}|[1-7][0-7]{1,2}|[^0-9A-Za-z_])/su.exec(rest);
      if (escape === null) return { ok: false, error: `it knows no escape ${rest.slice(0, 2)}` };
      result += escape[0];
      i += escape[0].length - 1;
    } else if (inClass) {
      const named = /^\[:\^?[a-z]+:\]/.exec(rest);
      result += named === null ? rest.charAt(0) : named[0];
      i += named === null ? 0 : named[0].length - 1;
      if (named === null && rest.startsWith(']')) inClass = false;
    } else if (rest.startsWith('[')) {
      const opening = /^\[\^?\]?/.exec(rest)?.[0] ?? '[';
      result += opening;
      i += opening.length - 1;
      inClass = true;
    } else if (rest.startsWith('(?')) {
      return { ok: false, error: 'it knows no (?...)' };
    } else if (/^[*+?]/.test(rest)) {
      const operators = /^[*+?]+/.exec(pattern.slice(i))?.[0] ?? '';
      result += new Set(operators).size === 1 ? operators.charAt(0) : '*';
      i += operators.length - 1;
    } else {
      result += rest.charAt(0);
    }
  }
  return { ok: true, pattern: result };
}
