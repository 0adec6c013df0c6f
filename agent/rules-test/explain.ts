import { bytesToText } from '../events/bytestring.ts';
import { type Atom, atomFields, type Condition, type FieldValueNode } from '../rules/condition.ts';
import { evaluateAtom, readValue } from '../rules/evaluate.ts';
import { valueText } from '../rules/format-value.ts';

/** A condition's part with its outcome for one event. */
export type Explained =
  | { readonly kind: 'and' | 'or'; readonly holds: boolean; readonly children: readonly Explained[] }
  | { readonly kind: 'not'; readonly holds: boolean; readonly child: Explained }
  | {
      readonly kind: 'atom';
      readonly holds: boolean;
      readonly text: string;
      readonly values: readonly ExplainedValue[];
    };

export interface ExplainedValue {
  readonly field: string;
  /** Undefined = absent. */
  readonly text: string | undefined;
}

/** Longest value that is shown whole. */
const VALUE_CHARS_MAX = 200;

/** What every part of a condition says of an event, by the reference evaluator. */
export function explain<C>(condition: Condition<C>, context: C): Explained {
  switch (condition.kind) {
    case 'atom':
      return explainAtom(condition, context);
    case 'not': {
      const child = explain(condition.child, context);
      return { kind: 'not', holds: !child.holds, child };
    }
    default: {
      const children = condition.children.map((child) => explain(child, context));
      const holds = condition.kind === 'and' ? children.every(isTrue) : children.some(isTrue);
      return { kind: condition.kind, holds, children };
    }
  }
}

const isTrue = ({ holds }: Explained): boolean => holds;

function explainAtom<C>(atom: Atom<C>, context: C): Explained {
  const seen = new Set<string>();
  const values = [...atomFields(atom)].flatMap((field) => {
    if (seen.has(field.key)) return [];
    seen.add(field.key);
    return [{ field: fieldName(field), text: shown(field, context) }];
  });
  return { kind: 'atom', holds: evaluateAtom(atom, context), text: bytesToText(atom.text), values };
}

function fieldName<C>({ def, argument }: FieldValueNode<C>): string {
  return argument === undefined ? def.name : `${def.name}[${bytesToText(String(argument))}]`;
}

function shown<C>(field: FieldValueNode<C>, context: C): string | undefined {
  const value = readValue(field, context);
  if (value === undefined) return undefined;
  const text = JSON.stringify(bytesToText(valueText(value, field.type, field.def.format)));
  return text.length <= VALUE_CHARS_MAX ? text : `${text.slice(0, VALUE_CHARS_MAX)}...`;
}

/**
 * The parts that decide why a condition does not hold (or holds): of an `and` that is false its false parts, of an `or`
 * that is false all of them, and the other way round.
 */
export function decidingAtoms(explained: Explained): readonly Extract<Explained, { kind: 'atom' }>[] {
  if (explained.kind === 'atom') return [explained];
  if (explained.kind === 'not') return decidingAtoms(explained.child);
  const decisive = (explained.kind === 'and') !== explained.holds;
  const children = decisive ? explained.children.filter(({ holds }) => holds === explained.holds) : explained.children;
  return children.flatMap(decidingAtoms);
}

/** A comparison with a long list is shown by its beginning. */
const ATOM_CHARS_MAX = 160;

/**
 * The tree as lines; each atom with what it read. Where an outcome is decided, the parts that do not matter are folded,
 * and long lists are cut.
 */
export function explainedLines(explained: Explained, options: { readonly all: boolean }): readonly string[] {
  const lines: string[] = [];
  const walk = (node: Explained, depth: number): void => {
    const mark = node.holds ? 'yes' : 'NO ';
    const at = '  '.repeat(depth);
    if (node.kind === 'atom') {
      lines.push(`${mark} ${at}${options.all ? node.text : beginning(node.text)}${valuesText(node.values)}`);
      return;
    }
    lines.push(`${mark} ${at}${node.kind}`);
    const children = node.kind === 'not' ? [node.child] : node.children;
    const decisive = (node.kind === 'and' && !node.holds) || (node.kind === 'or' && node.holds);
    const shownChildren = options.all || !decisive ? children : children.filter(({ holds }) => holds === node.holds);
    for (const child of shownChildren) walk(child, depth + 1);
    const folded = children.length - shownChildren.length;
    if (folded > 0) lines.push(`    ${at}  (${folded} more that ${node.holds ? 'do not hold' : 'hold'})`);
  };
  walk(explained, 0);
  return lines;
}

function beginning(text: string): string {
  if (text.length <= ATOM_CHARS_MAX) return text;
  const left = [...text.slice(ATOM_CHARS_MAX)].length;
  return `${text.slice(0, ATOM_CHARS_MAX)}... (${left} more characters)`;
}

function valuesText(values: readonly ExplainedValue[]): string {
  if (values.length === 0) return '';
  return `   [${values.map(({ field, text }) => (text === undefined ? `${field} is absent` : `${field} = ${text}`)).join('; ')}]`;
}
