import { bytesToText } from '../../agent/events/bytestring.ts';
import type { ArgumentExpr, Expr, RightExpr } from '../../agent/rules/ast.ts';
import { operatorText } from '../../agent/rules/print.ts';

/** A syntax tree in the notation of the conformance cases. */
export function toSExpression(expr: Expr): string {
  switch (expr.type) {
    case 'and':
    case 'or':
      return `(${expr.type} ${expr.children.map(toSExpression).join(' ')})`;
    case 'not':
      return `(not ${toSExpression(expr.child)})`;
    case 'macro':
      return `(macro ${quote(expr.name)})`;
    case 'exists':
      return `(exists ${argument(expr.left)})`;
    case 'check':
      return `(check ${quote(operatorText(expr))} ${argument(expr.left)} ${right(expr.right)})`;
  }
}

function right(expr: RightExpr): string {
  return expr.type === 'list' ? `(${['list', ...expr.values.map(quote)].join(' ')})` : argument(expr);
}

function argument(expr: ArgumentExpr): string {
  switch (expr.type) {
    case 'literal':
      return `(val ${quote(expr.value)})`;
    case 'tuple':
      return `(${['tlist', ...expr.items.map(argument)].join(' ')})`;
    case 'field': {
      const selector = expr.argument === undefined ? '' : ` ${quote(expr.argument)}`;
      return `(field ${quote(expr.name)}${selector})`;
    }
    case 'call': {
      const args = expr.args.map(argument).join(' ');
      if (expr.selector === undefined) return `(tr ${quote(expr.name)} ${args})`;
      return `(tr-arg ${quote(expr.name)} ${quote(expr.selector)} ${args})`;
    }
  }
}

/** Texts as JSON with everything outside of ASCII escaped. */
function quote(bytes: string): string {
  return JSON.stringify(bytesToText(bytes)).replace(/[\u007f-\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
