import type { Atom, Value } from './condition.ts';
import type { Formula } from './normalize.ts';
import { familyOf } from './types.ts';

/** Fields that are put together from several facts each time they are read. */
const MADE_TEXTS: ReadonlySet<string> = new Set(['evt.arg', 'evt.args', 'evt.info', 'proc.cmdline', 'proc.acmdline']);

/**
 * Cheap parts of a condition first. Conditions have no side effects, so the order does not change the outcome; it
 * decides only how soon it is known. Costs are rough, in reads of a number.
 */
export function cheapFirst<C>(formula: Formula<C>, known: Map<Formula<C>, number>): readonly Formula<C>[] {
  if (formula.kind !== 'and' && formula.kind !== 'or') return [];
  return [...formula.children].sort((a, b) => formulaCost(a, known) - formulaCost(b, known));
}

/** What it costs until a formula's outcome is known, where its first part mostly decides. */
function formulaCost<C>(formula: Formula<C>, known: Map<Formula<C>, number>): number {
  const before = known.get(formula);
  if (before !== undefined) return before;
  let cost = 0;
  if (formula.kind === 'literal') {
    cost = atomCost(formula.atom);
  } else if (formula.kind !== 'constant') {
    const costs = formula.children.map((child) => formulaCost(child, known));
    const all = costs.reduce((sum, part) => sum + part, 0);
    cost = formula.kind === 'or' ? all : Math.min(...costs) + all / 8;
  }
  known.set(formula, cost);
  return cost;
}

export function atomCost<C>({ left, test }: Atom<C>): number {
  const right = test.kind === 'field' ? valueCost(test.right) : 0;
  const slow = test.kind === 'one' && ['glob', 'iglob', 'regex', 'icontains'].includes(test.operator.name);
  return valueCost(left) + right + (slow ? 3 : 0);
}

const COMPARING: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

/** Whether comparing the value, once it is read, costs no more than looking up what came of it before. */
export function isCheap<C>({ left, test }: Atom<C>): boolean {
  if (left.kind === 'field' && left.def.candidates !== undefined) return false;
  if (test.kind === 'one') return COMPARING.has(test.operator.name) && familyOf(left.type) !== 'network';
  return test.kind === 'exists' || test.kind === 'never';
}

function valueCost<C>(value: Value<C>): number {
  switch (value.kind) {
    case 'text':
      return 0;
    case 'field': {
      if (value.def.candidates !== undefined) return 12;
      if (MADE_TEXTS.has(value.def.name)) return 8;
      return familyOf(value.type) === 'text' ? 3 : 1;
    }
    case 'call':
      return value.args.reduce((sum, argument) => sum + valueCost(argument), 4);
    case 'tuple':
      return value.items.reduce((sum, item) => sum + valueCost(item), 4);
  }
}
