import type { FieldCatalogue } from '../fields/field.ts';
import type { ArgumentExpr, CheckExpr, ExistsExpr, Expr, ValueExpr } from './ast.ts';
import type { WarningCode } from './diagnostics.ts';
import { TRANSFORMER_WORDS } from './parser.ts';
import { resolveFieldText } from './resolve-field.ts';
import { shownValue } from './strings.ts';

export interface ConditionWarning {
  readonly code: WarningCode;
  readonly message: string;
  /** Where it is; absent for what concerns the condition as a whole. */
  readonly expr?: CheckExpr | ExistsExpr;
}

/** Fields that still work but tell nothing any more. */
export const DEPRECATED_FIELDS: readonly string[] = [
  'evt.dir',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.wait_latency',
];

/** A macro may stand in a condition a million times; its warnings need not. */
const LEAVES_MAX = 10_000;
const SET_OPERATORS: ReadonlySet<string> = new Set(['==', '=', '!=', 'in', 'intersects', 'pmatch']);
const NO_VALUE = '<NA>';

/** Leaves of a condition, left to right, one for each time that they are written. */
export function leavesOf(expr: Expr, limit: number = LEAVES_MAX): readonly (CheckExpr | ExistsExpr)[] {
  const leaves: (CheckExpr | ExistsExpr)[] = [];
  const walk = (node: Expr): void => {
    if (leaves.length >= limit) return;
    if (node.type === 'and' || node.type === 'or') node.children.forEach(walk);
    else if (node.type === 'not') walk(node.child);
    else if (node.type !== 'macro') leaves.push(node);
  };
  walk(expr);
  return leaves;
}

/** Warnings that come before a condition is compiled: comparisons with <NA>, deprecated fields, each once. */
export function usageWarnings(leaves: readonly (CheckExpr | ExistsExpr)[]): readonly ConditionWarning[] {
  const warnings: ConditionWarning[] = [];
  const unsafe = leaves.find((leaf) => leaf.type === 'check' && isUnsafe(leaf));
  if (unsafe !== undefined) {
    const message = 'comparison with <NA>: an absent value is not the text <NA>; use "exists"';
    warnings.push({ code: 'LOAD_UNSAFE_NA_CHECK', message, expr: unsafe });
  }
  for (const field of DEPRECATED_FIELDS) {
    const expr = leaves.find((leaf) => fieldNames(leaf).includes(field));
    if (expr === undefined) continue;
    const message = `'${field}' tells nothing any more and will go`;
    warnings.push({ code: 'LOAD_DEPRECATED_ITEM', message, expr });
  }
  return warnings;
}

/** Warnings of constants that look like something else, one for each time that they are written. */
export function constantWarnings<C>(
  leaves: readonly (CheckExpr | ExistsExpr)[],
  catalogue: FieldCatalogue<C>,
): readonly ConditionWarning[] {
  const known = new Map<string, readonly string[]>();
  const messagesOf = (value: string, operator: string): readonly string[] => {
    const key = `${operator === 'regex' ? 'r' : '-'}${value}`;
    const messages = known.get(key) ?? constantMessages(value, operator, catalogue);
    known.set(key, messages);
    return messages;
  };
  return leaves.flatMap((expr) =>
    constantsOf(expr).flatMap((value) =>
      messagesOf(value, expr.type === 'check' ? expr.operator : '').map(
        (message) => ({ code: 'LOAD_COMPILE_CONDITION', message, expr }) as const,
      ),
    ),
  );
}

function constantsOf(expr: CheckExpr | ExistsExpr): readonly string[] {
  if (expr.type === 'exists' || expr.right.type === 'call') return [];
  return expr.right.type === 'list' ? expr.right.values : [expr.right.value];
}

function constantMessages<C>(value: string, operator: string, catalogue: FieldCatalogue<C>): readonly string[] {
  const messages: string[] = [];
  if (operator === 'regex' && isPlainRegex(value)) {
    messages.push(`the regex ${shownValue(value)} is a plain text: =, contains, startswith or endswith is faster`);
  }
  const compact = value.replace(/[ \t\n\v\f\r]+/g, '');
  if (compact.includes('.') && resolveFieldText(catalogue, compact).ok) {
    messages.push(
      `${shownValue(value)} is compared as a text, and there is a field of this name: val(${compact}) is its value`,
    );
  }
  for (const word of ['val', ...TRANSFORMER_WORDS]) {
    if (compact.startsWith(`${word}(`) && compact.endsWith(')')) {
      messages.push(
        `${shownValue(value)} is compared as a text, and looks like a transformer: leave the quotes out to apply it`,
      );
    }
  }
  return messages;
}

/** Nothing but anchors and a run of any characters at the ends tells it from a text. */
function isPlainRegex(pattern: string): boolean {
  const { length } = pattern;
  for (let i = 0; i < length; i++) {
    const char = pattern.charAt(i);
    if ((i === 0 && char === '^') || (i === length - 1 && char === '$')) continue;
    const atEnd = (i === 0 && length > 1) || i === length - 2;
    if (atEnd && char === '.' && '+*?'.includes(pattern.charAt(i + 1))) {
      i++;
      continue;
    }
    if ('.+*?^$()[]{}|\\'.includes(char)) return false;
  }
  return true;
}

function isUnsafe(check: CheckExpr): boolean {
  if (!SET_OPERATORS.has(check.operator) || check.modifier !== undefined || check.right.type === 'call') return false;
  const last = argumentFields(check.left).at(-1) ?? '';
  const values = check.right.type === 'list' ? check.right.values : [check.right.value];
  return (last.startsWith('ka.') || last.startsWith('jevt.')) && values.includes(NO_VALUE);
}

function fieldNames(leaf: CheckExpr | ExistsExpr): readonly string[] {
  return argumentFields(leaf.left);
}

function argumentFields(value: ValueExpr | ArgumentExpr): readonly string[] {
  switch (value.type) {
    case 'field':
      return [value.name];
    case 'literal':
      return [];
    case 'tuple':
      return [];
    case 'call':
      return value.args.flatMap(argumentFields);
  }
}
