import type { ByteString } from '../events/bytestring.ts';
import type { Expr } from './ast.ts';
import type { FindMacro } from './macros.ts';

/** Looked at for one message; the files may hold as many mistakes as they have lines. */
const NODES_MAX = 1000;

/** Whether a condition names a macro, itself or through the macros that it uses; false where that is too far to see. */
export function usesMacro(expr: Expr, name: ByteString, find: FindMacro): boolean {
  const seen = new Set<Expr>([expr]);
  // A set can be added to while it is walked.
  for (const node of seen) {
    if (seen.size > NODES_MAX) return false;
    if (node.type === 'macro') {
      if (node.name === name) return true;
      const condition = find(node.name);
      if (condition !== undefined) seen.add(condition);
    } else if (node.type === 'not') seen.add(node.child);
    else if (node.type === 'and' || node.type === 'or') for (const child of node.children) seen.add(child);
  }
  return false;
}
