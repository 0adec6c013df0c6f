/** Growing waits between attempts. */
export interface Backoff {
  /** The next wait in ms: doubles up to the cap; a random half of it is left out, so that many clients spread. */
  nextMs(): number;
  reset(): void;
}

/** `random` gives numbers from 0 to below 1. */
export function createBackoff(firstMs: number, capMs: number, random: () => number): Backoff {
  let attempt = 0;
  return {
    nextMs() {
      const fullMs = Math.min(capMs, firstMs * 2 ** Math.min(attempt++, 30));
      return fullMs * (0.5 + random() / 2);
    },
    reset() {
      attempt = 0;
    },
  };
}
