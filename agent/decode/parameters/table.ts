import type { EventTypeName } from '../../events/event-types.ts';
import { CALL_PARAMETERS } from './calls.ts';
import { FILE_PARAMETERS } from './file.ts';
import { NET_PARAMETERS } from './net.ts';
import type { RecordParameter } from './parameter.ts';
import { POWER_PARAMETERS } from './power.ts';
import { PROCESS_PARAMETERS } from './process.ts';

/** Falco's parameters of every event type, in Falco's order, as far as the records hold them. */
export const PARAMETERS = {
  ...PROCESS_PARAMETERS,
  ...FILE_PARAMETERS,
  ...NET_PARAMETERS,
  ...POWER_PARAMETERS,
  ...CALL_PARAMETERS,
} as const satisfies Record<EventTypeName, readonly RecordParameter[]>;

interface ParameterSet {
  readonly list: readonly RecordParameter[];
  readonly byName: ReadonlyMap<string, RecordParameter>;
}

const NOTHING: ParameterSet = { list: [], byName: new Map() };
const SETS: ReadonlyMap<string, ParameterSet> = new Map(
  Object.entries(PARAMETERS).map(([type, list]: [string, readonly RecordParameter[]]) => [
    type,
    { list, byName: new Map(list.map((parameter) => [parameter.name, parameter])) },
  ]),
);

/** The parameters of an event type; an empty set for a type that has none. */
export function parametersOf(type: string): ParameterSet {
  return SETS.get(type) ?? NOTHING;
}
