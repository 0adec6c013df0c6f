import type { Alert, FieldJson, Priority } from '../events/alert.ts';
import { bytesToText } from '../events/bytestring.ts';
import { catalogue } from '../fields/catalogue.ts';
import type { MatchContext } from '../fields/context.ts';
import { safeLine } from '../lib/safe-text.ts';
import { completenessOf } from './completeness.ts';
import { ancestorsOf, argumentsOf, entityOf } from './entity.ts';
import type { Mask, Redactor } from './redact.ts';
import { alertUuid, type Sha256 } from './uuid.ts';

/** An output template that is ready to be filled in. */
export interface Template {
  render(context: MatchContext): { readonly text: string };
  values(context: MatchContext): Readonly<Record<string, FieldJson>>;
}

/** What an alert takes from the rule that matched. */
export interface AlertRule {
  readonly name: string;
  readonly priority: Priority;
  readonly source: string;
  readonly tags: readonly string[];
  readonly format: Template;
  readonly extraFields: readonly { readonly key: string; readonly format: Template; readonly raw: boolean }[];
}

export interface AlertMakerOptions {
  readonly hostname: string;
  readonly bootId: string;
  readonly sha256: Sha256;
  readonly redactor: Redactor;
  /** Template of every field that has no argument: what makes the context. */
  readonly everyField: Template;
}

export interface Raised {
  readonly ruleSetDigest: string;
  readonly raisedNs: bigint;
  /** Canonical text of the comparisons that were true. */
  readonly matched: readonly string[];
  /** Why what is known of processes may be incomplete. */
  readonly doubts: readonly string[];
}

/** Makes alerts of matches. All that is kept is copied out of the event; secrets are masked in it. */
export type AlertMaker = (rule: AlertRule, context: MatchContext, raised: Raised) => Alert;

export function createAlertMaker(options: AlertMakerOptions): AlertMaker {
  const { hostname, bootId, sha256, redactor, everyField } = options;
  return (rule, context, { ruleSetDigest, raisedNs, matched, doubts }) => {
    const { event, process } = context;
    const ancestors = process === undefined ? [] : ancestorsOf(process);
    const involved = process === undefined ? [] : [process, ...ancestors];
    const mask = redactor.forAlert(involved.filter(({ args }) => args.length > 0).map(argumentsOf));
    const redactions = new Set<string>();
    const { timeNs, cpu, lane, sequence, bootNs } = event;
    return {
      uuid: alertUuid({ bootId, cpu, lane, sequence, bootNs }, rule.name, sha256),
      timeNs,
      raisedNs,
      rule: rule.name,
      ruleSetDigest,
      priority: rule.priority,
      source: rule.source,
      tags: rule.tags,
      hostname,
      output: outputOf(rule, context, mask),
      outputFields: masked(outputFieldsOf(rule, context), mask, redactions),
      context: masked(contextOf(everyField, context), mask, redactions),
      matched,
      ...(process === undefined ? {} : { process: entityOf(process, mask) }),
      ancestors: ancestors.map((ancestor) => entityOf(ancestor, mask)),
      completeness: completenessOf(event.flags, doubts),
      redactions: [...redactions].sort(),
      count: 1,
      firstNs: timeNs,
      lastNs: timeNs,
    };
  };
}

/** Falco's text line: time, priority, message. One line, whatever a process is called. */
function outputOf(rule: AlertRule, context: MatchContext, mask: Mask): string {
  const time = catalogue.find('evt.time')?.get(context, undefined);
  return safeLine(mask.text(`${String(time)}: ${rule.priority} ${rule.format.render(context).text}`));
}

function outputFieldsOf({ format, extraFields }: AlertRule, context: MatchContext): Record<string, FieldJson> {
  const extra = extraFields.map(({ key, format: template, raw }) => {
    const [value = null] = raw ? Object.values(template.values(context)) : [template.render(context).text];
    return [key, value] as const;
  });
  return { ...format.values(context), ...Object.fromEntries(extra) };
}

/** Every field that has a value, and the event's parameters. */
function contextOf(everyField: Template, context: MatchContext): Record<string, FieldJson> {
  const { event, names } = context;
  const present = Object.entries(everyField.values(context)).filter(([, value]) => value !== null);
  const parameters = event.parameters.flatMap(({ name }) => {
    const text = event.arg(name, names);
    return text === undefined || text === '' ? [] : [[`evt.arg.${name}`, bytesToText(text)] as const];
  });
  return Object.fromEntries([...present, ...parameters]);
}

/** Values of a template without the secrets in them, for what is told of an alert later. */
export function maskedValues(template: Template, context: MatchContext, redactor: Redactor): Record<string, FieldJson> {
  return masked(template.values(context), redactor.forAlert([]), new Set());
}

function masked(
  fields: Readonly<Record<string, FieldJson>>,
  mask: Mask,
  redactions: Set<string>,
): Record<string, FieldJson> {
  const entries = Object.entries(fields).map(([name, value]) => {
    const safe = mask.value(value);
    if (!equal(safe, value)) redactions.add(name);
    return [name, safe] as const;
  });
  return Object.fromEntries(entries);
}

function equal(a: FieldJson, b: FieldJson): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return (a as readonly FieldJson[]).every((item, index) => equal(item, (b as readonly FieldJson[])[index] ?? null));
}
