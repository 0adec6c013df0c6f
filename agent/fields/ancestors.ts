import type { Process } from '../events/process.ts';

/** Deepest chain that is walked: a loop of parents cannot be, but a bug must not hang the agent. */
const DEPTH_MAX = 4096;

/** The ancestor at this level: 0 is the process itself, 1 its parent; undefined beyond the chain. */
export function ancestorAt(process: Process, level: number): Process | undefined {
  let at: Process | undefined = process;
  for (let i = 0; i < level && at !== undefined; i++) at = at.parent;
  return at;
}

/** One value of every ancestor, parent first, the process itself left out. */
export function ofAncestors<T>(process: Process, read: (ancestor: Process) => T): T[] {
  const values: T[] = [];
  for (let at = process.parent; at !== undefined && values.length < DEPTH_MAX; at = at.parent) values.push(read(at));
  return values;
}

/** The farthest process, itself included, of the unbroken chain of ancestors for which `same` holds. */
export function farthest(process: Process, same: (ancestor: Process) => boolean): Process | undefined {
  let found: Process | undefined;
  let depth = 0;
  for (let at: Process | undefined = process; at !== undefined && same(at) && depth < DEPTH_MAX; at = at.parent) {
    found = at;
    depth++;
  }
  return found;
}
