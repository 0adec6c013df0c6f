import type { MatchContext } from './context.ts';
import { eventField, type Field } from './define.ts';
import type { FieldResult } from './field.ts';
import { PARAMETER_TYPES } from './parameter-types.ts';

/** Calls whose path counts from a directory descriptor. */
const RELATIVE = new Set([
  'renameat',
  'renameat2',
  'symlinkat',
  'openat',
  'openat2',
  'linkat',
  'unlinkat',
  'mkdirat',
  'fchmodat',
  'fchownat',
]);

/** What may stand behind evt.abspath. */
const ABSOLUTE_ENDS = new Map([
  ['src', 'CHARBUF'],
  ['dst', 'CHARBUF'],
]);

function parameterName({ event }: MatchContext, argument: string | number | undefined): string | undefined {
  return typeof argument === 'number' ? event.parameters[argument]?.name : argument;
}

function argumentText(context: MatchContext, argument: string | number | undefined): FieldResult {
  const name = parameterName(context, argument);
  return name === undefined ? undefined : context.event.arg(name, context.names);
}

function absolutePath({ event }: MatchContext, argument: string | number | undefined): FieldResult {
  if (!RELATIVE.has(event.type)) return undefined;
  const hasTwo = event.kind === 'rename' || event.kind === 'link';
  if (argument === undefined) return event.name?.path;
  if (!hasTwo) return undefined;
  return argument === 'src' ? event.name?.path : event.secondName?.path;
}

/** The parameters of the call, in Falco's names. */
export const EVT_ARGS_FIELDS: readonly Field[] = [
  eventField(
    'evt.arg',
    'CHARBUF',
    'Text of one parameter, by name or position: flag names, user names, absolute paths.',
    argumentText,
    {
      argument: { required: true, kind: 'both', dotted: true, keys: PARAMETER_TYPES },
    },
  ),
  eventField(
    'evt.rawarg',
    'DYN',
    'Value of one parameter, by name, as a number where it is one.',
    (c, name) => (typeof name === 'string' ? c.event.rawArg(name) : undefined),
    {
      argument: { required: true, kind: 'key', dotted: true, keys: PARAMETER_TYPES },
      noTransformer: true,
      noRightSide: true,
    },
  ),
  eventField('evt.args', 'CHARBUF', 'All parameters, name=text, joined by blanks.', (c) => c.event.argsText(c.names)),
  eventField('evt.info', 'CHARBUF', 'The same as evt.args.', (c) => c.event.argsText(c.names)),
  eventField(
    'evt.abspath',
    'CHARBUF',
    'Absolute path of a call with a directory descriptor; .src and .dst where it has two.',
    absolutePath,
    {
      argument: { required: false, kind: 'key', dotted: true, keys: ABSOLUTE_ENDS },
    },
  ),
];
