import { textToBytes } from '../events/bytestring.ts';
import type { FieldCatalogue } from '../fields/field.ts';
import { resolveFieldText } from '../rules/resolve-field.ts';

/** An alert as it was printed or sent: what an exception can be made of. */
export interface AlertInput {
  readonly rule: string;
  readonly output: string;
  readonly time: string;
  /** Values of fields by name; absent ones left out. */
  readonly fields: ReadonlyMap<string, string | number | boolean>;
}

export type AlertInputResult =
  | { readonly ok: true; readonly alert: AlertInput }
  | { readonly ok: false; readonly message: string };

/** Longest alert that is read. */
export const ALERT_CHARS_MAX = 4 * 1024 * 1024;
/** Both are objects of fields; the first one counts. */
const FIELD_KEYS = ['output_fields', 'outputFields', 'context'];

/** Reads one alert as JSON, in the shape of the outputs or of `subscribe --json`. Fields that nobody knows are left out. */
export function readAlertInput<C>(text: string, catalogue: FieldCatalogue<C>): AlertInputResult {
  const parsed = parse(text);
  if (parsed === undefined) return { ok: false, message: 'standard input is no JSON; expected one alert as an object' };
  if (!isObject(parsed)) return { ok: false, message: 'standard input is no alert; expected an object' };
  const rule = parsed['rule'];
  if (typeof rule !== 'string') return { ok: false, message: `the alert has no 'rule'; expected its name as a text` };
  const fields = new Map<string, string | number | boolean>();
  for (const key of FIELD_KEYS) {
    const given = parsed[key];
    if (!isObject(given)) continue;
    for (const [name, value] of Object.entries(given)) {
      if (isValue(value) && !fields.has(name) && resolveFieldText(catalogue, textToBytes(name)).ok)
        fields.set(name, value);
    }
  }
  if (fields.size === 0) {
    return {
      ok: false,
      message: `the alert has no 'output_fields' that a rule can use; expected field names with values`,
    };
  }
  return { ok: true, alert: { rule, output: textOf(parsed['output']), time: textOf(parsed['time']), fields } };
}

/** The first line that is an object counts: a file of alerts is one a line. */
function parse(text: string): unknown {
  for (const candidate of [text, text.trimStart().split('\n', 1)[0] ?? '']) {
    try {
      return JSON.parse(candidate) as unknown;
    } catch {}
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is string | number | boolean {
  if (typeof value === 'string') return value !== '<NA>';
  return typeof value === 'number' || typeof value === 'boolean';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
