import type { Alert, FieldJson, ProcessEntity } from '../../agent/events/alert.ts';
import { PRIORITIES } from '../../agent/events/alert.ts';
import { textToBytes } from '../../agent/events/bytestring.ts';
import type { FieldCatalogue, FieldDef, FieldResult, FieldType } from '../../agent/fields/field.ts';
import { toFieldValue } from './field-value.ts';

type AlertField = FieldDef<Alert>;
type Argument = string | number | undefined;

/** What a field of the pipeline's catalogue says of itself, without the way to read it. */
type Described = Omit<FieldDef<never>, 'get'>;

/**
 * The fields of stored alerts: every field of `described` (the pipeline's catalogue), read from the alert's context, and
 * alert.* for the alert itself.
 */
export function alertCatalogue(described: readonly Described[]): FieldCatalogue<Alert> {
  const fields = [...described.map(storedField), ...OWN_FIELDS];
  const byName = new Map(fields.map((field) => [field.name, field]));
  return { find: (name) => byName.get(name), all: () => fields };
}

function storedField(described: Described): AlertField {
  const { unavailable: _, ...rest } = described;
  const get = described.candidates === undefined ? fromContext(described) : CANDIDATES[described.candidates](described);
  // All depends on the alert alone: nothing may be kept from one to the next.
  return { ...rest, scope: 'event', get };
}

/** Fields that are only for comparisons are in no alert: their value is another field's. */
const STORED_AS: ReadonlyMap<string, string> = new Map(
  ['c', 's', 'l', 'r'].map((end) => [`fd.${end}net`, `fd.${end}ip`]),
);

function fromContext(field: Described): AlertField['get'] {
  const name = STORED_AS.get(field.name) ?? field.name;
  return (alert, argument) => {
    for (const key of keysOf(name, argument)) {
      const value = alert.context[key] ?? alert.outputFields[key];
      if (value !== undefined && value !== null) return toFieldValue(value, field);
    }
    return undefined;
  };
}

/** An argument may have been written in brackets or after a dot. */
function keysOf(name: string, argument: Argument): readonly string[] {
  return argument === undefined ? [name] : [`${name}[${argument}]`, `${name}.${argument}`];
}

/** Fields that compare with several values. Those values are stored under the names of single ones. */
const CANDIDATES: Record<NonNullable<FieldDef['candidates']>, (field: Described) => AlertField['get']> = {
  'both-ends': bothEnds,
  'any-ancestor': anyAncestor,
};

const ENDS: Readonly<Record<string, readonly string[]>> = {
  'fd.ip': ['fd.cip', 'fd.sip'],
  'fd.net': ['fd.cip', 'fd.sip'],
  'fd.port': ['fd.cport', 'fd.sport'],
  'fd.proto': ['fd.cport', 'fd.sport'],
};

function bothEnds(field: Described): AlertField['get'] {
  const names = ENDS[field.name] ?? [];
  return (alert) => {
    const values = names.map((name) => alert.context[name]).filter((value) => value !== undefined && value !== null);
    return values.length === 0 ? undefined : (toFieldValue(values, { ...field, list: true }) as FieldResult);
  };
}

const OF_ANCESTOR: Readonly<Record<string, (entity: ProcessEntity) => FieldJson>> = {
  'proc.aname': (entity) => entity.name,
  'proc.aexepath': (entity) => entity.exePath,
  'proc.acmdline': (entity) => entity.cmdline,
  'proc.apid': (entity) => entity.pid,
};

function anyAncestor(field: Described): AlertField['get'] {
  const read = OF_ANCESTOR[field.name];
  if (read === undefined) return fromContext(field);
  return (alert, argument) => {
    if (typeof argument !== 'number') {
      if (alert.process === undefined) return undefined;
      return toFieldValue(alert.ancestors.map(read), { ...field, list: true });
    }
    const entity = argument === 0 ? alert.process : alert.ancestors[argument - 1];
    return entity === undefined ? undefined : toFieldValue(read(entity), field);
  };
}

const own = (
  name: string,
  type: FieldType,
  doc: string,
  get: (alert: Alert) => FieldResult,
  list = false,
): AlertField => ({
  name: `alert.${name}`,
  type,
  doc,
  scope: 'event',
  list,
  get,
});

const OWN_FIELDS: readonly AlertField[] = [
  own('rule', 'CHARBUF', 'Name of the rule.', (alert) => textToBytes(alert.rule)),
  own('priority', 'CHARBUF', 'Name of the priority, e.g. Warning.', (alert) => alert.priority),
  own('severity', 'UINT8', 'The priority as a number: 0 (Emergency) to 7 (Debug).', (alert) =>
    PRIORITIES.indexOf(alert.priority),
  ),
  own('source', 'CHARBUF', 'Event source.', (alert) => textToBytes(alert.source)),
  own('hostname', 'CHARBUF', 'Host name of the node.', (alert) => textToBytes(alert.hostname)),
  own('output', 'CHARBUF', 'The text line.', (alert) => textToBytes(alert.output)),
  own('uuid', 'CHARBUF', 'Identity of the alert.', (alert) => alert.uuid),
  own('complete', 'BOOL', 'Whether the evidence is complete.', (alert) => alert.completeness === 'complete'),
  own('tags', 'CHARBUF', 'Tags of the rule.', (alert) => alert.tags.map(textToBytes), true),
];
