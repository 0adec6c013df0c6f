/** Smaller differences stay: a new offset begins a new block in a capture, and slewing would make one of each batch. */
const KEPT_NS = 1_000_000n;
/** No slewing is this fast: somebody has set the clock. */
const STEP_NS = 100_000_000n;

export interface WallClock {
  /** Wall clock minus boot clock; right to a millisecond at the last `renew`. */
  readonly offsetNs: bigint;
  renew(): void;
}

/** Follows the wall clock. `measure` gives the offset of this moment, `onStep` is told by how much the clock was set. */
export function createWallClock(measure: () => bigint, onStep: (byNs: bigint) => void): WallClock {
  let offsetNs = measure();
  return {
    get offsetNs() {
      return offsetNs;
    },
    renew: () => {
      const now = measure();
      const change = now - offsetNs;
      const size = change < 0n ? -change : change;
      if (size < KEPT_NS) return;
      offsetNs = now;
      if (size >= STEP_NS) onStep(change);
    },
  };
}
