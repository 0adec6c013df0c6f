import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';

export interface YamlFault {
  readonly message: string;
  /** Character offset in the file. */
  readonly at: number;
}

export type ComposeResult =
  | { readonly ok: true; readonly documents: readonly Document.Parsed[] }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** A file longer than this is refused: reading YAML takes up to a hundred times its length in memory. */
export const FILE_CHARS_MAX = 16 * 1024 * 1024;
/** Ten megabytes of short list items have four million words, signs and blanks; many more would not fit in memory. */
const LEXEMES_MAX = 4_500_000;
/** Nothing in a file of ours nests deeper than an item's exceptions' values' elements. */
export const NESTING_MAX = 100;
export const DEEP = `nests deeper than ${NESTING_MAX} levels`;
/** What the library keeps for a level of nesting: the collection, and a key or value that is being read. */
const STACK_MAX = 3 * NESTING_MAX;

/** YAML that would take more stack or memory than it may. */
export class YamlLimit extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reads YAML in bounded stack, memory and time; one fault a document. `failsafe`: scalars are text, keys may repeat. */
export function composeYaml(text: string, schema: 'failsafe' | 'core'): ComposeResult {
  if (text.length > FILE_CHARS_MAX) {
    return refused(`file has ${text.length} characters; at most ${FILE_CHARS_MAX} are read`, 0);
  }
  const uniqueKeys = schema === 'core';
  const composer = new Composer({ schema, uniqueKeys, prettyErrors: false, logLevel: 'silent' });
  return bounded((): ComposeResult => {
    const documents = [...composer.compose(tokensOf(text))];
    const faults = documents.flatMap((document) => firstFault(document, text));
    return faults.length > 0 ? { ok: false, faults } : { ok: true, documents };
  });
}

/** What `read` gives; a limit that it meets is a fault. */
export function bounded<T>(read: () => T): T | { readonly ok: false; readonly faults: readonly YamlFault[] } {
  try {
    return read();
  } catch (error) {
    if (error instanceof YamlLimit) return refused(error.message, error.at);
    if (error instanceof RangeError) return refused(DEEP, 0);
    throw error;
  }
}

function refused(message: string, at: number): { readonly ok: false; readonly faults: readonly YamlFault[] } {
  return { ok: false, faults: [{ message, at }] };
}

/** The file as the YAML library reads it, stopped where it would take too much. */
function* tokensOf(text: string): Generator<CST.Token, void> {
  const parser = new Parser();
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > STACK_MAX) throw new YamlLimit(DEEP, parser.offset);
    if (++count > LEXEMES_MAX) throw new YamlLimit(`more than ${LEXEMES_MAX} words and signs`, parser.offset);
  }
  yield* parser.end();
}

/** What is behind the first fault of a document is read as what it is not: only that one is told. */
function firstFault(document: Document.Parsed, text: string): readonly YamlFault[] {
  const [error] = document.errors;
  if (error === undefined) return [];
  const at = error.pos[0];
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, lineStart + 256))?.[0] ?? '';
  if (indent.includes('\t')) {
    return [{ message: 'a tab cannot indent a line; use blanks', at: lineStart + indent.indexOf('\t') }];
  }
  return [{ message: `not YAML: ${error.message.replace(/[\r\n].*$/s, '')}`, at }];
}
