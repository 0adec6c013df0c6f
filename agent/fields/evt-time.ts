import type { MatchContext } from './context.ts';
import { eventField, type Field, missingField } from './define.ts';
import { clockText, dateText, fractionText, isoText, subSecond, wholeSeconds } from './time-text.ts';

const DELTA = 'no field remembers which event it was read for last';
const LATENCY = 'Always 0: system calls are told once, when they return.';

const offset = ({ machine, event }: MatchContext): number => machine.utcOffsetMinutes(event.timeNs);
const localClock = (context: MatchContext): string =>
  `${clockText(context.event.timeNs, offset(context))}.${fractionText(context.event.timeNs)}`;

function sinceFirst({ machine, event }: MatchContext): bigint {
  return event.timeNs - (machine.firstEventNs ?? event.timeNs);
}

const wall = (name: string, doc: string, get: (context: MatchContext) => string): Field =>
  eventField(name, 'CHARBUF', doc, get, { format: 'time' });

/** evt.time*, evt.rawtime*, evt.reltime*: when the event was. */
export const EVT_TIME_FIELDS: readonly Field[] = [
  wall('evt.time', 'Local clock time of the event with nanoseconds.', localClock),
  eventField('evt.time.s', 'CHARBUF', 'Local clock time of the event in whole seconds.', (c) =>
    clockText(c.event.timeNs, offset(c)),
  ),
  wall('evt.time.iso8601', 'Date and time of the event in UTC, ISO 8601 with nanoseconds.', (c) =>
    isoText(c.event.timeNs),
  ),
  wall(
    'evt.datetime',
    'Local date and time of the event with nanoseconds.',
    (c) => `${dateText(c.event.timeNs, offset(c))}.${fractionText(c.event.timeNs)}`,
  ),
  wall('evt.datetime.s', 'Local date and time of the event in whole seconds.', (c) =>
    dateText(c.event.timeNs, offset(c)),
  ),
  wall('evt.outputtime', 'Time of the event as outputs show it: the local clock time.', localClock),
  eventField('evt.rawtime', 'ABSTIME', 'Time of the event in nanoseconds since 1970.', (c) => c.event.timeNs),
  eventField('evt.rawtime.s', 'ABSTIME', 'Whole seconds of the event time since 1970.', (c) =>
    wholeSeconds(c.event.timeNs),
  ),
  eventField(
    'evt.rawtime.ns',
    'ABSTIME',
    'Part of the event time below the second.',
    (c) => subSecond(c.event.timeNs),
    {
      format: 'dec9',
    },
  ),
  eventField('evt.reltime', 'RELTIME', 'Nanoseconds since the first event of the stream.', sinceFirst, {
    format: 'dec9',
  }),
  eventField('evt.reltime.s', 'RELTIME', 'Whole seconds since the first event of the stream.', (c) =>
    wholeSeconds(sinceFirst(c)),
  ),
  eventField(
    'evt.reltime.ns',
    'RELTIME',
    'Time since the first event, the part below the second.',
    (c) => subSecond(sinceFirst(c)),
    {
      format: 'dec9',
    },
  ),
  missingField('evt.deltatime', 'RELTIME', 'event', 'Nanoseconds since the event before.', DELTA),
  missingField('evt.deltatime.s', 'RELTIME', 'event', 'Whole seconds since the event before.', DELTA),
  missingField('evt.deltatime.ns', 'RELTIME', 'event', 'Time since the event before, below the second.', DELTA, {
    format: 'dec9',
  }),
  eventField('evt.latency', 'RELTIME', LATENCY, () => 0, { deprecated: true }),
  eventField('evt.latency.s', 'RELTIME', LATENCY, () => 0, { deprecated: true }),
  eventField('evt.latency.ns', 'RELTIME', LATENCY, () => 0, { deprecated: true, format: 'dec9' }),
  eventField('evt.latency.quantized', 'UINT64', LATENCY, () => 0, { deprecated: true }),
  eventField('evt.latency.human', 'CHARBUF', LATENCY, () => '0ns', { deprecated: true }),
  eventField('evt.wait_latency', 'RELTIME', LATENCY, () => 0, { deprecated: true }),
];
