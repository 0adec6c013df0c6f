/** A place in the order by event time. */
export interface TimePlace {
  readonly timeNs: bigint;
  readonly id: number;
}

/** What the store itself can tell of alerts; nothing set = all. */
export interface Wanted {
  readonly namespaces?: readonly string[];
  readonly rules?: readonly string[];
  /** Agent ids or host names. */
  readonly nodes?: readonly string[];
  /** Wire number: this one and more urgent ones. */
  readonly priority?: number;
}

export const END_OF_TIME = 2n ** 63n - 1n;
