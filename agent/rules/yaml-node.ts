import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Steps } from '../lib/steps.ts';
import type { SourceFile, Span } from './source-text.ts';
import { bounded, composeItems, composeYaml, DEEP, NESTING_MAX, type YamlFault, YamlLimit } from './yaml-text.ts';

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

export type YamlResult =
  | { readonly ok: true; readonly documents: readonly YamlNode[] }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** Aliases multiply what a file says; more nodes than this after resolving them are refused. */
const NODES_MAX = 1_000_000;
const NULL_WORDS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

/** Reads all documents of a file; null documents are left out. */
export function readYaml(file: SourceFile): YamlResult {
  const composed = composeYaml(file.text, 'failsafe');
  if (!composed.ok) return composed;
  return bounded(() => ({
    ok: true,
    documents: composed.documents.flatMap((document) => convertDocument(document, file)),
  }));
}

/** The same for a file that is a list, in steps; a long list may come as several. */
export function* readYamlItems(file: SourceFile): Steps<YamlResult> {
  const composed = yield* composeItems(file.text);
  if (!composed.ok) return composed;
  const documents: YamlNode[] = [];
  for (const document of composed.documents) {
    const converted = bounded(() => ({ ok: true as const, nodes: convertDocument(document, file) }));
    if (!converted.ok) return converted;
    documents.push(...converted.nodes);
    yield;
  }
  return { ok: true, documents };
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
    if (depth > NESTING_MAX) throw new YamlLimit(DEEP, span.start);
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
