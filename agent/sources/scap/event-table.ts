import type { FlagName } from '../../lib/flags.ts';
import { EVENT_FLAGS, EVENT_ROWS, TYPE_SIZES } from './events.gen.ts';
import { FLAG_TABLES } from './flags.gen.ts';

/** One parameter of an event. */
export interface ScapParameter {
  readonly name: string;
  /** Type of its bytes, without `PT_`. */
  readonly type: string;
  /** How a number is shown: dec, hex, oct, or ''. */
  readonly format: string;
  /** Bytes of its value; 0 = as many as the event says. */
  readonly size: number;
  /** Names of its flags. */
  readonly flags: readonly FlagName[] | undefined;
  /** Of a value that begins with a number for its type: whose numbers these are. */
  readonly choices: string | undefined;
  /** Of a path: place of the parameter with the directory's descriptor. */
  readonly directory: number | undefined;
}

/** What is fixed for all events of one code. */
export interface EventInfo {
  readonly code: number;
  readonly name: string;
  readonly isExit: boolean;
  /** Bits of EVENT_FLAGS. */
  readonly flags: number;
  readonly category: string;
  readonly parameters: readonly ScapParameter[];
  /** Place of each parameter, by its name. */
  readonly places: ReadonlyMap<string, number>;
}

const SIZES = new Map(TYPE_SIZES);

export const EVENTS: readonly EventInfo[] = EVENT_ROWS.map(([name, direction, flags, category, rows], code) => {
  const parameters = rows.map(
    ([parameterName, type, format, more]): ScapParameter => ({
      name: parameterName,
      type,
      format,
      size: SIZES.get(type) ?? 0,
      flags: typeof more === 'string' ? FLAG_TABLES[more] : undefined,
      choices: type === 'DYN' && typeof more === 'string' ? more : undefined,
      directory: typeof more === 'number' ? more : undefined,
    }),
  );
  const places = new Map(parameters.map((parameter, place) => [parameter.name, place]));
  return { code, name, isExit: direction === 'X', flags, category, parameters, places };
});

const byCode = (value: (event: EventInfo) => number): Uint8Array => Uint8Array.from(EVENTS, value);

/** By code: how many parameters the newest form has. */
export const PARAMETER_COUNTS = byCode(({ parameters }) => parameters.length);
/** By code: 1 where lengths of parameters take four bytes instead of two. */
export const WIDE_LENGTHS = byCode(({ flags }) => ((flags & EVENT_FLAGS.largePayload) === 0 ? 0 : 1));
