import { PRIORITIES, type Priority } from '../events/alert.ts';

const BY_WORD: ReadonlyMap<string, Priority> = new Map([
  ...PRIORITIES.map((priority) => [priority.toLowerCase(), priority] as const),
  ['info', 'Informational'],
]);

/** A priority in any letter case; `info` is short for Informational. */
export function parsePriority(word: string): Priority | undefined {
  return BY_WORD.get(word.toLowerCase());
}

/** Whether a rule of this priority passes the threshold: at least as urgent. */
export function isAtLeast(priority: Priority, threshold: Priority): boolean {
  return PRIORITIES.indexOf(priority) <= PRIORITIES.indexOf(threshold);
}
