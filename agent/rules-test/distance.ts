import type { Condition } from '../rules/condition.ts';
import { evaluateAtom } from '../rules/evaluate.ts';

/**
 * How many comparisons would have to come out differently for a condition to hold: 0 when it does. Of an `or` the nearest
 * branch counts, of an `and` all of them.
 */
export function distance<C>(condition: Condition<C>, context: C, wanted = true): number {
  switch (condition.kind) {
    case 'atom':
      return evaluateAtom(condition, context) === wanted ? 0 : 1;
    case 'not':
      return distance(condition.child, context, !wanted);
    default: {
      const all = (condition.kind === 'and') === wanted;
      let sum = 0;
      let least = Number.POSITIVE_INFINITY;
      for (const child of condition.children) {
        const part = distance(child, context, wanted);
        sum += part;
        least = Math.min(least, part);
        if (!all && part === 0) return 0;
      }
      return all ? sum : least;
    }
  }
}
