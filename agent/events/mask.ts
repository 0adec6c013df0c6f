/**
 * A place on a long-lived thing (a process, a container, a path) where the matcher keeps which rules can still match.
 * State bumps `revision` whenever anything about the thing changes (exec, set*id, reparenting, metadata arrival); the
 * matcher then evaluates the thing's atoms again. Nobody but the matcher reads `value`.
 */
export interface MaskSlot {
  /** Starts at 1; any change means that `value` is stale. */
  revision: number;
  /** The revision and rule-set digest that `value` was made for, and the masks: the matcher's own. */
  value: unknown;
}

export function createMaskSlot(): MaskSlot {
  return { revision: 1, value: undefined };
}
