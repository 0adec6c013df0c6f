import type { Priority } from '../events/alert.ts';
import type { ByteString } from '../events/bytestring.ts';
import { textToBytes } from '../events/bytestring.ts';
import type { Collector } from './collect.ts';
import {
  optionalBoolean,
  optionalScalar,
  optionalUint32,
  requiredScalar,
  requiredText,
  structureFault,
  textSequence,
  toBoolean,
  toUint32,
} from './decode.ts';
import type { RuleUpdate } from './items.ts';
import { nearestName } from './nearest.ts';
import { type Overrides, RULE_OVERRIDES, readOverrides } from './overrides.ts';
import { parsePriority } from './priorities.ts';
import { readExceptions, type Warn } from './read-exceptions.ts';
import { SourceText } from './source-text.ts';
import { shownText } from './strings.ts';
import { valueOf, type YamlMapping, type YamlScalar } from './yaml-node.ts';

export const DEFAULT_SOURCE = 'syscall';
export const APPEND_DEPRECATED = "'append: true' is the old way; write for example 'override: {condition: append}'";
export const APPEND_AND_OVERRIDE = "'append: true' and 'override' exclude each other; keep 'override'";
const ENABLED_DEPRECATED = "'enabled' alone is the old way; add 'override: {enabled: replace}'";
/** A rule item with none of these is the old way to switch a rule on or off. */
const DEFINING_KEYS = ['condition', 'output', 'desc', 'priority'];

/** Reads one rule item and hands what it says to the collector. */
export function readRule(item: YamlMapping, collector: Collector, warn: Warn): void {
  const name = requiredText(item, 'rule');
  const source = optionalSource(item);
  const append = optionalBoolean(item, 'append') ?? false;
  if (append) warn('LOAD_DEPRECATED_ITEM', { message: APPEND_DEPRECATED }, item.span);
  const overrides = readOverrides(item, RULE_OVERRIDES);
  const overridden = overrides.append.size + overrides.replace.size > 0;
  if (append && overridden) structureFault(APPEND_AND_OVERRIDE, item.span);
  if (overridden) readOverriddenRule(item, name, source, overrides, collector, warn);
  else if (append) readAppendedRule(item, name, source, collector, warn);
  else if (DEFINING_KEYS.some((key) => valueOf(item, key) !== undefined)) defineRule(item, name, collector, warn);
  else readEnabled(item, name, collector, warn);
}

function readEnabled(item: YamlMapping, name: ByteString, collector: Collector, warn: Warn): void {
  const enabled = toBoolean(requiredScalar(item, 'enabled'));
  warn('LOAD_DEPRECATED_ITEM', { message: ENABLED_DEPRECATED }, item.span);
  collector.enableRule(name, enabled, item.span);
}

function defineRule(item: YamlMapping, name: ByteString, collector: Collector, warn: Warn): void {
  const condition = readText(item, 'condition');
  const output = trimmed(readText(item, 'output'));
  const desc = requiredText(item, 'desc');
  const priority = readPriority(requiredScalar(item, 'priority'));
  collector.defineRule({
    name,
    condition,
    output,
    desc,
    priority,
    source: textToBytes(optionalScalar(item, 'source')?.text ?? DEFAULT_SOURCE),
    enabled: optionalBoolean(item, 'enabled') ?? true,
    capture: optionalBoolean(item, 'capture') ?? false,
    captureDurationMs: optionalUint32(item, 'capture_duration') ?? 0,
    warnEventTypes: optionalBoolean(item, 'warn_evttypes') ?? true,
    skipIfUnknownFilter: optionalBoolean(item, 'skip-if-unknown-filter') ?? false,
    tags: readTags(item),
    exceptions: readExceptions(item, false, warn),
    span: item.span,
  });
}

function readAppendedRule(
  item: YamlMapping,
  name: ByteString,
  source: ByteString,
  collector: Collector,
  warn: Warn,
): void {
  const has = (key: string): boolean => valueOf(item, key) !== undefined;
  collector.appendRule({
    name,
    source,
    span: item.span,
    ...(has('condition') ? { condition: readText(item, 'condition') } : {}),
    ...(has('exceptions') ? { exceptions: readExceptions(item, true, warn) } : {}),
  });
}

function readOverriddenRule(
  item: YamlMapping,
  name: ByteString,
  source: ByteString,
  overrides: Overrides,
  collector: Collector,
  warn: Warn,
): void {
  const pending = new Set(RULE_OVERRIDES.replace.filter((key) => valueOf(item, key) !== undefined));
  for (const operation of ['append', 'replace'] as const) {
    if (overrides[operation].size === 0) continue;
    let update: RuleUpdate = { name, span: item.span };
    for (const key of RULE_OVERRIDES[operation]) {
      if (!overrides[operation].has(key)) continue;
      if (!pending.delete(key)) {
        structureFault(`'override' says ${operation} for '${key}', and there is no '${key}'`, item.span);
      }
      update = { ...update, ...readPart(item, key, operation === 'append', source, warn) };
    }
    if (operation === 'append') collector.appendRule(update);
    else collector.replaceRule(update);
  }
  const unexpected = [...pending].sort()[0];
  if (unexpected === undefined) return;
  const message = `'override' does not say what to do with '${unexpected}'`;
  structureFault(message, valueOf(item, unexpected)?.span ?? item.span, {
    expected: RULE_OVERRIDES.append.includes(unexpected) ? 'append or replace' : 'replace',
  });
}

function readPart(
  item: YamlMapping,
  key: string,
  appended: boolean,
  source: ByteString,
  warn: Warn,
): Partial<RuleUpdate> {
  switch (key) {
    case 'condition':
      return { condition: readText(item, key), source };
    case 'exceptions':
      return { exceptions: readExceptions(item, appended, warn) };
    case 'output':
      return { output: readText(item, key) };
    case 'desc':
      return { desc: requiredText(item, key) };
    case 'tags':
      return { tags: readTags(item) };
    case 'priority':
      return { priority: readPriority(requiredScalar(item, key)) };
    case 'capture':
      return { capture: toBoolean(requiredScalar(item, key)) };
    case 'capture_duration':
      return { captureDurationMs: toUint32(requiredScalar(item, key)) };
    case 'enabled':
      return { enabled: toBoolean(requiredScalar(item, key)) };
    case 'warn_evttypes':
      return { warnEventTypes: toBoolean(requiredScalar(item, key)) };
    default:
      return { skipIfUnknownFilter: toBoolean(requiredScalar(item, key)) };
  }
}

/** A source may be there and empty, which means the same as none. */
function optionalSource(item: YamlMapping): ByteString {
  const node = valueOf(item, 'source');
  if (node === undefined || (node.kind === 'scalar' && (node.isNull || node.text === ''))) return '';
  return textToBytes(optionalScalar(item, 'source')?.text ?? '');
}

function readText(item: YamlMapping, key: string): SourceText {
  const scalar = requiredScalar(item, key);
  return SourceText.ofScalar(scalar.text, scalar.span);
}

function trimmed(text: SourceText): SourceText {
  const start = /^[ \t\n\v\f\r]*/.exec(text.text)?.[0].length ?? 0;
  const end = text.text.length - (/[ \t\n\v\f\r]*$/.exec(text.text)?.[0].length ?? 0);
  return text.slice(start, Math.max(start, end));
}

function readTags(item: YamlMapping): ReadonlySet<ByteString> {
  const node = valueOf(item, 'tags');
  return new Set(node === undefined ? [] : textSequence(node));
}

function readPriority(scalar: YamlScalar): Priority {
  const priority = parsePriority(scalar.text);
  if (priority !== undefined) return priority;
  const names = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'info', 'debug'];
  const nearest = nearestName(scalar.text.toLowerCase(), names);
  return structureFault('there is no such priority', scalar.span, {
    found: shownText(scalar.text),
    expected: names.join(', '),
    ...(nearest === undefined ? {} : { nearest }),
  });
}
