import type { ArgumentExpr, CheckExpr, Expr, RightExpr, ValueExpr } from './ast.ts';
import { escapeString } from './strings.ts';

/** The operator as written, with its modifier. */
export function operatorText(check: Pick<CheckExpr, 'operator' | 'modifier'>): string {
  return check.modifier === undefined ? check.operator : `${check.operator} ${check.modifier}`;
}

/** Canonical text of a condition: and/or in parentheses, single blanks, values escaped where needed. */
export function printExpr(expr: Expr): string {
  return canonical.expr(expr);
}

/** Canonical text of a field or call, also used as the key of an output field. */
export function printValue(value: ValueExpr): string {
  return canonical.value(value);
}

/**
 * Text that is the same only for trees that mean the same. Canonical text is not: a literal inside a call prints like
 * the field of that name, an empty value like none.
 */
export function exprKey(expr: Expr): string {
  return exact.expr(expr);
}

export function valueKey(value: ValueExpr): string {
  return exact.value(value);
}

class Printer {
  private readonly literal: (value: string) => string;

  constructor(literal: (value: string) => string) {
    this.literal = literal;
  }

  expr(expr: Expr): string {
    switch (expr.type) {
      case 'and':
      case 'or':
        return `(${expr.children.map((child) => this.expr(child)).join(` ${expr.type} `)})`;
      case 'not':
        return `not ${this.expr(expr.child)}`;
      case 'macro':
        return expr.name;
      case 'exists':
        return `${this.value(expr.left)} exists`;
      case 'check':
        return `${this.value(expr.left)} ${operatorText(expr)} ${this.right(expr.right)}`;
    }
  }

  value(value: ValueExpr): string {
    if (value.type === 'field') return value.name + this.selector(value.argument);
    return `${value.name}(${value.args.map((argument) => this.argument(argument)).join(',')})${this.selector(value.selector)}`;
  }

  private right(right: RightExpr): string {
    if (right.type === 'list') return `(${right.values.map(this.literal).join(', ')})`;
    return right.type === 'literal' ? this.literal(right.value) : this.value(right);
  }

  private argument(argument: ArgumentExpr): string {
    if (argument.type === 'literal') return this.literal(argument.value);
    if (argument.type === 'tuple') return `(${argument.items.map((item) => this.argument(item)).join(',')})`;
    return this.value(argument);
  }

  private selector(selector: string | undefined): string {
    if (selector === undefined) return '';
    return selector === '' ? '[""]' : `[${this.literal(selector)}]`;
  }
}

const canonical = new Printer(escapeString);
const exact = new Printer((value) => JSON.stringify(value));
