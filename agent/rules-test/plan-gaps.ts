import type { KindPlan, PathFilter, Plan } from '../events/plan.ts';
import { planRules } from '../rules/plan.ts';
import type { CompiledRule } from '../rules/rule-set.ts';

/** Events that rules need and that the plan of a recording left out. */
export interface PlanGap {
  /** Which events, for people. */
  readonly events: string;
  readonly rules: readonly string[];
}

/** What a plan hides of what rules need, in order of the rules. */
export function planGaps<C>(recorded: Plan, rules: readonly CompiledRule<C>[]): readonly PlanGap[] {
  const byEvents = new Map<string, string[]>();
  for (const rule of rules) {
    for (const events of hiddenFrom(recorded, planRules([rule]))) {
      byEvents.set(events, [...(byEvents.get(events) ?? []), rule.name]);
    }
  }
  return [...byEvents].map(([events, names]) => ({ events, rules: names }));
}

function hiddenFrom(recorded: Plan, needed: Plan): readonly string[] {
  const hidden = needed.kinds.flatMap((need) => {
    const kind = recorded.kinds.find((candidate) => candidate.kind === need.kind);
    return kind === undefined ? [`all of ${need.kind}`] : hiddenOfKind(kind, need);
  });
  return needed.environment && !recorded.environment ? [...hidden, 'environments of processes'] : hidden;
}

function hiddenOfKind(recorded: KindPlan, need: KindPlan): readonly string[] {
  const { kind } = need;
  const hidden: string[] = [];
  const calls = (need.syscalls ?? [`other calls of ${kind}`]).filter(
    (call) => recorded.syscalls?.includes(call) === false,
  );
  hidden.push(...calls);
  if (recorded.result !== 'any' && recorded.result !== need.result) {
    hidden.push(`${kind} that ${recorded.result === 'success' ? 'failed' : 'succeeded'}`);
  }
  const flags = recorded.openFlagsAny;
  if (flags !== 0 && (need.openFlagsAny === 0 || (need.openFlagsAny & ~flags) !== 0)) {
    hidden.push(`${kind} without any of the flags 0x${flags.toString(16)}`);
  }
  if (recorded.paths !== undefined && !coversPaths(recorded.paths, need.paths)) {
    hidden.push(`${kind} of other paths than those that were wanted then`);
  }
  const { ports } = recorded;
  if (ports !== undefined && need.ports?.every((port) => ports.includes(port)) !== true) {
    hidden.push(`${kind} to other ports than ${ports.join(', ')}`);
  }
  return hidden;
}

function coversPaths(recorded: readonly PathFilter[], needed: readonly PathFilter[] | undefined): boolean {
  return needed?.every((need) => recorded.some((filter) => coversPath(filter, need))) ?? false;
}

function coversPath(filter: PathFilter, need: PathFilter): boolean {
  if (!filter.components.every((component, place) => need.components[place] === component)) return false;
  return filter.below || (!need.below && filter.components.length === need.components.length);
}
