import { EVENT_TYPES } from '../events/event-types.ts';
import { EVENT_KINDS } from '../events/kinds.ts';
import type { KindPlan, Plan } from '../events/plan.ts';
import { atomFields, atomsOf } from './condition.ts';
import type { CompiledRule } from './rule-set.ts';

const ENVIRONMENT_FIELDS: ReadonlySet<string> = new Set(['proc.env', 'proc.aenv']);

/** What must be collected for rules, each with the rules that need it. */
export function planRules<C>(rules: readonly CompiledRule<C>[]): Plan {
  const kinds = EVENT_KINDS.flatMap((kind): KindPlan[] => {
    const types: readonly string[] = EVENT_TYPES[kind];
    const needing = rules.filter((rule) => types.some((type) => rule.handles(type)));
    if (needing.length === 0) return [];
    const wanted = types.filter((type) => needing.some((rule) => rule.handles(type)));
    const reasons = needing.map(({ name }) => ({ by: 'rule', name }) as const);
    const base: KindPlan = { kind, reasons, result: 'any', openFlagsAny: 0 };
    return [wanted.length === types.length ? base : { ...base, syscalls: wanted }];
  });
  return { kinds, environment: rules.some(readsEnvironment) };
}

function readsEnvironment<C>(rule: CompiledRule<C>): boolean {
  const inOutput = rule.format.fields.some((field) => ENVIRONMENT_FIELDS.has(field.replace(/\[.*$/s, '')));
  return (
    inOutput ||
    atomsOf(rule.condition).some((atom) => [...atomFields(atom)].some(({ def }) => ENVIRONMENT_FIELDS.has(def.name)))
  );
}
