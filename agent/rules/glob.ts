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
  const tokens = tokenize(pattern, fold);
  if (tokens === undefined) return () => false;
  const simple = simpleGlob(tokens);
  if (simple !== undefined) return fold ? (value) => simple(lower(value)) : simple;
  const bytes = fold ? LOWER : PLAIN;
  return (value) => matchTokens(tokens, value, bytes);
}

const PLAIN = Uint8Array.from({ length: 256 }, (_, code) => code);
/** Bytes as they are compared with those of a pattern that ignores case; sets of bytes hold both cases themselves. */
const LOWER = PLAIN.map((code) => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code));

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
      tokens.push({ kind: 'byte', code: (fold ? LOWER : PLAIN)[pattern.charCodeAt(i)] ?? 0 });
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

/**
 * A bracket expression; undefined if it is not closed, and the bracket is then a plain character. Folded ranges hold both
 * cases; a class holds what it names. A class of unknown name ends the expression: what stood before it still counts.
 */
function readSet(pattern: ByteString, start: number, fold: boolean): { token: Token; end: number } | undefined {
  const set = new ByteSet(fold);
  let i = start + 1;
  const negated = pattern.charAt(i) === '!' || pattern.charAt(i) === '^';
  if (negated) i++;
  for (let first = true; first || pattern.charAt(i) !== ']'; first = false) {
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 40));
    if (named !== null) {
      set.addClass(named[1] ?? '');
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
    if (from.symbol && to === from) set.addByte(from.code);
    else set.addRange(from.code, to.code);
  }
  return { token: { kind: 'set', members: set.members(negated) }, end: i + 1 };
}

class ByteSet {
  private readonly found = new Uint8Array(256);
  private readonly fold: boolean;
  private ended = false;

  constructor(fold: boolean) {
    this.fold = fold;
  }

  addRange(from: number, to: number): void {
    const bytes = this.fold ? LOWER : PLAIN;
    this.add((code) => (bytes[code] ?? 0) >= (bytes[from] ?? 0) && (bytes[code] ?? 0) <= (bytes[to] ?? 0));
  }

  /** Without its other case. */
  addByte(byte: number): void {
    this.add((code) => code === byte);
  }

  addClass(name: string): void {
    const pattern = CLASSES.get(name);
    if (pattern === undefined) this.ended = true;
    else this.add((code) => pattern.test(String.fromCharCode(code)));
  }

  members(negated: boolean): Uint8Array {
    if (!negated) return this.found;
    return this.found.map((member) => (member === 1 || this.ended ? 0 : 1));
  }

  private add(holds: (code: number) => boolean): void {
    if (this.ended) return;
    for (let code = 0; code < 256; code++) if (holds(code)) this.found[code] = 1;
  }
}

/** A byte of a bracket expression, after a backslash too. */
interface Member {
  readonly code: number;
  readonly end: number;
  /** Written between `[.` and `.]`, or `[=` and `=]`. */
  readonly symbol: boolean;
}

function readMember(pattern: ByteString, at: number): Member | undefined {
  const symbol = /^\[([.=])([\s\S])\1\]/.exec(pattern.slice(at, at + 5));
  if (symbol !== null) return { code: (symbol[2] ?? '').charCodeAt(0), end: at + 5, symbol: true };
  const place = pattern.charAt(at) === '\\' ? at + 1 : at;
  if (place >= pattern.length) return undefined;
  return { code: pattern.charCodeAt(place), end: place + 1, symbol: false };
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
function matchTokens(tokens: readonly Token[], value: ByteString, bytes: Uint8Array): boolean {
  let token = 0;
  let at = 0;
  let runToken = -1;
  let runAt = 0;
  while (at < value.length) {
    const current = tokens[token];
    if (current?.kind === 'run') {
      runToken = token++;
      runAt = at;
    } else if (current !== undefined && matchesByte(current, value.charCodeAt(at), bytes)) {
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

function matchesByte(token: Token, code: number, bytes: Uint8Array): boolean {
  if (token.kind === 'byte') return token.code === bytes[code];
  if (token.kind === 'set') return token.members[code] === 1;
  return true;
}
