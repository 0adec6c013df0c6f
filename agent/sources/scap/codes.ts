import { EVENTS } from './event-table.ts';
import { EVENT_FLAGS } from './events.gen.ts';

const DEAD = EVENT_FLAGS.oldVersion | EVENT_FLAGS.unused;

const BY_NAME = (() => {
  const exits = new Map<string, number>();
  const enters = new Map<string, number>();
  for (const { code, name, isExit, flags } of EVENTS) {
    if (isExit ? (flags & DEAD) === 0 : (flags & EVENT_FLAGS.unused) === 0) (isExit ? exits : enters).set(name, code);
  }
  return { exits, enters };
})();

/** Code of the newest exit event of a system call. */
export function exitCode(name: string): number {
  return found(BY_NAME.exits.get(name), name);
}

/** Code of the newest enter event, or of an event that has no other. */
export function enterCode(name: string): number {
  return found(BY_NAME.enters.get(name), name);
}

function found(code: number | undefined, name: string): number {
  if (code === undefined) throw new Error(`the event table has no ${name}`);
  return code;
}

/** Values by code, from values by name of the system call; `missing` for the rest. */
export function byExitCode<T>(missing: T, entries: Readonly<Record<string, T>>): readonly T[] {
  const table: T[] = Array.from(EVENTS, () => missing);
  for (const [name, value] of Object.entries(entries)) table[exitCode(name)] = value;
  return table;
}
