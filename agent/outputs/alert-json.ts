import type { Alert, Amendment, EnvelopeBody, FieldJson } from '../events/alert.ts';
import { isoTime } from '../lib/iso-time.ts';
import { jsonText } from '../lib/json-text.ts';

/**
 * An alert as one line of JSON without the newline, in the shape that Falco's users know (keys in alphabetical order,
 * numbers as numbers, 64-bit ones digit by digit, absent fields null) and its uuid; of an aggregate also what it stands for.
 */
export function alertJson(alert: Alert): string {
  return jsonText(alertMembers(alert));
}

/** What became known later of an alert whose line is out, as a line of its own: it has no rule, and the alert's uuid. */
export function amendmentJson(amendment: Amendment): string {
  return jsonText(amendmentMembers(amendment));
}

/** The members of that line, in its order. */
export function amendmentMembers({ uuid, revision, timeNs, context }: Amendment) {
  return { amended_fields: sortKeys(context), revision, time: isoTime(timeNs), uuid };
}

/** The line of a record in outputs; none for what only the collector is told. */
export function bodyJson(body: EnvelopeBody): string | undefined {
  if (body.type === 'alert') return alertJson(body.alert);
  return body.type === 'amendment' ? amendmentJson(body.amendment) : undefined;
}

/** The members of that line, in its order. */
export function alertMembers(alert: Alert) {
  const { hostname, output, priority, rule, source, uuid, count, firstNs, lastNs } = alert;
  const isAggregate = alert.aggregateOf !== undefined;
  return {
    ...(isAggregate ? { aggregate_of: alert.aggregateOf, count, first_time: isoTime(firstNs) } : {}),
    hostname,
    ...(isAggregate ? { last_time: isoTime(lastNs) } : {}),
    output,
    output_fields: sortKeys(alert.outputFields),
    priority,
    rule,
    source,
    tags: [...alert.tags].sort(),
    time: isoTime(alert.timeNs),
    uuid,
  };
}

function sortKeys(fields: Readonly<Record<string, FieldJson>>): Record<string, FieldJson> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}
