import type { Steps } from '../lib/steps.ts';
import type { Collector } from './collect.ts';
import {
  ItemFault,
  nodeWord,
  optionalBoolean,
  requiredScalar,
  requiredSequence,
  requiredText,
  structureFault,
} from './decode.ts';
import type { Detail, Diagnostic, WarningCode } from './diagnostics.ts';
import type { PluginVersion } from './items.ts';
import { nearestName } from './nearest.ts';
import { LIST_OVERRIDES, MACRO_OVERRIDES, type Overridable, readOverrides } from './overrides.ts';
import type { Warn } from './read-exceptions.ts';
import { APPEND_AND_OVERRIDE, APPEND_DEPRECATED, readRule } from './read-rule.ts';
import { placeOf, type SourceFile, SourceText, type Span } from './source-text.ts';
import { shownText } from './strings.ts';
import { engineRequirement } from './versions.ts';
import { readYamlItems, valueOf, type YamlMapping, type YamlNode } from './yaml-node.ts';

/** Kinds of item in the order in which their key decides, with the keys that each knows. */
const KINDS = [
  { key: 'required_engine_version', keys: ['required_engine_version'], read: readEngineVersion },
  { key: 'required_plugin_versions', keys: ['required_plugin_versions'], read: readPluginVersions },
  { key: 'list', keys: ['list', 'items', 'append', 'override'], read: readList },
  { key: 'macro', keys: ['macro', 'condition', 'append', 'override'], read: readMacro },
  {
    key: 'rule',
    keys: [
      'rule',
      'condition',
      'output',
      'desc',
      'priority',
      'source',
      'enabled',
      'capture',
      'capture_duration',
      'warn_evttypes',
      'skip-if-unknown-filter',
      'tags',
      'exceptions',
      'override',
      'append',
    ],
    read: readRule,
  },
] as const;

const KINDS_TEXT = 'one of the keys rule, macro, list, required_engine_version, required_plugin_versions';
const PLUGIN_TEXT = 'entries with name and version';
const LIST_NAME = /^[^()"' \t\n\v\f\r=,]+$/;
const MACRO_NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;

/**
 * Reads a file's items into the collector. Everything wrong is reported, item by item; what an item says is taken up
 * to the point where it is wrong.
 */
export function* readFile(
  file: SourceFile,
  collector: Collector,
  report: (diagnostic: Diagnostic) => void,
): Steps<void> {
  const yaml = yield* readYamlItems(file);
  if (!yaml.ok) {
    for (const { message, at } of yaml.faults) {
      report({ severity: 'error', code: 'LOAD_ERR_YAML_PARSE', message, ...file.place(at) });
    }
    return;
  }
  for (const document of yaml.documents) {
    const items = documentItems(document, report);
    for (const item of items) {
      readItem(item, collector, report);
      yield;
    }
  }
}

function documentItems(document: YamlNode, report: (diagnostic: Diagnostic) => void): readonly YamlNode[] {
  if (document.kind === 'sequence') return document.items;
  // Tests may stand beside the rules that they are about, as a document of their own.
  if (document.kind === 'mapping' && valueOf(document, 'tests') !== undefined) return [];
  const message = 'a rule file is a list of items';
  const detail = { message, found: `a ${nodeWord(document)}`, expected: 'items, each beginning with "- "' };
  report({ severity: 'error', code: 'LOAD_ERR_YAML_VALIDATE', ...detail, ...placeOf(document.span) });
  return [];
}

function readItem(node: YamlNode, collector: Collector, report: (diagnostic: Diagnostic) => void): void {
  if (node.kind === 'scalar' && node.isNull) return;
  const item = itemName(node);
  const about = item === undefined ? {} : { item };
  const warn = (code: WarningCode, detail: Detail, span: Span): void =>
    report({ severity: 'warning', code, ...about, ...detail, ...placeOf(span) });
  try {
    readMapping(node, collector, warn);
  } catch (fault) {
    if (!(fault instanceof ItemFault)) throw fault;
    report({ severity: 'error', code: fault.code, ...about, ...fault.detail, ...placeOf(fault.span) });
  }
}

function readMapping(node: YamlNode, collector: Collector, warn: Warn): void {
  if (node.kind !== 'mapping') {
    return structureFault('an item is a mapping of keys', node.span, {
      found: `a ${nodeWord(node)}`,
      expected: KINDS_TEXT,
    });
  }
  const kind = KINDS.find(({ key }) => valueOf(node, key) !== undefined);
  if (kind === undefined) {
    const nearest = nearestName(
      node.pairs[0]?.key ?? '',
      KINDS.map(({ key }) => key),
    );
    const message = 'the item is of no known kind and is ignored';
    const detail = { message, expected: KINDS_TEXT, ...(nearest === undefined ? {} : { nearest }) };
    return warn('LOAD_UNKNOWN_ITEM', detail, node.span);
  }
  kind.read(node, collector, warn);
  warnUnknownKeys(node, kind.keys, warn);
}

function warnUnknownKeys(item: YamlMapping, known: readonly string[], warn: Warn): void {
  const seen = new Set<string>();
  for (const { key, keySpan } of item.pairs) {
    if (!known.includes(key)) warnUnknownKey(key, known, warn, keySpan);
    else if (seen.has(key)) {
      const message = `the key ${shownText(key)} stands twice; the first counts`;
      warn('NOTE_DUPLICATE_KEY', { message }, keySpan);
    }
    seen.add(key);
  }
}

function warnUnknownKey(key: string, known: readonly string[], warn: Warn, span: Span): void {
  const nearest = nearestName(key, known);
  const detail = { message: `the key ${shownText(key)} means nothing here and is ignored` };
  warn('LOAD_UNKNOWN_KEY', nearest === undefined ? detail : { ...detail, nearest }, span);
}

/** `rule 'X'`, for messages. */
function itemName(node: YamlNode): string | undefined {
  if (node.kind !== 'mapping') return undefined;
  for (const key of ['list', 'macro', 'rule'] as const) {
    const value = valueOf(node, key);
    if (value?.kind === 'scalar') return `${key} '${value.text}'`;
  }
  return undefined;
}

function readEngineVersion(item: YamlMapping, collector: Collector): void {
  const scalar = requiredScalar(item, 'required_engine_version');
  collector.requireEngine(engineRequirement(scalar), scalar.span);
}

function readPluginVersions(item: YamlMapping, collector: Collector): void {
  const node = valueOf(item, 'required_plugin_versions');
  if (node?.kind !== 'sequence') {
    return structureFault('required_plugin_versions takes a list', node?.span ?? item.span, {
      found: node === undefined ? 'nothing' : `a ${nodeWord(node)}`,
      expected: PLUGIN_TEXT,
    });
  }
  for (const entry of node.items) {
    if (entry.kind !== 'mapping') notPlugin(entry);
    const alternatives = [pluginVersion(entry)];
    const others = valueOf(entry, 'alternatives');
    if (others !== undefined && others.kind !== 'sequence') {
      structureFault('alternatives take a list', others.span, {
        found: `a ${nodeWord(others)}`,
        expected: PLUGIN_TEXT,
      });
    }
    for (const other of others?.items ?? []) {
      if (other.kind !== 'mapping') notPlugin(other);
      alternatives.push(pluginVersion(other));
    }
    collector.requirePlugin({ alternatives, span: entry.span });
  }
}

function notPlugin(node: YamlNode): never {
  return structureFault('a plugin is a mapping of keys', node.span, {
    found: `a ${nodeWord(node)}`,
    expected: PLUGIN_TEXT,
  });
}

function pluginVersion(entry: YamlMapping): PluginVersion {
  return { name: requiredText(entry, 'name'), version: requiredText(entry, 'version') };
}

function readList(item: YamlMapping, collector: Collector, warn: Warn): void {
  const name = requiredText(item, 'list');
  if (!LIST_NAME.test(name)) {
    const message = 'conditions cannot tell this name of a list from what stands beside it';
    const expected = 'a name without blanks, quotes, parentheses, commas and =';
    warn('LOAD_INVALID_LIST_NAME', { message, expected }, item.span);
  }
  const items = requiredSequence(item, 'items');
  const list = { name, items, span: item.span };
  if (readAppend(item, LIST_OVERRIDES, 'items', warn)) collector.appendList(list);
  else collector.defineList(list);
}

function readMacro(item: YamlMapping, collector: Collector, warn: Warn): void {
  const name = requiredText(item, 'macro');
  if (!MACRO_NAME.test(name)) {
    const message = 'no condition can name this macro';
    const expected = 'a letter, then letters, digits and _';
    warn('LOAD_INVALID_MACRO_NAME', { message, expected }, item.span);
  }
  const scalar = requiredScalar(item, 'condition');
  const macro = { name, condition: SourceText.ofScalar(scalar.text, scalar.span), span: item.span };
  if (readAppend(item, MACRO_OVERRIDES, 'condition', warn)) collector.appendMacro(macro);
  else collector.defineMacro(macro);
}

/** Whether a list or macro is to be appended to the earlier one; replacing is the same as defining. */
function readAppend(item: YamlMapping, allowed: Overridable, key: string, warn: Warn): boolean {
  const append = optionalBoolean(item, 'append') ?? false;
  if (append) warn('LOAD_DEPRECATED_ITEM', { message: APPEND_DEPRECATED }, item.span);
  const overrides = readOverrides(item, allowed);
  if (append && overrides.append.size + overrides.replace.size > 0) structureFault(APPEND_AND_OVERRIDE, item.span);
  return append || overrides.append.has(key);
}
