/**
 * The grammar of conditions, as a recursive descent over it:
 *
 *   Expr        = Or
 *   Or          = And { "or" ( Blank And | "(" Expr ")" ) }
 *   And         = Not { "and" ( Blank Not | "(" Expr ")" ) }
 *   Not         = { "not" Blank } ( "not(" Expr ")" | Check )          an even number of nots leaves none
 *   Check       = "(" Expr ")" | Left Condition | Identifier           an identifier alone is a macro
 *   Left        = Field | Call
 *   Condition   = "exists"
 *               | NumOp ( Number | RightField )
 *               | StrOp Modifier ( List | Identifier )
 *               | StrOp ( QuotedString | BareString | RightField )
 *               | ListOp ( List | RightField | Identifier )
 *   RightField  = "val(" Field ")" | Call
 *   Field       = Name { "." Name } [ Selector ]                       at least one dot
 *   Call        = Transformer "(" Argument { "," Argument } ")" [ Selector ]
 *   Argument    = Number | QuotedString | Tuple | Call | Field
 *   Tuple       = "(" [ TupleItem { "," TupleItem } ] ")"
 *   TupleItem   = Field | Call | QuotedString | Number
 *   Selector    = "[" ( QuotedString | BareArgument ) "]"
 *   List        = "(" [ String { "," String } ] ")"
 *
 * Blanks may stand around tokens but not between a name and its "[" or "(", nor inside "[ ]". A list whose first element
 * cannot be read counts as empty. Every production costs one level of depth, a parenthesis five; texts that nest
 * deeper than the limit are refused, so that no text can exhaust the stack.
 */
import type { ByteString } from '../events/bytestring.ts';
import {
  type ArgumentExpr,
  type CallExpr,
  type Expr,
  type FieldExpr,
  type ListExpr,
  type LiteralExpr,
  MODIFIERS,
  type Modifier,
  type RightExpr,
  type TupleExpr,
  type ValueExpr,
} from './ast.ts';
import { Lexer, SyntaxFault } from './lexer.ts';
import { nearestName } from './nearest.ts';
import { shownValue } from './strings.ts';

export const NUMBER_OPERATORS = ['<=', '<', '>=', '>'] as const;
export const STRING_OPERATORS = [
  '==',
  '=',
  '!=',
  'glob',
  'iglob',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'regex',
] as const;
export const LIST_OPERATORS = ['intersects', 'in', 'pmatch'] as const;
/** Every operator word, in the order in which messages list them. */
export const OPERATOR_WORDS = ['exists', ...NUMBER_OPERATORS, ...STRING_OPERATORS, ...LIST_OPERATORS] as const;
export const TRANSFORMER_WORDS = ['tolower', 'toupper', 'b64', 'basename', 'len', 'join', 'concat', 'getopt'] as const;

/** Depth limit for conditions of rules and macros: 199 nested parentheses around a macro's name pass. */
export const RULE_DEPTH = 1000;
/** Depth limit for values that stand alone (output fields, fields of exceptions), and of upstream's bare parser. */
export const FILTER_DEPTH = 100;
/** Levels that one parenthesis costs. */
const PARENTHESIS_LEVELS = 5;

const VAL = 'val(';
const CALLS = TRANSFORMER_WORDS.map((word) => `${word}(`);
const TRANSFORMER_LIST = ['val', ...TRANSFORMER_WORDS].map((word) => `${word}()`).join(' ');

export interface SyntaxError {
  readonly message: string;
  /** Byte offset at which reading stopped. */
  readonly at: number;
}

export type ParseResult<T> =
  | { readonly ok: true; readonly value: T; readonly end: number }
  | { readonly ok: false; readonly error: SyntaxError };

/** Parses a whole condition. */
export function parseCondition(text: ByteString, maxDepth: number = RULE_DEPTH): ParseResult<Expr> {
  return attempt(text, maxDepth, (parser) => parser.condition());
}

/** Parses a field or a call at the start of the text; `end` says how much of it was used. */
export function parseValue(text: ByteString): ParseResult<ValueExpr> {
  return attempt(text, FILTER_DEPTH, (parser) => parser.fieldOrCall());
}

function attempt<T>(text: ByteString, maxDepth: number, read: (parser: Parser) => T): ParseResult<T> {
  const parser = new Parser(text, maxDepth);
  try {
    const value = read(parser);
    return { ok: true, value, end: parser.position };
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    return { ok: false, error: { message: fault.message, at: fault.at } };
  }
}

/** What may have been meant by a word that is no operator. */
function nearestOperator({ text, position }: Lexer): string {
  const word = /^[a-z]+/i.exec(text.slice(position, position + 20))?.[0];
  const nearest = word === undefined ? undefined : nearestName(word.toLowerCase(), OPERATOR_WORDS);
  return nearest === undefined || nearest === word ? '' : `; did you mean '${nearest}'?`;
}

class Parser {
  private readonly lexer: Lexer;
  private readonly maxDepth: number;
  private depth = 0;

  constructor(text: ByteString, maxDepth: number) {
    this.lexer = new Lexer(text);
    this.maxDepth = maxDepth;
  }

  get position(): number {
    return this.lexer.position;
  }

  condition(): Expr {
    if (this.lexer.text === '') this.fail('the condition is empty');
    const expr = this.or();
    if (this.position !== this.lexer.text.length) {
      this.fail(
        `the condition does not go on like this behind ${shownValue(this.lexer.token)}: expected 'and', 'or' or its end`,
      );
    }
    return expr;
  }

  fieldOrCall(): ValueExpr {
    return this.nested(() => {
      const at = this.position;
      const value = this.left(at);
      return value ?? this.fail('expected a field or a transformer');
    });
  }

  private or(): Expr {
    return this.chain('or', () => this.and());
  }

  private and(): Expr {
    return this.chain('and', () => this.not());
  }

  private chain(word: 'and' | 'or', operand: () => Expr): Expr {
    return this.nested(() => {
      const at = this.position;
      this.lexer.blank();
      const children = [operand()];
      this.lexer.blank();
      while (this.lexer.take(word)) {
        if (this.lexer.blank()) children.push(operand());
        else if (this.lexer.take('(')) children.push(this.parenthesized());
        else this.fail(`expected a blank or '(' behind '${word}'`);
        this.lexer.blank();
      }
      const [first] = children;
      return children.length === 1 && first !== undefined ? first : { type: word, children, at };
    });
  }

  private not(): Expr {
    return this.nested(() => {
      const at = this.position;
      let negated = false;
      this.lexer.blank();
      while (this.lexer.notWithBlank()) negated = !negated;
      let child: Expr;
      if (this.lexer.take('not(')) {
        negated = !negated;
        child = this.parenthesized();
      } else {
        child = this.check();
      }
      return negated ? { type: 'not', child, at } : child;
    });
  }

  /** What follows an opening parenthesis. */
  private parenthesized(): Expr {
    return this.nested(() => {
      this.lexer.blank();
      const expr = this.or();
      this.lexer.blank();
      if (!this.lexer.take(')')) this.fail("expected ')'");
      return expr;
    });
  }

  private check(): Expr {
    return this.nested(() => {
      this.lexer.blank();
      const at = this.position;
      if (this.lexer.take('(')) return this.parenthesized();
      const left = this.left(at);
      if (left !== undefined) return this.comparison(left, at);
      const name = this.lexer.identifier();
      if (name === undefined) this.fail("expected a comparison, the name of a macro, or '('");
      return { type: 'macro', name, at };
    });
  }

  private left(at: number): ValueExpr | undefined {
    const name = this.lexer.fieldName();
    return name === undefined ? this.call(at) : this.fieldRest(name, at);
  }

  private call(at: number): CallExpr | undefined {
    const call = this.lexer.takeFirst(CALLS);
    return call === undefined ? undefined : this.callRest(call.slice(0, -1), at);
  }

  private fieldRest(name: string, at: number): FieldExpr {
    return this.nested(() => {
      const argument = this.selector();
      return argument === undefined ? { type: 'field', name, at } : { type: 'field', name, argument, at };
    });
  }

  private selector(): ByteString | undefined {
    if (!this.lexer.take('[')) return undefined;
    const text = this.lexer.quotedString() ?? this.lexer.bareArgument();
    if (text === undefined) this.fail('expected an argument between [ and ]');
    if (!this.lexer.take(']')) this.fail("expected ']'");
    return text;
  }

  private callRest(name: string, at: number): CallExpr {
    return this.nested(() => {
      const args: ArgumentExpr[] = [];
      do {
        args.push(this.argument());
        this.lexer.blank();
      } while (this.lexer.take(','));
      if (!this.lexer.take(')')) this.fail("expected ')' at the end of the arguments");
      return this.callNode(name, args, at);
    });
  }

  private callNode(name: string, args: readonly ArgumentExpr[], at: number): CallExpr {
    const selector = this.selector();
    return selector === undefined ? { type: 'call', name, args, at } : { type: 'call', name, args, selector, at };
  }

  private argument(): ArgumentExpr {
    return this.nested(() => {
      this.lexer.blank();
      const at = this.position;
      const literal = this.lexer.number() ?? this.lexer.quotedString();
      if (literal !== undefined) return { type: 'literal', value: literal, at };
      if (this.lexer.take('(')) return this.tupleRest(at);
      const value = this.call(at) ?? this.left(at);
      return (
        value ?? this.fail('expected an argument: a field, a transformer, a quoted text, a number or a list of these')
      );
    });
  }

  private tupleRest(at: number): TupleExpr {
    this.lexer.blank();
    if (this.lexer.take(')')) return { type: 'tuple', items: [], at };
    const items: (LiteralExpr | ValueExpr)[] = [];
    do {
      this.lexer.blank();
      items.push(this.tupleItem());
      this.lexer.blank();
    } while (this.lexer.take(','));
    if (!this.lexer.take(')')) this.fail("expected ')'");
    return { type: 'tuple', items, at };
  }

  private tupleItem(): LiteralExpr | ValueExpr {
    const at = this.position;
    const value = this.left(at);
    if (value !== undefined) return value;
    const literal = this.lexer.quotedString() ?? this.lexer.number();
    if (literal === undefined) this.fail('expected a field, a transformer, a quoted text or a number');
    return { type: 'literal', value: literal, at };
  }

  private comparison(left: ValueExpr, at: number): Expr {
    return this.nested(() => {
      this.lexer.blank();
      if (this.lexer.take('exists')) return { type: 'exists', left, at };
      const number = this.lexer.takeFirst(NUMBER_OPERATORS);
      if (number !== undefined) return { type: 'check', left, operator: number, right: this.numberRight(), at };
      const string = this.lexer.takeOperator(STRING_OPERATORS);
      if (string !== undefined) return this.stringComparison(left, string, at);
      const list = this.lexer.takeFirst(LIST_OPERATORS);
      if (list !== undefined) return { type: 'check', left, operator: list, right: this.listRight(), at };
      return this.fail(`expected an operator: ${OPERATOR_WORDS.join(' ')}${nearestOperator(this.lexer)}`);
    });
  }

  private stringComparison(left: ValueExpr, operator: string, at: number): Expr {
    const start = this.position;
    const token = this.lexer.token;
    const modifier = this.modifier(operator);
    if (modifier !== undefined) return { type: 'check', left, operator, modifier, right: this.modifierRight(), at };
    this.lexer.position = start;
    this.lexer.token = token;
    return { type: 'check', left, operator, right: this.stringRight(), at };
  }

  /** The word is a modifier only if a blank is on both sides and a list or identifier, but no and/or/not, follows. */
  private modifier(operator: string): Modifier | undefined {
    const spaced = /^[a-z]/.test(operator) || this.lexer.blank();
    if (!spaced) return undefined;
    const word = this.lexer.takeOperator(MODIFIERS);
    const rest = this.lexer.text.slice(this.position, this.position + 4);
    if (!/^[(a-zA-Z]/.test(rest) || /^(?:and|or|not)(?![a-zA-Z0-9])/.test(rest)) return undefined;
    return MODIFIERS.find((modifier) => modifier === word);
  }

  private numberRight(): RightExpr {
    return this.nested(() => {
      this.lexer.blank();
      const at = this.position;
      const field = this.rightField();
      if (field !== undefined) return field;
      const value = this.lexer.number();
      if (value === undefined) {
        this.fail(`expected a number, or a field in one of ${TRANSFORMER_LIST}`);
      }
      return { type: 'literal', value, at };
    });
  }

  private stringRight(): RightExpr {
    return this.nested(() => {
      this.lexer.blank();
      const field = this.rightField();
      if (field !== undefined) return field;
      const literal = this.string();
      return literal ?? this.fail(`expected a text, or a field in one of ${TRANSFORMER_LIST}`);
    });
  }

  private string(): LiteralExpr | undefined {
    const at = this.position;
    const value = this.lexer.quotedString() ?? this.lexer.bareString();
    return value === undefined ? undefined : { type: 'literal', value, at };
  }

  private modifierRight(): RightExpr {
    return this.nested(() => {
      this.lexer.blank();
      return this.list() ?? this.listName() ?? this.fail('expected a list such as (a, b), or the name of one');
    });
  }

  private listRight(): RightExpr {
    return this.nested(() => {
      this.lexer.blank();
      const right = this.list() ?? this.rightField() ?? this.listName();
      return right ?? this.fail(`expected a list such as (a, b), its name, or a field in one of ${TRANSFORMER_LIST}`);
    });
  }

  /** What is left of a list's name when no such list exists: a value. */
  private listName(): LiteralExpr | undefined {
    const at = this.position;
    const value = this.lexer.identifier();
    return value === undefined ? undefined : { type: 'literal', value, at };
  }

  private list(): ListExpr | undefined {
    const at = this.position;
    if (!this.lexer.take('(')) return undefined;
    this.lexer.blank();
    const values: ByteString[] = [];
    const first = this.firstElement();
    if (first !== undefined) {
      values.push(first.value);
      this.lexer.blank();
      while (this.lexer.take(',')) {
        values.push(this.element().value);
        this.lexer.blank();
      }
    }
    if (!this.lexer.take(')')) this.fail("expected ')'");
    return { type: 'list', values, at };
  }

  /** Whatever is wrong with the first element, the list then counts as empty. */
  private firstElement(): LiteralExpr | undefined {
    const depth = this.depth;
    try {
      return this.element();
    } catch (fault) {
      if (!(fault instanceof SyntaxFault)) throw fault;
      this.depth = depth;
      return undefined;
    }
  }

  private element(): LiteralExpr {
    return this.nested(() => {
      this.lexer.blank();
      return this.string() ?? this.fail('expected a text');
    });
  }

  private rightField(): CallExpr | undefined {
    return this.nested(() => {
      this.lexer.blank();
      const at = this.position;
      if (!this.lexer.take(VAL)) return this.call(at);
      this.lexer.blank();
      const fieldAt = this.position;
      const name = this.lexer.fieldName();
      if (name === undefined) this.fail('expected a field in val()');
      const field = this.fieldRest(name, fieldAt);
      this.lexer.blank();
      if (!this.lexer.take(')')) this.fail("expected ')' at the end of the arguments");
      return this.callNode('val', [field], at);
    });
  }

  private nested<T>(read: () => T): T {
    this.depth++;
    if (this.depth >= this.maxDepth)
      this.fail(`the condition nests too deeply: fewer than ${this.maxDepth / PARENTHESIS_LEVELS} parentheses fit`);
    const value = read();
    this.depth--;
    return value;
  }

  private fail(message: string): never {
    throw new SyntaxFault(message, this.position);
  }
}
