import type { Event, Names } from '../../../agent/events/event.ts';

/** Nobody has a name, so that only what the record itself holds is shown. */
const NO_NAMES: Names = { user: () => undefined, group: () => undefined, process: () => undefined };

/** All parameters as Falco shows them; `own` is cut out of paths, since every run has a directory of its own. */
export function argsOf(event: Event | undefined, own: RegExp | string = ''): string {
  return event?.argsText(NO_NAMES).replaceAll(typeof own === 'string' ? own : new RegExp(own, 'g'), '') ?? '';
}

/** Directory that an act of a victim runs in. */
export const ACT_DIR = /\/tmp\/atalaya-victim-\w+\/act-\w+\//;
