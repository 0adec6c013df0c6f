import type { ByteString } from '../events/bytestring.ts';
import type { Expr, MacroExpr } from './ast.ts';

/** Nodes that a condition may have when every macro in it is written out. */
export const EXPANDED_NODES_MAX = 1_000_000;
/** Conditions with their macros may nest this deep, so that walking them cannot exhaust the stack. */
export const EXPANDED_DEPTH_MAX = 1_000;

export interface MacroFault {
  readonly message: string;
  /** Byte offset in the condition that was resolved, or in the macro where the name stands. */
  readonly at: number;
  /** The macro in whose condition the name stands; absent where it is the resolved condition itself. */
  readonly within?: ByteString;
  readonly unknown?: ByteString;
}

/** Finds a macro's condition if the resolved condition may see it. */
export type FindMacro = (name: ByteString) => Expr | undefined;

export interface Resolution {
  readonly expr: Expr;
  /** Macros that were put in place of their names. */
  readonly used: ReadonlySet<ByteString>;
  /** Loops first, then names that no visible macro has. */
  readonly faults: readonly MacroFault[];
}

/** Puts the conditions of macros in place of their names. Trees are shared, not copied. */
export function resolveMacros(expr: Expr, find: FindMacro): Resolution {
  const resolver = new Resolver(find);
  const resolved = resolver.resolve(expr, []);
  return { expr: resolved, used: resolver.used, faults: [...resolver.loops, ...resolver.unknown] };
}

class Resolver {
  readonly used = new Set<ByteString>();
  readonly loops: MacroFault[] = [];
  readonly unknown: MacroFault[] = [];
  private readonly find: FindMacro;
  private readonly done = new Map<ByteString, Expr>();
  private readonly visited = new Map<Expr, Expr>();
  private depth = 0;

  constructor(find: FindMacro) {
    this.find = find;
  }

  resolve(expr: Expr, path: readonly ByteString[]): Expr {
    if (expr.type === 'macro') return this.macro(expr, path);
    if (expr.type === 'exists' || expr.type === 'check') return expr;
    const known = this.visited.get(expr);
    if (known !== undefined) return known;
    if (this.depth >= EXPANDED_DEPTH_MAX) return this.tooDeep(expr, path);
    this.depth++;
    const resolved = this.inner(expr, path);
    this.depth--;
    this.visited.set(expr, resolved);
    return resolved;
  }

  private inner(expr: Extract<Expr, { type: 'and' | 'or' | 'not' }>, path: readonly ByteString[]): Expr {
    if (expr.type === 'not') {
      const child = this.resolve(expr.child, path);
      return child === expr.child ? expr : { ...expr, child };
    }
    const children = expr.children.map((child) => this.resolve(child, path));
    return children.every((child, place) => child === expr.children[place]) ? expr : { ...expr, children };
  }

  private macro(reference: MacroExpr, path: readonly ByteString[]): Expr {
    const { name, at } = reference;
    const within = path.at(-1);
    const place = within === undefined ? { at } : { at, within };
    const condition = this.find(name);
    if (condition === undefined) {
      this.unknown.push({ message: `there is no macro '${name}' that can be used here`, unknown: name, ...place });
      return reference;
    }
    if (path.includes(name)) {
      this.loops.push({ message: `the macro '${name}' uses itself`, ...place });
      return reference;
    }
    const known = this.done.get(name);
    if (known !== undefined) return known;
    if (this.depth >= EXPANDED_DEPTH_MAX) return this.tooDeep(reference, path);
    this.depth++;
    const resolved = this.resolve(condition, [...path, name]);
    this.depth--;
    this.used.add(name);
    this.done.set(name, resolved);
    return resolved;
  }

  private tooDeep(expr: Expr, path: readonly ByteString[]): Expr {
    const within = path.at(-1);
    const message = `condition nests deeper than ${EXPANDED_DEPTH_MAX} levels with its macros`;
    this.loops.push(within === undefined ? { message, at: expr.at } : { message, at: expr.at, within });
    return expr;
  }
}

/** Nodes and depth of a condition as it would be with every shared tree written out. */
export function expandedSize(expr: Expr): { readonly nodes: number; readonly depth: number } {
  return measure(expr, new Map());
}

interface Size {
  readonly nodes: number;
  readonly depth: number;
}

function measure(expr: Expr, known: Map<Expr, Size>): Size {
  if (expr.type === 'macro' || expr.type === 'exists' || expr.type === 'check') return { nodes: 1, depth: 1 };
  const before = known.get(expr);
  if (before !== undefined) return before;
  let nodes = 1;
  let depth = 0;
  for (const child of expr.type === 'not' ? [expr.child] : expr.children) {
    const size = measure(child, known);
    nodes += size.nodes;
    depth = Math.max(depth, size.depth);
  }
  const size = { nodes, depth: depth + 1 };
  known.set(expr, size);
  return size;
}
