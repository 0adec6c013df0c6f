/**
 * Decides a condition while some values have not arrived yet. A pending value counts as absent, which makes its comparison
 * false, and the decision says whether that could still change: three-valued logic over "settled". Whoever can wait
 * holds what is not settled; who cannot takes `holds` and marks it.
 */
import { PENDING } from '../fields/field.ts';
import { type Atom, type Condition, fieldsOf, type Value } from './condition.ts';
import { evaluateAtom, readValue } from './evaluate.ts';

export interface Decision {
  /** What the evaluator says now. */
  readonly holds: boolean;
  /** Whatever is pending, `holds` stays as it is. */
  readonly settled: boolean;
}

const DECISIONS = {
  yes: { holds: true, settled: true },
  no: { holds: false, settled: true },
  yesSoFar: { holds: true, settled: false },
  noSoFar: { holds: false, settled: false },
} as const satisfies Record<string, Decision>;

/** Each node of a condition that is a graph is decided once. */
export function decide<C>(condition: Condition<C>, context: C): Decision {
  const known = new Map<Condition<C>, Decision>();
  const walk = (node: Condition<C>): Decision => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const decision = decideNode(node, context, walk);
    known.set(node, decision);
    return decision;
  };
  return walk(condition);
}

function decideNode<C>(node: Condition<C>, context: C, walk: (child: Condition<C>) => Decision): Decision {
  if (node.kind === 'atom') return decideAtom(node, context);
  if (node.kind === 'not') {
    const { holds, settled } = walk(node.child);
    return decisionOf(!holds, settled);
  }
  // One settled part decides an `or` if it holds, and an `and` if it does not.
  const deciding = node.kind === 'or';
  let holds = !deciding;
  let settled = true;
  for (const child of node.children) {
    const part = walk(child);
    if (part.settled && part.holds === deciding) return decisionOf(deciding, true);
    if (part.holds === deciding) holds = deciding;
    settled &&= part.settled;
  }
  return decisionOf(holds, settled);
}

function decideAtom<C>(atom: Atom<C>, context: C): Decision {
  const { left, test } = atom;
  if (test.kind === 'never') return DECISIONS.no;
  if (isPending(left, context)) return DECISIONS.noSoFar;
  if (test.kind === 'field' && isPending(test.right, context)) {
    return readValue(left, context) === undefined ? DECISIONS.no : DECISIONS.noSoFar;
  }
  return decisionOf(evaluateAtom(atom, context), true);
}

function isPending<C>(value: Value<C>, context: C): boolean {
  for (const { def, argument } of fieldsOf(value)) if (def.get(context, argument) === PENDING) return true;
  return false;
}

function decisionOf(holds: boolean, settled: boolean): Decision {
  if (holds) return settled ? DECISIONS.yes : DECISIONS.yesSoFar;
  return settled ? DECISIONS.no : DECISIONS.noSoFar;
}
