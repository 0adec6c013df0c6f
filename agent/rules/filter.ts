import { textToBytes } from '../events/bytestring.ts';
import type { FieldCatalogue } from '../fields/field.ts';
import type { Expr } from './ast.ts';
import { Checker } from './check.ts';
import type { Condition } from './condition.ts';
import { compileProgram } from './emit/program.ts';
import { Normalizer } from './normalize.ts';
import { parseCondition } from './parser.ts';

export interface FilterError {
  readonly message: string;
  /** Character offset in the filter's text, where it is known. */
  readonly at: number;
  readonly expected?: string;
  readonly nearest?: string;
}

export type FilterResult<C> =
  | {
      readonly ok: true;
      readonly condition: Condition<C>;
      readonly expr: Expr;
      /** Whether the condition holds for a context. */
      test(context: C): boolean;
    }
  | { readonly ok: false; readonly errors: readonly FilterError[] };

/** Levels of the grammar: a hundred parentheses inside each other fit. */
const DEPTH_MAX = 510;

/** Compiles a condition that stands alone: no macros, no lists. */
export function compileFilter<C>(text: string, catalogue: FieldCatalogue<C>): FilterResult<C> {
  const bytes = textToBytes(text);
  const parsed = parseCondition(bytes, DEPTH_MAX);
  if (!parsed.ok) return { ok: false, errors: [parsed.error] };
  const macros = macroErrors(parsed.value);
  if (macros.length > 0) return { ok: false, errors: macros };
  const checked = new Checker(catalogue).check(parsed.value);
  if (!checked.ok) {
    return { ok: false, errors: checked.faults.map(({ expr: _, unknown: __, ...fault }) => fault) };
  }
  const program = compileProgram([{ condition: new Normalizer<C>().formula(checked.condition) }]);
  const [predicate] = program.conditions;
  return {
    ok: true,
    expr: parsed.value,
    condition: checked.condition,
    test: (context) => {
      program.begin();
      return predicate?.(context) === true;
    },
  };
}

function macroErrors(expr: Expr): readonly FilterError[] {
  switch (expr.type) {
    case 'macro':
      return [
        {
          message: `there are no macros here, and so no '${expr.name}'`,
          at: expr.at,
          expected: 'a comparison of a field',
        },
      ];
    case 'not':
      return macroErrors(expr.child);
    case 'and':
    case 'or':
      return expr.children.flatMap(macroErrors);
    default:
      return [];
  }
}
