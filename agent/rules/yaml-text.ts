import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import { finish, type Steps } from '../lib/steps.ts';

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
  return finish(composeSteps(text, schema, (token) => [token]));
}

/** The same for lists of items, in steps: a long list comes as several documents, each with some of its items. */
export function composeItems(text: string): Steps<ComposeResult> {
  return composeSteps(text, 'failsafe', partsOf);
}

function* composeSteps(
  text: string,
  schema: 'failsafe' | 'core',
  parts: (token: CST.Token, lexemes: Lexemes) => readonly CST.Token[],
): Steps<ComposeResult> {
  if (text.length > FILE_CHARS_MAX) {
    return refused(`file has ${text.length} characters; at most ${FILE_CHARS_MAX} are read`, 0);
  }
  const uniqueKeys = schema === 'core';
  const composer = new Composer({ schema, uniqueKeys, prettyErrors: false, logLevel: 'silent' });
  const documents: Document.Parsed[] = [];
  /** By document, the token that it is (a part of). */
  const tokens: CST.Token[] = [];
  const lexemes: Lexemes = { count: 0, anchors: false };
  try {
    for (const token of tokensOf(text, lexemes)) {
      if (token !== undefined) {
        for (const part of parts(token, lexemes)) {
          if (part.type === 'document') tokens.push(token);
          documents.push(...composer.next(part));
          yield;
        }
      } else yield;
    }
    documents.push(...composer.end());
  } catch (error) {
    return refusal(error);
  }
  const wrong = new Set<CST.Token | undefined>();
  const faults = documents.flatMap((document, place) => {
    const fault = wrong.has(tokens[place]) ? [] : firstFault(document, text);
    if (fault.length > 0) wrong.add(tokens[place]);
    return fault;
  });
  return faults.length > 0 ? { ok: false, faults } : { ok: true, documents };
}

interface Lexemes {
  count: number;
  /** Something that may be an anchor or an alias was among them. */
  anchors: boolean;
}

/** Items of a part. */
const PART_ITEMS = 16;

/** A long list in pieces, unless it may refer from one item to another. */
function partsOf(token: CST.Token, { anchors }: Lexemes): readonly CST.Token[] {
  if (token.type !== 'document' || token.value?.type !== 'block-seq' || anchors) return [token];
  const { value } = token;
  const { end, ...rest } = token;
  const parts: CST.Token[] = [];
  for (let from = 0; from < value.items.length; from += PART_ITEMS) {
    const items = value.items.slice(from, from + PART_ITEMS);
    const isLast = from + PART_ITEMS >= value.items.length;
    parts.push({
      ...rest,
      start: from === 0 ? token.start : [],
      value: { ...value, items },
      ...(isLast && end !== undefined ? { end } : {}),
    });
  }
  return parts.length === 0 ? [token] : parts;
}

/** What `read` gives; a limit that it meets is a fault. */
export function bounded<T>(read: () => T): T | { readonly ok: false; readonly faults: readonly YamlFault[] } {
  try {
    return read();
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): { readonly ok: false; readonly faults: readonly YamlFault[] } {
  if (error instanceof YamlLimit) return refused(error.message, error.at);
  if (error instanceof RangeError) return refused(DEEP, 0);
  throw error;
}

function refused(message: string, at: number): { readonly ok: false; readonly faults: readonly YamlFault[] } {
  return { ok: false, faults: [{ message, at }] };
}

/** Lexemes between two rests. */
const REST = 512;

/** The file as the YAML library reads it, stopped where it would take too much; undefined where it may rest. */
function* tokensOf(text: string, lexemes: Lexemes): Generator<CST.Token | undefined, void> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > STACK_MAX) throw new YamlLimit(DEEP, parser.offset);
    if (lexeme.startsWith('&') || lexeme.startsWith('*')) lexemes.anchors = true;
    if (++lexemes.count % REST === 0) yield undefined;
    if (lexemes.count > LEXEMES_MAX) throw new YamlLimit(`more than ${LEXEMES_MAX} words and signs`, parser.offset);
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
