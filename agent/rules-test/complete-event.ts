import { bytesToText } from '../events/bytestring.ts';
import type { FieldCatalogue } from '../fields/field.ts';
import type { Atom, Condition } from '../rules/condition.ts';
import { evaluate, evaluateAtom, readValue } from '../rules/evaluate.ts';
import type { Constant } from '../rules/literals.ts';
import { SourceFile, type Span } from '../rules/source-text.ts';
import { DocumentFault } from './fault.ts';
import type { GivenEvent } from './given-event.ts';
import { readEvent } from './read-event.ts';

/** Fields of an event by name, as a test would give them. */
export type EventTexts = ReadonlyMap<string, string>;

/** What an event is taken to be as long as nobody says otherwise: not said, and so free to be chosen. */
const DEFAULTS: ReadonlySet<string> = new Set([
  'evt.is_open_read',
  'evt.is_open_write',
  'evt.is_open_create',
  'evt.is_open_exec',
  'proc.is_exe_writable',
  'proc.is_exe_upper_layer',
  'proc.is_exe_lower_layer',
  'proc.is_exe_from_memfd',
  'proc.tty',
]);
/** Comparisons hang on each other through what is derived, so it takes more than one look. */
const ROUNDS_MAX = 4;
const NOWHERE: Span = { file: new SourceFile('an event', ''), start: 0, end: 0 };

/** An event of these fields; undefined if there can be none (a field that this kind of event never has). */
export function eventOf<C>(texts: EventTexts, catalogue: FieldCatalogue<C>): GivenEvent | undefined {
  const fields = [...texts].map(([name, text]) => ({
    name,
    value: { kind: 'scalar', text, isNull: false, span: NOWHERE } as const,
    span: NOWHERE,
  }));
  try {
    return readEvent(fields, NOWHERE, catalogue);
  } catch (error) {
    if (error instanceof DocumentFault) return undefined;
    throw error;
  }
}

/**
 * Adds what a condition needs and the fields do not say, so that it holds: of the branches of an `or`, the first that can
 * be had. What is said is never changed. Undefined where that does not do it.
 */
export function completeFor<C>(
  condition: Condition<GivenEvent>,
  given: EventTexts,
  catalogue: FieldCatalogue<C>,
): EventTexts | undefined {
  let texts = given;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const event = eventOf(texts, catalogue);
    if (event === undefined) return undefined;
    if (evaluate(condition, event)) return texts;
    const added = needed(condition, true, { event, texts });
    if (added === undefined || added.size === 0) return undefined;
    texts = new Map([...added, ...texts]);
  }
  return undefined;
}

interface Known {
  readonly event: GivenEvent;
  readonly texts: EventTexts;
}

/** Texts of absent fields that give the condition the wanted outcome; undefined where no absent field decides it. */
function needed(node: Condition<GivenEvent>, wanted: boolean, known: Known): EventTexts | undefined {
  switch (node.kind) {
    case 'atom':
      if (evaluateAtom(node, known.event) === wanted) return new Map();
      return wanted ? textsFor(node, known) : undefined;
    case 'not':
      return needed(node.child, !wanted, known);
    default: {
      const parts = node.children.map((child) => needed(child, wanted, known));
      if ((node.kind === 'and') !== wanted) return parts.find((part) => part !== undefined);
      const all = parts.filter((part) => part !== undefined);
      return all.length === parts.length ? joined(all) : undefined;
    }
  }
}

/** Flag names that are asked for one by one stand in one text. */
function joined(parts: readonly EventTexts[]): EventTexts {
  const texts = new Map<string, string>();
  for (const [name, text] of parts.flatMap((part) => [...part])) {
    const earlier = texts.get(name);
    texts.set(name, earlier === undefined || earlier === text ? text : `${earlier}|${text}`);
  }
  return texts;
}

function textsFor({ left, test }: Atom<GivenEvent>, { event, texts }: Known): EventTexts | undefined {
  if (left.kind !== 'field') return undefined;
  const { name } = left.def;
  const isFree = readValue(left, event) === undefined || (DEFAULTS.has(name) && !texts.has(name));
  const text =
    test.kind === 'one'
      ? fitting(test.operator.name, test.constant)
      : test.kind === 'exists'
        ? anyText(left.type)
        : firstOf(test);
  if (!isFree || text === undefined) return undefined;
  return new Map([[left.argument === undefined ? name : `${name}[${bytesToText(String(left.argument))}]`, text]]);
}

function firstOf(test: Atom<GivenEvent>['test']): string | undefined {
  return test.kind === 'set' && test.operator.name === 'in' ? constantText(test.constants[0]) : undefined;
}

/** A value of a type, where any will do. */
function anyText(type: string): string | undefined {
  if (type === 'BOOL') return 'true';
  if (type === 'CHARBUF' || type === 'FSPATH' || type === 'FSRELPATH' || type === 'BYTEBUF') return 'any';
  return type === 'IPADDR' || type === 'IPNET' ? '192.0.2.1' : '1';
}

/** A text for which the comparison with a constant holds, where one can be told. */
function fitting(operator: string, constant: Constant): string | undefined {
  const text = constantText(constant);
  if (text === undefined) return undefined;
  switch (operator) {
    case '=':
    case '==':
    case '>=':
    case '<=':
    case 'contains':
    case 'icontains':
    case 'startswith':
    case 'endswith':
      return text;
    case '>':
      return String(Number(text) + 1);
    case '!=':
      return typeof constant === 'number' ? String(constant + 1) : `not-${text}`;
    default:
      return undefined;
  }
}

function constantText(constant: Constant | undefined): string | undefined {
  if (constant === undefined || typeof constant === 'object') return undefined;
  return typeof constant === 'string' ? bytesToText(constant) : String(constant);
}
