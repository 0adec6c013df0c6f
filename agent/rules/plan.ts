import { EVENT_TYPES } from '../events/event-types.ts';
import { type CollectedKind, EVENT_KINDS } from '../events/kinds.ts';
import type { AddressFilter, KindPlan, PathFilter, Plan, PlanReason } from '../events/plan.ts';
import { finish, type Steps } from '../lib/steps.ts';
import { atomFields, atomsOf } from './condition.ts';
import { Normalizer } from './normalize.ts';
import { type Needs, needsOf } from './pushdown.ts';
import type { CompiledRule } from './rule-set.ts';

const ENVIRONMENT_FIELDS: ReadonlySet<string> = new Set(['proc.env', 'proc.aenv']);

/** What must be collected for rules, each with the rules that need it. */
export function planRules<C>(rules: readonly CompiledRule<C>[]): Plan {
  return finish(planSteps(rules));
}

export function* planSteps<C>(rules: readonly CompiledRule<C>[]): Steps<Plan> {
  const inOutput = rules.some(({ format }) =>
    format.fields.some((field) => ENVIRONMENT_FIELDS.has(field.replace(/\[.*$/s, ''))),
  );
  const plan = yield* conditionSteps(rules);
  return { ...plan, environment: plan.environment || inOutput };
}

/** Of a rule, what decides which events it needs. */
export type Demand<C> = Pick<CompiledRule<C>, 'name' | 'condition' | 'handles'>;

export function planConditions<C>(rules: readonly Demand<C>[]): Plan {
  return finish(conditionSteps(rules));
}

function* conditionSteps<C>(rules: readonly Demand<C>[]): Steps<Plan> {
  const normalizer = new Normalizer<C>();
  const kinds: KindPlan[] = [];
  for (const kind of EVENT_KINDS) {
    let merged: KindPlan | undefined;
    for (const rule of rules) {
      const plan = planKind(rule, kind, normalizer);
      if (plan === undefined) continue;
      merged = merged === undefined ? plan : mergeKinds(merged, plan);
      yield;
    }
    if (merged !== undefined) kinds.push(merged);
  }
  return { kinds, environment: rules.some(readsEnvironment) };
}

function planKind<C>(rule: Demand<C>, kind: CollectedKind, normalizer: Normalizer<C>): KindPlan | undefined {
  const types: readonly string[] = EVENT_TYPES[kind];
  const syscalls = types.filter((type) => rule.handles(type));
  if (syscalls.length === 0) return undefined;
  const needs = needsOf(normalizer.formula(rule.condition), kind, normalizer);
  if (needs === undefined) return undefined;
  return {
    kind,
    reasons: [{ by: 'rule', name: rule.name }],
    result: resultOf(needs),
    openFlagsAny: needs.openFlagsAny ?? 0,
    ...(syscalls.length === types.length ? {} : { syscalls }),
    ...(needs.paths === undefined ? {} : { paths: needs.paths }),
    ...(needs.paths === undefined || kind !== 'open' ? {} : { named: needs.paths }),
    ...(needs.ports === undefined ? {} : { ports: needs.ports }),
    ...(needs.addresses === undefined ? {} : { addresses: uniqueAddresses(needs.addresses, []) }),
  };
}

function resultOf({ success, failure }: Needs): KindPlan['result'] {
  if (success && failure) return 'any';
  return success ? 'success' : 'failure';
}

/** A plan that collects what any of the plans does. */
export function mergePlans(plans: readonly Plan[]): Plan {
  const kinds = EVENT_KINDS.flatMap((kind) => {
    const parts = plans.flatMap((plan) => plan.kinds.filter((part) => part.kind === kind));
    return parts.length === 0 ? [] : [parts.reduce(mergeKinds)];
  });
  return { kinds, environment: plans.some(({ environment }) => environment) };
}

/** Kinds wholly collected, for state, a recorder or a user's wish. */
export function planOf(kinds: readonly CollectedKind[], reason: PlanReason): Plan {
  return {
    kinds: kinds.map((kind) => ({ kind, reasons: [reason], result: 'any', openFlagsAny: 0 })),
    environment: false,
  };
}

function mergeKinds(a: KindPlan, b: KindPlan): KindPlan {
  const syscalls = both(a.syscalls, b.syscalls, (x, y) => [...new Set([...x, ...y])]);
  const complete = syscalls === undefined || syscalls.length === EVENT_TYPES[a.kind].length;
  const paths = both(a.paths, b.paths, uniquePaths);
  const named = uniquePaths(a.named ?? [], b.named ?? []);
  const ports = both(a.ports, b.ports, (x, y) => [...new Set([...x, ...y])]);
  const addresses = both(a.addresses, b.addresses, uniqueAddresses);
  return {
    kind: a.kind,
    reasons: [...a.reasons, ...b.reasons],
    result: a.result === b.result ? a.result : 'any',
    openFlagsAny: a.openFlagsAny === 0 || b.openFlagsAny === 0 ? 0 : a.openFlagsAny | b.openFlagsAny,
    ...(complete ? {} : { syscalls }),
    ...(paths === undefined ? {} : { paths }),
    ...(named.length === 0 ? {} : { named }),
    ...(ports === undefined ? {} : { ports }),
    ...(addresses === undefined ? {} : { addresses }),
  };
}

/** A filter is only left if both sides have one. */
function both<T>(a: T | undefined, b: T | undefined, unite: (a: T, b: T) => T): T | undefined {
  return a === undefined || b === undefined ? undefined : unite(a, b);
}

function uniquePaths(a: readonly PathFilter[], b: readonly PathFilter[]): readonly PathFilter[] {
  const byKey = new Map([...a, ...b].map((path) => [`${path.below}:${path.components.join('/')}`, path]));
  return [...byKey.values()];
}

function uniqueAddresses(a: readonly AddressFilter[], b: readonly AddressFilter[]): readonly AddressFilter[] {
  return [...new Map([...a, ...b].map((filter) => [`${filter.bytes.join('.')}/${filter.bits}`, filter])).values()];
}

function readsEnvironment<C>({ condition }: Demand<C>): boolean {
  return atomsOf(condition).some((atom) => [...atomFields(atom)].some(({ def }) => ENVIRONMENT_FIELDS.has(def.name)));
}
