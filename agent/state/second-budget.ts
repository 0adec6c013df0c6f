import type { BootTime } from '../events/event.ts';

/** So many of something in each second of event time. */
export class SecondBudget {
  readonly #perSecond: number;
  #left: number;
  #since: BootTime = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** Takes one; false when this second's are used up. */
  take(now: BootTime): boolean {
    if (now - this.#since >= 1_000_000_000) {
      this.#since = now;
      this.#left = this.#perSecond;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
