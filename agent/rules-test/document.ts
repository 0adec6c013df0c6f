/**
 * A test document, in a file of its own or beside rules, is a mapping:
 *
 *     rules: [../00-base.yaml, ../container.yaml]    what is loaded, in order, counted from this file (bundled: the rules that
 *                                                    come with Atalaya), then this file's own rules; without it: only those
 *     given: {container.id: 3b07a4c1d9e2}            fields of every event below
 *     tests:
 *       - test: a shell with a terminal is told      a sentence
 *         given: {proc.name: bash}                   fields of every event of this test
 *         events:
 *           - {evt.type: execve, proc.tty: 34816}
 *         expect: [Shell with a terminal in a container]    every alert of all loaded rules, no other
 *         silent: [Program run from memory]          rules that look at these events and have nothing to say
 *
 * Instead of `events`, `capture: FILE` (with `filter: CONDITION`, if only some of its events are meant). An expected alert may
 * also be a mapping: `{rule: NAME, event: 2, output: TEXT}`. A field without a value is absent. What follows from the fields
 * that are given need not be said; a call that does not say `evt.res` has succeeded.
 */
import { nearestName } from '../rules/nearest.ts';
import { SourceFile, type Span } from '../rules/source-text.ts';
import {
  readYaml,
  valueOf,
  type YamlMapping,
  type YamlNode,
  type YamlPair,
  type YamlSequence,
} from '../rules/yaml-node.ts';
import { DocumentFault, refuse, type TestFault } from './fault.ts';

/** Fields by the names that stand in the document; null = absent. */
export interface GivenField {
  readonly name: string;
  readonly value: YamlNode;
  readonly span: Span;
}

export interface ExpectedAlert {
  readonly rule: string;
  /** From 1; undefined = of any event. */
  readonly event: number | undefined;
  /** The whole text, as the rule's output gives it. */
  readonly output: string | undefined;
  readonly span: Span;
}

export interface NamedRule {
  readonly name: string;
  readonly span: Span;
}

export interface TestCase {
  readonly name: string;
  readonly span: Span;
  /** Of the document, then of the test, then the event's own: later ones count. */
  readonly events: readonly { readonly fields: readonly GivenField[]; readonly span: Span }[];
  readonly capture: { readonly path: string; readonly filter: string | undefined; readonly span: Span } | undefined;
  /** All alerts there are; undefined = the test does not say. */
  readonly expect: readonly ExpectedAlert[] | undefined;
  readonly silent: readonly NamedRule[];
}

export interface TestDocument {
  readonly file: string;
  /** As written; undefined = the file itself. */
  readonly rules: readonly { readonly path: string; readonly span: Span }[] | undefined;
  /** The file has rules too. */
  readonly besideRules: boolean;
  readonly tests: readonly TestCase[];
}

export interface ReadTests {
  readonly documents: readonly TestDocument[];
  readonly faults: readonly TestFault[];
}

const DOCUMENT_KEYS = ['rules', 'given', 'tests'];
const TEST_KEYS = ['test', 'given', 'events', 'capture', 'filter', 'expect', 'silent'];
const ALERT_KEYS = ['rule', 'event', 'output'];

/** Reads every test document of a file; documents that are lists (of rules) are passed over. */
export function readTestDocuments(path: string, text: string): ReadTests {
  // Rule files are many and long: most of them need not be read for tests.
  if (!text.includes('test')) return { documents: [], faults: [] };
  const file = new SourceFile(path, text);
  const yaml = readYaml(file);
  if (!yaml.ok) {
    return { documents: [], faults: yaml.faults.map(({ message, at }) => ({ message, ...file.place(at) })) };
  }
  const documents: TestDocument[] = [];
  const faults: TestFault[] = [];
  const besideRules = yaml.documents.some(({ kind }) => kind === 'sequence');
  for (const node of yaml.documents) {
    if (node.kind !== 'mapping') continue;
    try {
      documents.push({ ...readDocument(node, path, faults), besideRules });
    } catch (error) {
      faults.push(faultOf(error));
    }
  }
  return { documents, faults };
}

/** A wrong test leaves the others in force. */
function readDocument(node: YamlMapping, file: string, faults: TestFault[]): Omit<TestDocument, 'besideRules'> {
  knowKeys(node, DOCUMENT_KEYS);
  const given = fieldsOf(node, 'given');
  const tests: TestCase[] = [];
  for (const item of sequence(node, 'tests', 'a list of tests')?.items ?? refuse(`no 'tests'`, node.span)) {
    try {
      tests.push(readTest(mapping(item, 'a test'), given));
    } catch (error) {
      faults.push(faultOf(error));
    }
  }
  const rules = sequence(node, 'rules', 'a list of rule files')?.items.map((item) => ({
    path: text(item),
    span: item.span,
  }));
  return { file, rules, tests };
}

function faultOf(error: unknown): TestFault {
  if (error instanceof DocumentFault) return error.fault;
  throw error;
}

function readTest(node: YamlMapping, documentGiven: readonly GivenField[]): TestCase {
  knowKeys(node, TEST_KEYS);
  const name = valueOf(node, 'test') ?? refuse(`a test without a name`, node.span, { expected: `'test: a sentence'` });
  const given = [...documentGiven, ...fieldsOf(node, 'given')];
  const listed = sequence(node, 'events', 'a list of events')?.items ?? [];
  const events = listed.map((item) => ({
    fields: [...given, ...readFields(mapping(item, 'an event'))],
    span: item.span,
  }));
  const capture = readCapture(node);
  if (events.length > 0 === (capture !== undefined)) {
    refuse(`test '${text(name)}' needs either events or a capture`, node.span);
  }
  const expect = sequence(node, 'expect', 'a list of alerts')?.items.map(readAlert);
  const silent = (sequence(node, 'silent', 'a list of rules')?.items ?? []).map((item) => ({
    name: text(item),
    span: item.span,
  }));
  if (expect === undefined && silent.length === 0) {
    refuse(`test '${text(name)}' expects nothing`, node.span, { expected: `'expect: [...]' or 'silent: [...]'` });
  }
  return { name: text(name), span: node.span, events, capture, expect, silent };
}

function readCapture(node: YamlMapping): TestCase['capture'] {
  const path = valueOf(node, 'capture');
  const filter = valueOf(node, 'filter');
  if (path !== undefined) return { path: text(path), filter: filter && text(filter), span: path.span };
  if (filter !== undefined) refuse(`'filter' without 'capture'`, filter.span);
  return undefined;
}

function readAlert(node: YamlNode): ExpectedAlert {
  if (node.kind === 'scalar') return { rule: text(node), event: undefined, output: undefined, span: node.span };
  const item = mapping(node, 'an expected alert');
  knowKeys(item, ALERT_KEYS);
  const rule = valueOf(item, 'rule') ?? refuse(`an expected alert without 'rule'`, item.span);
  const event = valueOf(item, 'event');
  const output = valueOf(item, 'output');
  return {
    rule: text(rule),
    event: event && eventNumber(event),
    output: output && text(output).trim(),
    span: node.span,
  };
}

function eventNumber(node: YamlNode): number {
  const found = text(node);
  if (!/^[1-9]\d{0,8}$/.test(found))
    refuse(`'${found}' is no event`, node.span, { expected: 'its number, counted from 1' });
  return Number(found);
}

function fieldsOf(node: YamlMapping, key: string): readonly GivenField[] {
  const given = valueOf(node, key);
  return given === undefined ? [] : readFields(mapping(given, `'${key}'`));
}

function readFields(node: YamlMapping): readonly GivenField[] {
  const seen = new Set<string>();
  return node.pairs.map(({ key, keySpan, value }: YamlPair) => {
    if (seen.has(key)) refuse(`field '${key}' stands twice`, keySpan);
    seen.add(key);
    return { name: key, value, span: keySpan };
  });
}

function knowKeys(node: YamlMapping, known: readonly string[]): void {
  for (const { key, keySpan } of node.pairs) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    const expected = `one of ${known.join(', ')}`;
    refuse(`unknown key '${key}'`, keySpan, nearest === undefined ? { expected } : { expected, nearest });
  }
}

function mapping(node: YamlNode, what: string): YamlMapping {
  return node.kind === 'mapping' ? node : refuse(`${what} must be a mapping`, node.span, { found: kindOf(node) });
}

function sequence(node: YamlMapping, key: string, what: string): YamlSequence | undefined {
  const value = valueOf(node, key);
  if (value === undefined || value.kind === 'sequence') return value;
  return refuse(`'${key}' must be ${what}`, value.span, { found: kindOf(value) });
}

function text(node: YamlNode): string {
  if (node.kind === 'scalar' && !node.isNull) return node.text;
  return refuse('a text is missing', node.span, { found: kindOf(node) });
}

function kindOf(node: YamlNode): string {
  if (node.kind === 'scalar') return node.isNull ? 'nothing' : `'${node.text}'`;
  return `a ${node.kind === 'sequence' ? 'list' : 'mapping'}`;
}
