import type { NativePlan } from '../../../native/index.ts';
import { callClasses } from '../../decode/call-classes.ts';
import { KIND_CODES } from '../../decode/kinds.ts';
import { eventKind } from '../../decode/layout.gen.ts';
import type { Machine } from '../../decode/syscalls.ts';
import type { CollectedKind } from '../../events/kinds.ts';
import type { KindPlan, Plan } from '../../events/plan.ts';

/** As the programs number them (native/bpf/maps.h). */
const RESULT_CODES = { any: 0, success: 1, failure: 2 } as const satisfies Record<KindPlan['result'], number>;

/** The tables that make the programs collect what a plan asks for; they may let through more than that. */
export function toNativePlan(plan: Plan, machine: Machine, generation: number): NativePlan {
  const byKind = new Map(plan.kinds.map((kind) => [kind.kind, kind]));
  const { native, compat, uring } = callClasses(machine, (kind, type) => wantsCall(byKind.get(kind), type));
  return {
    syscallClass: native,
    compatClass: compat,
    uringClass: uring,
    wantedKind: byCode(plan, () => 1),
    resultWanted: byCode(plan, ({ result }) => RESULT_CODES[result]),
    openFlagsAny: byKind.get('open')?.openFlagsAny ?? 0,
    envWanted: plan.environment,
    generation,
  };
}

/** A successful exec is told by a tracepoint of its own: the call's program is there for those that fail. */
function wantsCall(plan: KindPlan | undefined, type: string): boolean {
  if (plan === undefined || (plan.kind === 'exec' && plan.result === 'success')) return false;
  return plan.syscalls?.includes(type) ?? true;
}

function byCode(plan: Plan, value: (plan: KindPlan) => number): Uint8Array {
  const table = new Uint8Array(KIND_CODES);
  for (const kind of plan.kinds) table[codeOf(kind.kind)] = value(kind);
  return table;
}

function codeOf(kind: CollectedKind): number {
  return eventKind[kind];
}
