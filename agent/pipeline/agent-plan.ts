import type { Plan } from '../events/plan.ts';
import { mergePlans, planOf } from '../rules/plan.ts';

/** The process tree is made of these; an exec that failed changes nothing. */
const STATE_PLAN: Plan = {
  kinds: [
    ...planOf(['fork', 'exit'], { by: 'state', name: 'process tree' }).kinds,
    {
      kind: 'exec',
      reasons: [{ by: 'state', name: 'process tree' }],
      result: 'success',
      openFlagsAny: 0,
    },
  ],
  environment: false,
};

/** What an agent collects: what is asked for, and what its state needs. */
export function agentPlan(wanted: Plan): Plan {
  return mergePlans([wanted, STATE_PLAN]);
}
