import { bytesToText, textToBytes } from '../../agent/events/bytestring.ts';
import { catalogue } from '../../agent/fields/catalogue.ts';
import { compileFilter } from '../../agent/rules/filter.ts';
import { alertCatalogue } from './alert-fields.ts';
import type { CompiledFilter } from './selection.ts';

const alerts = alertCatalogue(catalogue.all());

/** Longer ones are refused: each subscriber's filter runs for each alert. */
const MAX_LENGTH = 16_384;

/**
 * Compiles a condition in the rule language (no macros, no lists) over the fields of stored alerts. Columns count
 * characters, from 1.
 */
export function compileAlertFilter(text: string): CompiledFilter {
  if (text.length > MAX_LENGTH) {
    return { ok: false, errors: [{ message: `longer than ${MAX_LENGTH} characters`, column: MAX_LENGTH + 1 }] };
  }
  const result = compileFilter(text, alerts);
  if (result.ok) return { ok: true, test: (alert) => result.test(alert) };
  const bytes = textToBytes(text);
  return {
    ok: false,
    errors: result.errors.map(({ message, at, expected, nearest }) => ({
      message: `${bytesToText(message)}${expected ? `; expected ${expected}` : ''}${nearest ? `; did you mean '${nearest}'?` : ''}`,
      column: [...bytesToText(bytes.slice(0, at))].length + 1,
    })),
  };
}
