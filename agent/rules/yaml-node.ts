import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments } from 'yaml';
import type { SourceFile, Span } from './source-text.ts';

/** YAML as rule files use it: scalars are text, whatever they look like; keys are text. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly text: string;
  /** Nothing, `~` or `null`, unquoted. */
  readonly isNull: boolean;
  readonly span: Span;
}

export interface YamlSequence {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

export interface YamlMapping {
  readonly kind: 'mapping';
  readonly pairs: readonly YamlPair[];
  readonly span: Span;
}

export interface YamlPair {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlNode;
}

export interface YamlFault {
  readonly message: string;
  /** Character offset in the file. */
  readonly at: number;
}

export type YamlResult =
  | { readonly ok: true; readonly documents: readonly YamlNode[] }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** A file longer than this is refused: reading YAML takes about fifty times its length in memory. */
export const FILE_CHARS_MAX = 32 * 1024 * 1024;
/** Aliases multiply what a file says; more nodes than this after resolving them are refused. */
const NODES_MAX = 1_000_000;
/** Nothing in a rule file nests deeper than an item's exceptions' values' elements. */
const NESTING_MAX = 100;
const NULL_WORDS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

class YamlLimit extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reads all documents of a file; null documents are left out. */
export function readYaml(file: SourceFile): YamlResult {
  if (file.text.length > FILE_CHARS_MAX) {
    return refused(`file has ${file.text.length} characters; at most ${FILE_CHARS_MAX} are read`, 0);
  }
  try {
    const documents = parseDocuments(file.text);
    const faults = documents.flatMap((document) =>
      document.errors.map((error) => ({ message: error.message, at: error.pos[0] })),
    );
    if (faults.length > 0) return { ok: false, faults };
    return { ok: true, documents: documents.flatMap((document) => convertDocument(document, file)) };
  } catch (error) {
    if (error instanceof YamlLimit) return refused(error.message, error.at);
    if (error instanceof RangeError) return refused('nests too deeply', 0);
    throw error;
  }
}

function refused(message: string, at: number): YamlResult {
  return { ok: false, faults: [{ message, at }] };
}

function parseDocuments(text: string): readonly Document[] {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return Array.isArray(documents) ? documents : [];
}

function convertDocument(document: Document, file: SourceFile): readonly YamlNode[] {
  if (document.contents === null) return [];
  const node = new Converter(document, file).convert(document.contents, 0);
  return node.kind === 'scalar' && node.isNull ? [] : [node];
}

class Converter {
  private readonly document: Document;
  private readonly file: SourceFile;
  private nodes = 0;

  constructor(document: Document, file: SourceFile) {
    this.document = document;
    this.file = file;
  }

  convert(node: unknown, depth: number): YamlNode {
    const span = this.span(node);
    if (++this.nodes > NODES_MAX) throw new YamlLimit(`more than ${NODES_MAX} values, aliases resolved`, span.start);
    if (depth > NESTING_MAX) throw new YamlLimit(`nests deeper than ${NESTING_MAX} levels`, span.start);
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target === undefined) throw new YamlLimit(`unknown alias '*${node.source}'`, span.start);
      return this.convert(target, depth + 1);
    }
    if (isScalar(node)) return this.scalar(node.value, node.type, span);
    if (isSeq(node)) return { kind: 'sequence', items: node.items.map((item) => this.convert(item, depth + 1)), span };
    if (isMap(node)) return { kind: 'mapping', pairs: node.items.map((pair) => this.pair(pair, depth)), span };
    return { kind: 'scalar', text: '', isNull: true, span };
  }

  private scalar(value: unknown, type: string | undefined, span: Span): YamlScalar {
    const text = typeof value === 'string' ? value : '';
    return { kind: 'scalar', text, isNull: isNull(text, type), span };
  }

  private pair(pair: Pair<unknown, unknown>, depth: number): YamlPair {
    const key = isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : '';
    const keySpan = this.span(pair.key);
    if (pair.value !== null) return { key, keySpan, value: this.convert(pair.value, depth + 1) };
    return { key, keySpan, value: { kind: 'scalar', text: '', isNull: true, span: keySpan } };
  }

  private span(node: unknown): Span {
    const range = (node as Partial<Node> | null)?.range;
    return { file: this.file, start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
  }
}

function isNull(text: string, type: string | undefined): boolean {
  return (type === undefined || type === 'PLAIN') && NULL_WORDS.has(text);
}

/** The value of a key; where a key stands twice, the first counts. */
export function valueOf(mapping: YamlMapping, key: string): YamlNode | undefined {
  return mapping.pairs.find((pair) => pair.key === key)?.value;
}
