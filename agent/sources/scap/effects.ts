import { EVENTS } from './event-table.ts';
import { FILE_EFFECTS } from './file-effects.ts';
import type { Effect } from './moment.ts';
import { PROCESS_EFFECTS } from './process-effects.ts';
import { SOCKET_EFFECTS } from './socket-effects.ts';

/** By code, of events in their newest form. */
export const EFFECTS: readonly (Effect | undefined)[] = (() => {
  const table: (Effect | undefined)[] = Array.from(EVENTS, () => undefined);
  for (const [code, effect] of [...FILE_EFFECTS, ...SOCKET_EFFECTS, ...PROCESS_EFFECTS]) table[code] = effect;
  return table;
})();
