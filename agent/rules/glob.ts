import type { ByteString } from '../events/bytestring.ts';

export type Matcher = (value: ByteString) => boolean;

/** One place of a pattern: a byte, any byte, one of a set, or any run of bytes. */
type Token =
  | { readonly kind: 'byte'; readonly code: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly members: Uint8Array }
  | { readonly kind: 'run' };

/**
 * Matcher of a whole value against a shell pattern as fnmatch(3) reads it without flags: `*` any run, also of slashes
 * and leading dots, `?` one byte, `[a-z]`, `[!x]`, `[[:digit:]]`, a backslash quotes. `fold` ignores ASCII case.
 */
export function compileGlob(pattern: ByteString, fold = false): Matcher {
  const tokens = tokenize(fold ? lower(pattern) : pattern, fold);
  if (tokens === undefined) return () => false;
  const simple = simpleGlob(tokens);
  const match: Matcher = simple ?? ((value) => matchTokens(tokens, value));
  return fold ? (value) => match(lower(value)) : match;
}

/** ASCII letters in lower case; other bytes stay. */
export function lower(text: ByteString): ByteString {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** ASCII letters in upper case; other bytes stay. */
export function upper(text: ByteString): ByteString {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Undefined for a pattern that ends in a lone backslash, which matches nothing. */
function tokenize(pattern: ByteString, fold: boolean): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    const set = char === '[' ? readSet(pattern, i, fold) : undefined;
    if (set !== undefined) {
      tokens.push(set.token);
      i = set.end - 1;
    } else if (char === '*') {
      if (tokens.at(-1)?.kind !== 'run') tokens.push({ kind: 'run' });
    } else if (char === '?') {
      tokens.push({ kind: 'any' });
    } else {
      if (char === '\\' && ++i === pattern.length) return undefined;
      tokens.push({ kind: 'byte', code: pattern.charCodeAt(i) });
    }
  }
  return tokens;
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[0-9A-Za-z]/],
  ['alpha', /[A-Za-z]/],
  ['blank', /[ \t]/],
  ['digit', /[0-9]/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['space', /[ \t\n\v\f\r]/],
  ['upper', /[A-Z]/],
  ['xdigit', /[0-9A-Fa-f]/],
  ['cntrl', /[\0-\x1f\x7f]/],
]);

/** A bracket expression; undefined if it is not closed, and the bracket is then a plain character. */
function readSet(pattern: ByteString, start: number, fold: boolean): { token: Token; end: number } | undefined {
  const members = new Uint8Array(256);
  let i = start + 1;
  const negated = pattern.charAt(i) === '!' || pattern.charAt(i) === '^';
  if (negated) i++;
  for (let first = true; first || pattern.charAt(i) !== ']'; first = false) {
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12));
    const charClass = named === null ? undefined : CLASSES.get(named[1] ?? '');
    if (named !== null && charClass !== undefined) {
      addClass(members, charClass, fold);
      i += named[0].length;
      continue;
    }
    const from = readMember(pattern, i);
    if (from === undefined) return undefined;
    i = from.end;
    let to = from;
    if (pattern.charAt(i) === '-' && pattern.charAt(i + 1) !== ']') {
      const last = readMember(pattern, i + 1);
      if (last === undefined) return undefined;
      to = last;
      i = last.end;
    }
    for (let code = from.code; code <= to.code; code++) members[code] = 1;
  }
  if (negated) for (let code = 0; code < 256; code++) members[code] = members[code] === 1 ? 0 : 1;
  return { token: { kind: 'set', members }, end: i + 1 };
}

function readMember(pattern: ByteString, at: number): { readonly code: number; readonly end: number } | undefined {
  const place = pattern.charAt(at) === '\\' ? at + 1 : at;
  if (place >= pattern.length) return undefined;
  return { code: pattern.charCodeAt(place), end: place + 1 };
}

function addClass(members: Uint8Array, pattern: RegExp, fold: boolean): void {
  for (let code = 0; code < 256; code++) {
    const char = String.fromCharCode(code);
    if (pattern.test(char) || (fold && pattern.test(upper(char)))) members[code] = 1;
  }
}

/** Patterns of plain bytes with runs at the ends only, which are most, as string methods. */
function simpleGlob(tokens: readonly Token[]): Matcher | undefined {
  const leading = tokens[0]?.kind === 'run';
  const trailing = tokens.length > 1 && tokens.at(-1)?.kind === 'run';
  const middle = tokens.slice(leading ? 1 : 0, trailing ? -1 : undefined);
  let text = '';
  for (const token of middle) {
    if (token.kind !== 'byte') return undefined;
    text += String.fromCharCode(token.code);
  }
  if (leading && trailing) return (value) => value.includes(text);
  if (leading) return (value) => value.endsWith(text);
  if (trailing) return (value) => value.startsWith(text);
  return (value) => value === text;
}

/** Goes back to the last run only: linear in pattern times value. */
function matchTokens(tokens: readonly Token[], value: ByteString): boolean {
  let token = 0;
  let at = 0;
  let runToken = -1;
  let runAt = 0;
  while (at < value.length) {
    const current = tokens[token];
    if (current?.kind === 'run') {
      runToken = token++;
      runAt = at;
    } else if (current !== undefined && matchesByte(current, value.charCodeAt(at))) {
      token++;
      at++;
    } else if (runToken >= 0) {
      token = runToken + 1;
      at = ++runAt;
    } else {
      return false;
    }
  }
  while (tokens[token]?.kind === 'run') token++;
  return token === tokens.length;
}

function matchesByte(token: Token, code: number): boolean {
  if (token.kind === 'byte') return token.code === code;
  if (token.kind === 'set') return token.members[code] === 1;
  return true;
}
