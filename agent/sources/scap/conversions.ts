import { CONVERSION_ROWS, type ConversionRow } from './conversions.gen.ts';
import { EVENTS } from './event-table.ts';
import { EVENT_FLAGS } from './events.gen.ts';

/** How an event of one code with one number of parameters becomes a newer one. */
export interface Conversion {
  readonly action: ConversionRow[2];
  readonly to: number;
  /** Parameters that it has in the end. */
  readonly count: number;
  /** The added parameters: place, SOURCE, place in the source, 1 = zero when missing. */
  readonly places: Uint8Array;
  readonly sources: Uint8Array;
  readonly indexes: Uint8Array;
  readonly defaults: Uint8Array;
}

function conversionOf([, count, action, to, rows]: ConversionRow): Conversion {
  const column = (at: 0 | 1 | 2 | 3) => Uint8Array.from(rows, (row) => row[at]);
  const kept = action === 'add_params' ? count : 0;
  return {
    action,
    to,
    count: kept + rows.length,
    places: column(0),
    sources: column(1),
    indexes: column(2),
    defaults: column(3),
  };
}

/** By code, then by number of parameters. */
export const CONVERSIONS: readonly (readonly (Conversion | undefined)[] | undefined)[] = (() => {
  const table: (Conversion | undefined)[][] = [];
  for (const row of CONVERSION_ROWS) {
    const counts = table[row[0]] ?? [];
    counts[row[1]] = conversionOf(row);
    table[row[0]] = counts;
  }
  return table;
})();

/** What is done with the events of a code. */
export const FATE = { deliver: 0, drop: 1, refuse: 2, convertEnter: 3, convertExit: 4, convertOldExit: 5 } as const;

/** By code. */
export const FATES: Uint8Array = Uint8Array.from(EVENTS, ({ flags, isExit }) => {
  const isOld = (flags & EVENT_FLAGS.oldVersion) !== 0;
  if ((flags & EVENT_FLAGS.unused) !== 0) return FATE.drop;
  if ((flags & EVENT_FLAGS.converterManaged) === 0) {
    if (!isOld) return FATE.deliver;
    return isExit ? FATE.refuse : FATE.drop;
  }
  if (!isExit) return FATE.convertEnter;
  return isOld ? FATE.convertOldExit : FATE.convertExit;
});
