/**
 * Source text of generated functions. A Code can only be made from literal pieces of this program's own source and from
 * other Codes, so no text of a rule file can ever become program text: constants reach generated functions by name,
 * as elements of an array.
 */
export class Code {
  private readonly source: string;

  private constructor(source: string) {
    this.source = source;
  }

  /** Tag of template literals: code`${a} + ${b}`. */
  static of(pieces: TemplateStringsArray, ...parts: readonly Code[]): Code {
    let source = '';
    pieces.forEach((piece, place) => {
      source += piece + (parts[place]?.source ?? '');
    });
    return new Code(source);
  }

  /** A variable's name: one fixed letter and a number. */
  static name(letter: 'k' | 'f' | 'v' | 'a' | 'n' | 'r' | 'm' | 't' | 'p', index: number): Code {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`not an index: ${index}`);
    return new Code(`${letter}${index}`);
  }

  /** A whole number below 2^53, which needs no quoting. */
  static integer(value: number): Code {
    if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer: ${value}`);
    return new Code(value < 0 ? `(${value})` : String(value));
  }

  static join(parts: readonly Code[], separator: Code): Code {
    return new Code(parts.map((part) => part.source).join(separator.source));
  }

  toString(): string {
    return this.source;
  }
}

export const code = Code.of;
