import type { ByteString } from '../events/bytestring.ts';
import { unescapeString } from './strings.ts';

const FIELD_NAME = /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+/y;
const IDENTIFIER = /[a-zA-Z][a-zA-Z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y;
const BARE_STRING = /[^()"' \t\n\v\f\r=,]+/y;
const BARE_ARGUMENT = /[^\][" '\t\n\v\f\r]+/y;
const NOT = /not[ \t\n\v\f\r]+/y;

/** Raised inside the parser, caught where it begins: the text is not a condition. */
export class SyntaxFault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads tokens at a position that only the parser moves: the language has no fixed token set (the word `in` is an
 * operator, a macro, a value or a part of a path, by where it stands), so every `take` says what it looks for.
 */
export class Lexer {
  readonly text: ByteString;
  position = 0;
  /** Last token taken, for messages. */
  token = '';

  constructor(text: ByteString) {
    this.text = text;
  }

  /** Space, tab, backspace, CR, LF; true if there was one. */
  blank(): boolean {
    const start = this.position;
    while (isBlank(this.text.charCodeAt(this.position))) this.position++;
    return this.position > start;
  }

  /** The exact text at the position. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.position)) return false;
    return this.accept(text, text.length);
  }

  /** The first of these texts that stands at the position. */
  takeFirst(texts: readonly string[]): string | undefined {
    return texts.find((text) => this.take(text));
  }

  /** The first word or sign that stands here; a word also needs a blank behind it, which is taken too. */
  takeOperator(operators: readonly string[]): string | undefined {
    for (const operator of operators) {
      const start = this.position;
      const token = this.token;
      if (!this.take(operator)) continue;
      if (!isWord(operator) || this.blank()) return operator;
      this.position = start;
      this.token = token;
    }
    return undefined;
  }

  fieldName(): string | undefined {
    return this.match(FIELD_NAME);
  }

  identifier(): string | undefined {
    return this.match(IDENTIFIER);
  }

  number(): string | undefined {
    return this.match(NUMBER);
  }

  bareString(): ByteString | undefined {
    return this.match(BARE_STRING);
  }

  bareArgument(): ByteString | undefined {
    return this.match(BARE_ARGUMENT);
  }

  notWithBlank(): boolean {
    return this.match(NOT) !== undefined;
  }

  /**
   * A quoted string ends at the next same quote whose previous character is no backslash, even if that backslash is
   * itself escaped. Undefined if there is none or it does not end; a bad escape is a fault behind the closing quote.
   */
  quotedString(): ByteString | undefined {
    const quote = this.text.charAt(this.position);
    if (quote !== '"' && quote !== "'") return undefined;
    let end = this.position + 1;
    for (;;) {
      end = this.text.indexOf(quote, end);
      if (end < 0) return undefined;
      if (end === this.position + 1 || this.text.charAt(end - 1) !== '\\') break;
      end++;
    }
    const body = this.text.slice(this.position + 1, end);
    if (body.includes('\0')) return undefined;
    const start = this.position;
    this.position = end + 1;
    const unescaped = unescapeString(body, quote);
    if (!unescaped.ok) throw new SyntaxFault(unescaped.error, start);
    this.token = unescaped.value;
    return unescaped.value;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.accept(found, found.length);
    return found;
  }

  private accept(token: string, length: number): true {
    this.token = token;
    this.position += length;
    return true;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x08 && code <= 0x0a) || code === 0x0d;
}

function isWord(operator: string): boolean {
  return /^[a-z]/.test(operator);
}
