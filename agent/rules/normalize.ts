import type { Atom, Condition } from './condition.ts';

/**
 * Negation normal form: `not` only at comparisons, junctions flattened, doubles and what decides a junction alone
 * removed. Nodes are unique: equal conditions are the same object, so what rules share is found by identity.
 */
export type Formula<C> = Constant | Literal<C> | Compound<C>;

export interface Constant {
  readonly kind: 'constant';
  readonly id: number;
  readonly value: boolean;
}

export interface Literal<C> {
  readonly kind: 'literal';
  readonly id: number;
  readonly atom: Atom<C>;
  readonly negated: boolean;
}

export interface Compound<C> {
  readonly kind: 'and' | 'or';
  readonly id: number;
  readonly children: readonly Formula<C>[];
}

const TRUE: Constant = { kind: 'constant', id: 0, value: true };
const FALSE: Constant = { kind: 'constant', id: 1, value: false };

/** Makes formulas; those of one normalizer share their nodes. */
export class Normalizer<C> {
  private readonly nodes = new Map<string, Formula<C>>();
  private readonly seen = [new Map<Condition<C>, Formula<C>>(), new Map<Condition<C>, Formula<C>>()] as const;

  formula(condition: Condition<C>, negated = false): Formula<C> {
    const seen = this.seen[negated ? 1 : 0];
    const known = seen.get(condition);
    if (known !== undefined) return known;
    const formula = this.make(condition, negated);
    seen.set(condition, formula);
    return formula;
  }

  /** The formula with every literal replaced; what decides a junction alone is removed again. */
  map(
    formula: Formula<C>,
    replace: (literal: Literal<C>) => Formula<C> | boolean,
    known = new Map<Formula<C>, Formula<C>>(),
  ): Formula<C> {
    const before = known.get(formula);
    if (before !== undefined) return before;
    let result: Formula<C> = formula;
    if (formula.kind === 'literal') {
      const replaced = replace(formula);
      result = typeof replaced === 'boolean' ? constant(replaced) : replaced;
    } else if (formula.kind !== 'constant') {
      const children = formula.children.map((child) => this.map(child, replace, known));
      result = this.compound(formula.kind, children);
    }
    known.set(formula, result);
    return result;
  }

  compound(kind: 'and' | 'or', parts: readonly Formula<C>[]): Formula<C> {
    const decides = kind === 'or';
    const children = new Set<Formula<C>>();
    for (const part of parts) {
      for (const child of part.kind === kind ? part.children : [part]) {
        if (child.kind !== 'constant') children.add(child);
        else if (child.value === decides) return child;
      }
    }
    const [first] = children;
    if (first === undefined) return constant(!decides);
    if (children.size === 1) return first;
    const list = [...children];
    return this.unique(`${kind}:${list.map(({ id }) => id).join()}`, (id) => ({ kind, id, children: list }));
  }

  literal(atom: Atom<C>, negated: boolean): Formula<C> {
    return this.unique(`${negated ? '!' : '='}${atom.key}`, (id) => ({ kind: 'literal', id, atom, negated }));
  }

  private make(condition: Condition<C>, negated: boolean): Formula<C> {
    switch (condition.kind) {
      case 'not':
        return this.formula(condition.child, !negated);
      case 'atom':
        return condition.test.kind === 'never' ? constant(negated) : this.literal(condition, negated);
      default: {
        const kind = (condition.kind === 'and') !== negated ? 'and' : 'or';
        return this.compound(
          kind,
          condition.children.map((child) => this.formula(child, negated)),
        );
      }
    }
  }

  private unique(key: string, create: (id: number) => Formula<C>): Formula<C> {
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const made = create(this.nodes.size + 2);
    this.nodes.set(key, made);
    return made;
  }
}

function constant(value: boolean): Constant {
  return value ? TRUE : FALSE;
}

/** The distinct literals of a formula. */
export function literalsOf<C>(formula: Formula<C>): readonly Literal<C>[] {
  const literals: Literal<C>[] = [];
  const seen = new Set<Formula<C>>();
  const walk = (node: Formula<C>): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'literal') literals.push(node);
    else if (node.kind !== 'constant') node.children.forEach(walk);
  };
  walk(formula);
  return literals;
}
