import type { FieldValue } from '../../agent/fields/field.ts';
import { escapeString, unescapeString } from '../../agent/rules/strings.ts';
import { checkCall, type Shape } from '../../agent/rules/transformers.ts';
import { toValue } from './case-catalogue.ts';
import { all, BadCase, booleanField, type Case, expectEqual, listField, type Outcome, stringField } from './outcome.ts';

/** Quoted text to value, or value to canonical text; bytes are given as the characters U+0000 to U+00FF. */
export function runEscapingCase(test: Case): Outcome {
  const input = stringField(test, 'input');
  if (test.direction !== 'escape' && test.direction !== 'unescape') throw new BadCase('direction is not known');
  if (test.direction === 'escape') {
    const escaped = escapeString(toBytes(input));
    const outcome = expectEqual(toBytes(stringField(test, 'output')), escaped);
    if (test.roundtrip !== true) return outcome;
    const quoted = escaped.startsWith('"');
    const back = quoted ? unescapeString(escaped.slice(1, -1), '"') : ({ ok: true, value: escaped } as const);
    return all([outcome, expectEqual({ ok: true, value: toBytes(input) }, back)]);
  }
  const unescaped = unescapeString(toBytes(input.slice(1, -1)), input.charAt(0));
  if (!booleanField(test, 'ok') || !unescaped.ok) return expectEqual({ ok: test.ok }, { ok: unescaped.ok });
  const hex = Array.from(unescaped.value, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return expectEqual(stringField(test, 'output_bytes_hex'), hex);
}

/** Texts of these cases hold bytes as they are where they can; other characters stand for their UTF-8. */
function toBytes(text: string): string {
  return /^[\u0000-\u00ff]*$/.test(text) ? text : String(toValue(text, 'CHARBUF'));
}

/** A chain of transformers, outermost first, over one value. */
export function runTransformerCase(test: Case): Outcome {
  const names = listField(test, 'transformer').map(String).reverse();
  const typeText = stringField(test, 'input_type');
  const list = typeText.startsWith('list of ');
  let shape: Shape = { type: typeText.replace(/^list of /, ''), list, label: 'x' };
  let value = toValue(test.input, shape.type) as FieldValue | undefined;
  for (const name of names) {
    const checked = checkCall(name, [shape], undefined);
    if (!checked.ok) return { passed: false, expected: test.output, found: checked.error };
    value = value === undefined ? undefined : checked.apply([value]);
    shape = { type: checked.type, list: checked.list, label: 'x' };
  }
  const outcome = expectEqual(plain(toValue(test.output, 'CHARBUF')), plain(value));
  if (typeof test.output_type !== 'string' || test.output === null) return outcome;
  return all([outcome, expectEqual(test.output_type, `${shape.list ? 'list of ' : ''}${shape.type}`)]);
}

/** Elements of transformed lists carry a NUL that only comparisons see; bytes above 0x7f may be given as characters. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'string') return value ?? null;
  return value.replace(/\0$/, '').replace(/[\u00c2\u00c3][\u0080-\u00bf]/g, (pair) => {
    return String.fromCharCode(((pair.charCodeAt(0) & 3) << 6) | (pair.charCodeAt(1) & 0x3f));
  });
}
