import type { ByteString } from '../events/bytestring.ts';

/**
 * Syntax tree of a condition. Nodes are immutable and may be shared: a macro's tree stands in every condition that uses
 * it, so a tree is really a graph without cycles and must never be changed in place. `at` is the byte offset of the
 * node's first character in the text that was parsed.
 */
export type Expr = AndExpr | OrExpr | NotExpr | MacroExpr | ExistsExpr | CheckExpr;

export interface AndExpr {
  readonly type: 'and';
  readonly children: readonly Expr[];
  readonly at: number;
}

export interface OrExpr {
  readonly type: 'or';
  readonly children: readonly Expr[];
  readonly at: number;
}

export interface NotExpr {
  readonly type: 'not';
  readonly child: Expr;
  readonly at: number;
}

/** A bare identifier: the name of a macro. */
export interface MacroExpr {
  readonly type: 'macro';
  readonly name: string;
  readonly at: number;
}

export interface ExistsExpr {
  readonly type: 'exists';
  readonly left: ValueExpr;
  readonly at: number;
}

export const MODIFIERS = ['oneof', 'anyof', 'allof'] as const;
export type Modifier = (typeof MODIFIERS)[number];

export interface CheckExpr {
  readonly type: 'check';
  readonly left: ValueExpr;
  /** As written: '=' and '==' are two operators here. */
  readonly operator: string;
  readonly modifier?: Modifier;
  readonly right: RightExpr;
  readonly at: number;
}

/** What can stand on the left of an operator. */
export type ValueExpr = FieldExpr | CallExpr;

/** What can stand on the right of an operator. `val(x)` is a call named val. */
export type RightExpr = LiteralExpr | ListExpr | CallExpr;

/** What can stand inside a call. */
export type ArgumentExpr = LiteralExpr | TupleExpr | ValueExpr;

export interface FieldExpr {
  readonly type: 'field';
  readonly name: string;
  /** Text between the brackets, decoded; an empty text is an argument too. */
  readonly argument?: ByteString;
  readonly at: number;
}

export interface CallExpr {
  readonly type: 'call';
  readonly name: string;
  readonly args: readonly ArgumentExpr[];
  /** Text of `[...]` after the call. */
  readonly selector?: ByteString;
  readonly at: number;
}

/** `(a, b)` inside a call. */
export interface TupleExpr {
  readonly type: 'tuple';
  readonly items: readonly (LiteralExpr | ValueExpr)[];
  readonly at: number;
}

export interface LiteralExpr {
  readonly type: 'literal';
  readonly value: ByteString;
  readonly at: number;
}

export interface ListExpr {
  readonly type: 'list';
  readonly values: readonly ByteString[];
  readonly at: number;
}
