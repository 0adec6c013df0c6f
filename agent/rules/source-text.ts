import { type ByteString, bytesToText, textToBytes } from '../events/bytestring.ts';
import type { Place } from './diagnostics.ts';

/** A file's text with its line starts. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  private lineStarts: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    // A byte order mark is no part of the text, and editors do not count it as a column.
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  /** Line and column of a character offset. */
  place(offset: number): Place {
    const starts = this.starts();
    const line = lastAtMost(starts, offset);
    return { file: this.path, line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  }

  private starts(): readonly number[] {
    if (this.lineStarts === undefined) {
      this.lineStarts = [0];
      for (let i = this.text.indexOf('\n'); i >= 0; i = this.text.indexOf('\n', i + 1)) this.lineStarts.push(i + 1);
    }
    return this.lineStarts;
  }
}

/** Index of the last of the rising numbers that is at most `limit`; 0 if none is. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A stretch of a file: where a scalar stands, or a whole item. */
export interface Span {
  readonly file: SourceFile;
  /** Character offsets; `end` is behind the last character. */
  readonly start: number;
  readonly end: number;
}

export function placeOf(span: Span): Place {
  return span.file.place(span.start);
}

/** Where a piece of text comes from: a scalar of a file, from the given byte on; `fixed` pieces are all at its start. */
interface Origin {
  readonly span: Span;
  readonly decoded: ByteString;
  readonly offset: number;
  readonly fixed: boolean;
}

interface Piece {
  readonly text: ByteString;
  readonly origin: Origin;
}

/**
 * Condition text that knows where each byte came from. Lists replace names in it, appends and exceptions add to it; an
 * error at any byte still finds its line and column.
 */
export class SourceText {
  readonly text: ByteString;
  private readonly pieces: readonly Piece[];
  /** Offset of each piece in the text. */
  private readonly starts: readonly number[];

  private constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
    this.text = pieces.length === 1 ? (pieces[0]?.text ?? '') : pieces.map((piece) => piece.text).join('');
    let position = 0;
    this.starts = pieces.map((piece) => {
      position += piece.text.length;
      return position - piece.text.length;
    });
  }

  /** The decoded value of a scalar. */
  static ofScalar(decoded: string, span: Span): SourceText {
    const bytes = textToBytes(decoded);
    return new SourceText([{ text: bytes, origin: { span, decoded: bytes, offset: 0, fixed: false } }]);
  }

  /** Text that is made from what stands at a place, but does not stand there. */
  static made(text: ByteString, span: Span): SourceText {
    return new SourceText([{ text, origin: { span, decoded: '', offset: 0, fixed: true } }]);
  }

  static join(texts: readonly SourceText[]): SourceText {
    return new SourceText(texts.flatMap((text) => text.pieces));
  }

  /** `text` placed where the byte at `at` stands. */
  madeAt(text: ByteString, at: number): SourceText {
    const { piece, within } = this.find(at);
    if (piece === undefined) return new SourceText([]);
    return new SourceText([{ text, origin: { ...shifted(piece.origin, within), fixed: true } }]);
  }

  slice(start: number, end: number = this.text.length): SourceText {
    const pieces: Piece[] = [];
    for (let place = this.pieceAt(start); place < this.pieces.length; place++) {
      const piece = this.pieces[place];
      const position = this.starts[place] ?? 0;
      if (piece === undefined || position >= end) break;
      const from = Math.max(start - position, 0);
      const to = Math.min(end - position, piece.text.length);
      if (from < to) pieces.push({ text: piece.text.slice(from, to), origin: shifted(piece.origin, from) });
    }
    return new SourceText(pieces);
  }

  /** Where in a file the byte at `at` comes from. */
  place(at: number): Place {
    const { piece, within } = this.find(at);
    if (piece === undefined) return { file: '', line: 1, column: 1 };
    const { span, decoded, offset, fixed } = piece.origin;
    const bytes = offset + (fixed ? 0 : within);
    return span.file.place(decoded === '' ? span.start : locate(span, decoded, bytes));
  }

  private find(at: number): { readonly piece: Piece | undefined; readonly within: number } {
    const place = this.pieceAt(at);
    return { piece: this.pieces[place], within: at - (this.starts[place] ?? 0) };
  }

  /** Index of the piece that holds a byte; the last one for what is behind the end. */
  private pieceAt(at: number): number {
    return lastAtMost(this.starts, at);
  }
}

function shifted(origin: Origin, bytes: number): Origin {
  return origin.fixed ? origin : { ...origin, offset: origin.offset + bytes };
}

/**
 * Character offset in the file of a byte of a decoded scalar. Whatever the scalar's style, its visible characters stand
 * in the file in the same order; only blanks, line breaks and quotes differ. So the n-th visible character is looked
 * for; where an escape breaks the count, the place is near enough.
 */
function locate(span: Span, decoded: ByteString, byteOffset: number): number {
  const before = bytesToText(decoded.slice(0, byteOffset));
  const source = span.file.text;
  let position = span.start;
  for (const char of before) {
    if (isSpace(char)) continue;
    const found = source.indexOf(char, position);
    if (found < 0 || found >= span.end) return Math.min(position, span.end);
    position = found + char.length;
  }
  if (before.trim() === '') return Math.max(source.indexOf(decoded.trim().charAt(0), span.start), span.start);
  const atVisible = byteOffset < decoded.length && !isSpace(decoded.charAt(byteOffset));
  while (atVisible && position < span.end && isSpace(source.charAt(position))) position++;
  return position;
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r';
}

/** Text that grows by appends, each joined by one blank; put together only when read. */
export class GrowingText {
  private parts: SourceText[];

  constructor(first: SourceText) {
    this.parts = [first];
  }

  append(next: SourceText): void {
    const last = this.parts.at(-1);
    if (last !== undefined) this.parts.push(last.madeAt(' ', last.text.length));
    this.parts.push(next);
  }

  replace(text: SourceText): void {
    this.parts = [text];
  }

  read(): SourceText {
    const [first] = this.parts;
    if (this.parts.length > 1 || first === undefined) this.parts = [SourceText.join(this.parts)];
    return this.parts[0] ?? SourceText.join([]);
  }
}
