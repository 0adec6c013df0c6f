import type { Condition } from '../rules/condition.ts';
import { evaluate } from '../rules/evaluate.ts';
import type { CompiledRule } from '../rules/rule-set.ts';

/** What the tests so far have fired: rules, and exceptions that have kept a rule silent. */
export interface Coverage {
  /** Rules that could have been fired; a rule of the same name in the same file is the same. */
  readonly rules: ReadonlyMap<string, RuleCoverage>;
  /** Takes note of rules that a test document loads. */
  declare<C>(rules: readonly CompiledRule<C>[]): void;
  /** Takes note of what an event does to a rule that is evaluated for it. */
  see<C>(rule: CompiledRule<C>, context: C, fired: boolean): void;
}

export interface RuleCoverage {
  readonly rule: string;
  readonly file: string;
  fired: boolean;
  /** By exception: whether it has ever kept the rule silent. */
  readonly exceptions: Map<string, boolean>;
}

export function createCoverage(): Coverage {
  const rules = new Map<string, RuleCoverage>();
  const declared = new WeakMap<object, RuleCoverage>();
  const coverageOf = <C>(rule: CompiledRule<C>): RuleCoverage => {
    const known = declared.get(rule);
    if (known !== undefined) return known;
    const { name, place, exceptions } = rule;
    const key = `${place.file}\0${name}`;
    const entry = rules.get(key) ?? { rule: name, file: place.file, fired: false, exceptions: new Map() };
    for (const exception of exceptions) if (!entry.exceptions.has(exception)) entry.exceptions.set(exception, false);
    rules.set(key, entry);
    declared.set(rule, entry);
    return entry;
  };
  return {
    rules,
    declare: (all) => all.filter(({ active }) => active).forEach(coverageOf),
    see: (rule, context, fired) => {
      const entry = coverageOf(rule);
      entry.fired ||= fired;
      if (fired) return;
      for (const name of exceptionsThatHold(rule, context)) entry.exceptions.set(name, true);
    },
  };
}

/** The exceptions without which the rule would have matched. */
export function exceptionsThatHold<C>(rule: CompiledRule<C>, context: C): readonly string[] {
  const parts = partsOf(rule);
  if (parts === undefined || !evaluate(parts.own, context)) return [];
  return rule.exceptions.filter((_, place) => {
    const exception = parts.exceptions[place];
    return exception !== undefined && !evaluate(exception, context);
  });
}

/** A rule's own condition, and the negations of its exceptions; undefined for a rule without exceptions. */
function partsOf<C>({
  condition,
  exceptions,
}: CompiledRule<C>): { readonly own: Condition<C>; readonly exceptions: readonly Condition<C>[] } | undefined {
  if (exceptions.length === 0 || condition.kind !== 'and') return undefined;
  const [own, ...negations] = condition.children;
  return own === undefined || negations.length !== exceptions.length ? undefined : { own, exceptions: negations };
}
