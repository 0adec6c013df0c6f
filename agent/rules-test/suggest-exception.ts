import { textToBytes } from '../events/bytestring.ts';
import { EVENT_TYPES } from '../events/event-types.ts';
import { EVENT_KINDS } from '../events/kinds.ts';
import { atomFields, atomsOf, type Condition } from '../rules/condition.ts';
import { evaluate } from '../rules/evaluate.ts';
import type { CompiledRule } from '../rules/rule-set.ts';
import { escapeString } from '../rules/strings.ts';
import type { AlertInput } from './alert-input.ts';
import { completeFor, type EventTexts, eventOf } from './complete-event.ts';
import { type ExceptionPart, exceptionParts } from './exception-fields.ts';
import type { GivenEvent } from './given-event.ts';
import { given } from './test-rules.ts';

export interface Suggestion {
  readonly name: string;
  readonly parts: readonly ExceptionPart[];
  /** The event of the alert, as a test gives it; undefined where the alert tells too little. */
  readonly event: EventTexts | undefined;
  /** The same by another program, parent or in another place, which is still to be told. */
  readonly other: EventTexts | undefined;
}

/** From these follow others, which rules look at. */
const FOUNDATIONS = [
  'evt.res',
  'evt.arg.flags',
  'evt.arg.mode',
  'proc.name',
  'proc.exe',
  'proc.exepath',
  'proc.cmdline',
  'proc.pname',
  'proc.pexepath',
  'proc.pcmdline',
  'container.id',
  'user.name',
  'user.uid',
  'fd.type',
  'fd.name',
  'fs.path.name',
  'fs.path.source',
  'fs.path.target',
];

/** What another program is called in the test that is still to be told. */
const OTHERS: Readonly<Record<string, string>> = {
  'proc.exepath': '/opt/another/program',
  'proc.pexepath': '/opt/another/parent',
  'proc.name': 'another',
  'proc.pname': 'another',
  'container.image.repository': 'registry.example/another',
};

/** The narrowest exception for an alert, and the events that show what it silences and what it does not. */
export function suggestException(alert: AlertInput, rule: CompiledRule<GivenEvent>): Suggestion {
  const parts = exceptionParts(alert);
  const event = completeFor(rule.condition, textsOf(alert, rule, parts), given);
  return {
    name: nameOf(parts, rule.exceptions),
    parts,
    event,
    other: event && otherEvent(event, parts, rule.condition),
  };
}

/** The fields that the rule and the exception look at; the type of the event first. */
function textsOf(alert: AlertInput, rule: CompiledRule<GivenEvent>, parts: readonly ExceptionPart[]): EventTexts {
  const wanted = new Set(FOUNDATIONS);
  for (const field of atomsOf(rule.condition).flatMap((atom) => [...atomFields(atom)])) {
    if (field.argument === undefined && field.def.candidates === undefined) wanted.add(field.def.name);
    else if (typeof field.argument === 'string') {
      wanted.add(`${field.def.name}.${field.argument}`).add(`${field.def.name}[${field.argument}]`);
    }
  }
  const type = alert.fields.get('evt.type') ?? firstType(rule);
  const texts = new Map([['evt.type', String(type)]]);
  for (const { field, comp, value } of parts) {
    addPossible(texts, field, comp === 'glob' ? String(alert.fields.get(field)) : value);
  }
  for (const name of wanted) {
    const value = alert.fields.get(name);
    if (value !== undefined) addPossible(texts, name, String(value));
  }
  return texts;
}

/** What this kind of event cannot have, or what is written in another way than a test does, is left out. */
function addPossible(texts: Map<string, string>, name: string, value: string): void {
  if (texts.has(name)) return;
  if (eventOf(new Map([...texts, [name, value]]), given) !== undefined) texts.set(name, value);
}

function firstType(rule: CompiledRule<GivenEvent>): string {
  const types = EVENT_KINDS.flatMap((kind): readonly string[] => EVENT_TYPES[kind]);
  return types.find((type) => rule.handles(type)) ?? 'execve';
}

/** Changes one part that the rule itself does not hang on. */
function otherEvent(
  event: EventTexts,
  parts: readonly ExceptionPart[],
  condition: Condition<GivenEvent>,
): EventTexts | undefined {
  for (const { field } of parts) {
    const value = OTHERS[field];
    if (value === undefined) continue;
    const changed = new Map([...event, [field, value]]);
    const read = eventOf(changed, given);
    if (read !== undefined && evaluate(condition, read)) return changed;
  }
  return undefined;
}

/** After the binary and the object, so that a reader of the list knows what it is for. */
function nameOf(parts: readonly ExceptionPart[], taken: readonly string[]): string {
  const last = (value: string | undefined): string => value?.split('/').at(-1) ?? '';
  const program = parts.find(({ field }) => field === 'proc.exepath' || field === 'proc.name')?.value;
  const object = parts.find(({ reason }) => /^(on this object|to this server)/.test(reason))?.value;
  const words = `${last(program)}_${last(object)}`.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  const name = words === '' ? 'suggested' : words.slice(0, 60);
  let free = name;
  for (let number = 2; taken.includes(free); number++) free = `${name}_${number}`;
  return free;
}

/** A value as the text of a condition: quoted where something in it would end it. */
export function conditionValue(value: string): string {
  const bytes = textToBytes(value);
  const escaped = escapeString(bytes);
  if (escaped !== bytes || /^[\w./:@+-]+$/.test(value)) return escaped === bytes ? value : utf8Kept(value);
  return `"${value}"`;
}

function utf8Kept(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
}
