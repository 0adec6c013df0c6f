import { textToBytes } from '../events/bytestring.ts';
import { missingKey, nodeWord, requiredText, structureFault } from './decode.ts';
import type { Detail, WarningCode } from './diagnostics.ts';
import type { ExceptionItem, ExceptionValue } from './items.ts';
import type { Span } from './source-text.ts';
import { shownValue } from './strings.ts';
import { valueOf, type YamlMapping, type YamlNode } from './yaml-node.ts';

const ENTRY_TEXT = 'entries with name, fields, comps and values';

export type Warn = (code: WarningCode, detail: Detail, span: Span) => void;

/** The exceptions of a rule item; when appended, `fields` and `values` may be missing. */
export function readExceptions(item: YamlMapping, appended: boolean, warn: Warn): readonly ExceptionItem[] {
  const node = valueOf(item, 'exceptions');
  if (node === undefined || (node.kind === 'scalar' && node.isNull)) return [];
  if (node.kind !== 'sequence')
    return structureFault('exceptions are a list', node.span, {
      found: `a ${nodeWord(node)}`,
      expected: ENTRY_TEXT,
    });
  const exceptions: ExceptionItem[] = [];
  for (const element of node.items) {
    const exception = readException(element, appended, exceptions, warn);
    exceptions.push(exception);
  }
  return exceptions;
}

function readException(
  node: YamlNode,
  appended: boolean,
  earlier: readonly ExceptionItem[],
  warn: Warn,
): ExceptionItem {
  if (node.kind !== 'mapping')
    return structureFault('an exception is a mapping of keys', node.span, {
      found: `a ${nodeWord(node)}`,
      expected: ENTRY_TEXT,
    });
  const name = requiredText(node, 'name');
  for (const other of earlier) {
    if (other.name !== name) continue;
    const message = `the exception ${shownValue(name)} is defined twice here`;
    warn('LOAD_EXCEPTION_NAME_NOT_UNIQUE', { message }, node.span);
  }
  const fields = readEntry(node, 'fields');
  if (fields === undefined && !appended) missingKey(node, 'fields');
  const comps = readEntry(node, 'comps');
  const values = readValues(node, appended, warn);
  return {
    name,
    values,
    span: node.span,
    ...(fields === undefined ? {} : { fields }),
    ...(comps === undefined ? {} : { comps }),
  };
}

function readEntry(exception: YamlMapping, key: string): ExceptionValue | undefined {
  const node = valueOf(exception, key);
  return node === undefined ? undefined : toValue(node);
}

function readValues(exception: YamlMapping, appended: boolean, warn: Warn): readonly ExceptionValue[] {
  const node = valueOf(exception, 'values');
  if (node === undefined) {
    const message = 'the exception that is appended has no values and changes nothing';
    if (appended) warn('LOAD_APPEND_NO_VALUES', { message }, exception.span);
    return [];
  }
  if (node.kind === 'sequence') return node.items.map(toValue);
  return structureFault('the values of an exception are a list', node.span, {
    found: `a ${nodeWord(node)}`,
    expected: 'a list',
  });
}

function toValue(node: YamlNode): ExceptionValue {
  if (node.kind === 'sequence') return { kind: 'list', items: node.items.map(toValue), span: node.span };
  if (node.kind === 'mapping' || node.isNull) return { kind: 'text', text: '', span: node.span };
  if (node.text === '') return structureFault('a value of an exception is empty', node.span);
  return { kind: 'text', text: textToBytes(node.text), span: node.span };
}
