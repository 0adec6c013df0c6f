import type { Parameter } from '../../events/event.ts';
import { EVENT_TYPES } from '../../events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../../events/kinds.ts';
import { EVENTS, type EventInfo } from './event-table.ts';
import { EVENT_FLAGS } from './events.gen.ts';
import { parameterType } from './parameter-values.ts';
import { SYSCALL_NAMES } from './syscalls.gen.ts';

/** Code of the exit of a call that has no event of its own: its first parameter tells which call it is. */
export const GENERIC_EXIT = 1;

/** What is the same for all events of one code, as the union of events has it. */
export interface EventFacts {
  readonly kind: EventKind;
  readonly parameters: readonly Parameter[];
  /** Its first parameter is the return value. */
  readonly hasResult: boolean;
  /** Place of the data that was moved; -1 = none. */
  readonly dataPlace: number;
  /** '' for I/O, where the descriptor decides. */
  readonly category: string;
  readonly isCall: boolean;
  readonly isEnter: boolean;
  readonly waits: boolean;
  readonly reads: boolean;
  readonly writes: boolean;
}

const KIND_OF_TYPE: ReadonlyMap<string, EventKind> = new Map(
  EVENT_KINDS.flatMap((kind) => EVENT_TYPES[kind].map((type) => [type, kind] as const)),
);
const NO_PARAMETERS: readonly Parameter[] = [];

export function kindOf(name: string): EventKind {
  return KIND_OF_TYPE.get(name) ?? 'other';
}

function factsOf({ code, name, isExit, flags, category, parameters, places }: EventInfo): EventFacts {
  return {
    kind: kindOf(name),
    // Names of calls without an event of their own are no parameters to their users.
    parameters: code <= GENERIC_EXIT ? NO_PARAMETERS : parameters.map(parameterOf),
    hasResult: isExit && code !== GENERIC_EXIT && parameters.length > 0,
    dataPlace: places.get('data') ?? -1,
    category: category.startsWith('io_') ? '' : category,
    isCall: isExit || KIND_OF_TYPE.has(name),
    isEnter: !isExit,
    waits: (flags & EVENT_FLAGS.waits) !== 0,
    reads: (flags & EVENT_FLAGS.readsFromFd) !== 0,
    writes: (flags & EVENT_FLAGS.writesToFd) !== 0,
  };
}

function parameterOf({ name, type, format }: EventInfo['parameters'][number]): Parameter {
  return { name, type: parameterType(type, format) };
}

/** By code. */
export const EVENT_FACTS: readonly EventFacts[] = EVENTS.map(factsOf);

/** Kinds of calls without an event of their own, by the number that stands for them. */
export const GENERIC_KINDS: readonly EventKind[] = SYSCALL_NAMES.map(kindOf);
