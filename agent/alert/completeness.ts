import { Incompleteness } from '../events/event.ts';
import type { Gap } from '../events/gap.ts';

/** Bits of an event's flags that say that something of it is missing. */
const MISSING: readonly (readonly [bit: number, reason: string])[] = [
  [Incompleteness.truncated, 'event: a text is cut'],
  [Incompleteness.pathIncomplete, 'event: a path does not reach its root'],
  [Incompleteness.readFailed, 'event: something could not be read'],
  [Incompleteness.resultAssumed, 'event: the result is not known, and counts as success'],
];

/** Lanes whose loss makes what is known of processes doubtful. */
const STATE_LANES: ReadonlySet<string> = new Set(['rare', 'lifecycle']);
/** A process that was missed is met again by its own events well within this time. */
const DOUBT_NS = 60_000_000_000n;
const KEPT = 8;

/** Why alerts may lack something: recent losses of events that state is made of. */
export interface Doubts {
  add(gap: Gap): void;
  /** Reasons for an event at this time, wall clock. */
  at(timeNs: bigint): readonly string[];
}

export function createDoubts(): Doubts {
  let recent: { readonly untilNs: bigint; readonly reason: string }[] = [];
  return {
    add: ({ lane, cpu, cgroupId, count, cause, toNs }) => {
      if (lane !== undefined && !STATE_LANES.has(lane)) return;
      const where = cgroupId === undefined ? `cpu ${cpu ?? '?'}` : `cgroup ${cgroupId}`;
      const reason = `state: ${count} ${lane ?? ''} events of ${where} were lost (${cause})`;
      recent = [...recent.slice(1 - KEPT), { untilNs: toNs + DOUBT_NS, reason }];
    },
    at: (timeNs) => {
      if (recent.length === 0) return [];
      recent = recent.filter(({ untilNs }) => timeNs <= untilNs);
      return recent.map(({ reason }) => reason);
    },
  };
}

/** 'complete', or the reasons why not. */
export function completenessOf(flags: number, doubts: readonly string[]): 'complete' | readonly string[] {
  const reasons = [...MISSING.filter(([bit]) => (flags & bit) !== 0).map(([, reason]) => reason), ...doubts];
  return reasons.length === 0 ? 'complete' : reasons;
}
