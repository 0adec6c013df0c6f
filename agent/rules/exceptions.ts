import type { ByteString } from '../events/bytestring.ts';
import { MODIFIERS } from './ast.ts';
import type { CollectedException } from './collect.ts';
import { definitionFault } from './decode.ts';
import type { ExceptionItem, ExceptionValue } from './items.ts';
import { nearestName } from './nearest.ts';
import { LIST_OPERATORS, OPERATOR_WORDS, STRING_OPERATORS } from './parser.ts';
import { SourceText, type Span } from './source-text.ts';
import { shownValue } from './strings.ts';

const SINGLE_COMP_TEXT = "in, pmatch, intersects, or an operator with a modifier such as 'startswith oneof'";

/** A value that says something: an empty list counts as not there. */
export function isGiven(value: ExceptionValue | undefined): value is ExceptionValue {
  if (value === undefined) return false;
  return value.kind === 'list' ? value.items.length > 0 : value.text !== '';
}

/** Fills in the default operators and checks shape, operators and fields. */
export function normalizeException(
  exception: ExceptionItem,
  known: { has(field: ByteString): boolean | undefined; nearest(field: ByteString): string | undefined },
): ExceptionItem {
  const { fields, span } = exception;
  if (!isGiven(fields)) {
    return definitionFault('the exception names no fields', span, { expected: 'fields: [...]' });
  }
  const comps = fields.kind === 'list' ? listComps(exception, fields.items.length) : singleComp(exception);
  for (const field of fields.kind === 'list' ? fields.items : [fields]) {
    const text = textOf(field);
    if (known.has(text) !== false) continue;
    const nearest = known.nearest(text);
    const hint = nearest === undefined ? {} : { nearest };
    definitionFault(`the exception names no known field: ${shownValue(text)}`, field.span, hint);
  }
  return { ...exception, comps };
}

function listComps(exception: ExceptionItem, length: number): ExceptionValue {
  const { comps, span } = exception;
  if (!isGiven(comps)) {
    return { kind: 'list', items: Array.from({ length }, () => ({ kind: 'text', text: '=', span }) as const), span };
  }
  if (comps.kind !== 'list' || comps.items.length !== length) {
    return definitionFault('each field of an exception needs its operator in comps', comps.span, {
      found: comps.kind === 'list' ? `a list of ${comps.items.length}` : 'a single value',
      expected: `a list of ${length}`,
    });
  }
  return { ...comps, items: comps.items.map((comp) => checkedComp(comp)) };
}

function checkedComp(comp: ExceptionValue): ExceptionValue {
  const text = trim(textOf(comp));
  if (!isOperator(text) && !isModified(text)) {
    const nearest = nearestName(text, OPERATOR_WORDS);
    const message = `${shownValue(text)} is no operator`;
    definitionFault(message, comp.span, nearest === undefined ? {} : { nearest });
  }
  return { kind: 'text', text, span: comp.span };
}

function singleComp(exception: ExceptionItem): ExceptionValue {
  const { comps, span } = exception;
  if (!isGiven(comps)) return { kind: 'text', text: 'in', span };
  if (comps.kind === 'list')
    return definitionFault('an exception of one field takes one operator', comps.span, {
      found: 'a list',
      expected: SINGLE_COMP_TEXT,
    });
  const text = trim(comps.text);
  if (!takesList(text))
    definitionFault('an exception of one field needs an operator that takes a list', comps.span, {
      found: shownValue(text),
      expected: SINGLE_COMP_TEXT,
    });
  return { kind: 'text', text, span: comps.span };
}

function isOperator(text: string): boolean {
  return OPERATOR_WORDS.some((operator) => operator === text);
}

/** A string operator and a modifier, such as `startswith anyof`. */
function isModified(text: string): boolean {
  const [operator, modifier, ...rest] = text.split(' ');
  return (
    rest.length === 0 &&
    STRING_OPERATORS.some((known) => known === operator) &&
    MODIFIERS.some((known) => known === modifier)
  );
}

function takesList(operator: string): boolean {
  return LIST_OPERATORS.some((known) => known === operator) || isModified(operator);
}

/**
 * The condition with the rule's exceptions, as text: `(condition) and not (f1 c1 v1 and ... or ...) and not ...`. Values
 * are put in as source text, so lists and transformers in them work, and wrong ones break the condition.
 */
export function withExceptions(condition: SourceText, exceptions: Iterable<CollectedException>): SourceText {
  const texts: SourceText[] = [];
  let any = false;
  for (const exception of exceptions) {
    any = true;
    const text = exceptionText(exception);
    if (text !== '') texts.push(SourceText.made(` and not ${text}`, exceptionPlace(exception)));
  }
  if (!any) return condition;
  const end = condition.text.length;
  return SourceText.join([condition.madeAt('(', 0), condition, condition.madeAt(')', end), ...texts]);
}

function exceptionPlace(exception: CollectedException): Span {
  return exception.values[0]?.span ?? exception.span;
}

function exceptionText(exception: CollectedException): string {
  const { fields, comps } = exception;
  if (fields?.kind !== 'list') return singleText(exception, textOf(fields), textOf(comps));
  const operators = comps?.kind === 'list' ? comps.items.map(textOf) : [];
  const names = fields.items.map(textOf);
  const tuples = exception.values.map((value) => tupleText(value, names, operators));
  return tuples.length === 0 ? '' : `(${tuples.join(' or ')})`;
}

function singleText(exception: CollectedException, field: string, operator: string): string {
  const values = exception.values.map((value) => {
    if (value.kind === 'text') return quoted(value.text);
    return definitionFault('an exception of one field has single values', value.span, {
      found: 'a list',
      expected: 'text',
    });
  });
  return values.length === 0 ? '' : `(${field} ${operator} (${values.join(', ')}))`;
}

function tupleText(tuple: ExceptionValue, fields: readonly string[], operators: readonly string[]): string {
  const items = tuple.kind === 'list' ? tuple.items : [];
  if (items.length !== fields.length) {
    definitionFault('each field of an exception needs its value', tuple.span, {
      found: tuple.kind === 'list' ? `a list of ${items.length}` : 'a single value',
      expected: `a list of ${fields.length}`,
    });
  }
  const checks = fields.map((field, place) => {
    const operator = operators[place] ?? '';
    return ` ${field} ${operator} ${valueText(items[place], operator)}`;
  });
  return `(${checks.join(' and ')})`;
}

function valueText(value: ExceptionValue | undefined, operator: string): string {
  if (value?.kind === 'list') return `(${value.items.map((item) => quoted(textOf(item))).join(', ')})`;
  const text = textOf(value);
  if (!takesList(operator)) return quoted(text);
  return text.startsWith('(') ? text : `(${text})`;
}

function textOf(value: ExceptionValue | undefined): string {
  return value?.kind === 'text' ? value.text : '';
}

/** In quotes if it holds a blank and does not begin with a quote; quotes inside are left alone, as upstream does. */
export function quoted(text: string): string {
  return text.includes(' ') && !text.startsWith('"') && !text.startsWith("'") ? `"${text}"` : text;
}

function trim(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}
