import { bytesToText } from '../../agent/events/bytestring.ts';
import type { FieldDef } from '../../agent/fields/field.ts';
import { addedOutput } from '../../agent/rules/extend-output.ts';
import { compileFormat, escapeText, valueJson } from '../../agent/rules/format.ts';
import { NOT_AVAILABLE, valueText } from '../../agent/rules/format-value.ts';
import { caseCatalogue, chainContext, readContext, toValue } from './case-catalogue.ts';
import { toExtension } from './extensions.ts';
import {
  all,
  BadCase,
  booleanField,
  type Case,
  expectEqual,
  isRecord,
  listField,
  type Outcome,
  onlyKeys,
  recordField,
  stringField,
} from './outcome.ts';

/** An output template under a context: text, textual values, typed values. */
export function runFormatCase(test: Case): Outcome {
  const template = stringField(test, 'format');
  const compiled = compileFormat(template, caseCatalogue);
  if (!booleanField(test, 'ok') || !compiled.ok) {
    return expectEqual({ ok: test.ok }, { ok: compiled.ok, ...(compiled.ok === test.ok ? {} : { compiled }) });
  }
  const context = 'chain' in test ? chainContext(listField(test, 'chain')) : readContext(recordField(test, 'context'));
  const { format } = compiled;
  const stop = !template.startsWith('*');
  const rendered = format.render(context, stop);
  const found: Record<string, unknown> = {
    text: rendered.text,
    complete: !stop || rendered.complete,
    fields: format.texts(context, stop),
    json: format.values(context, stop),
    json_with_transformed: format.allValues(context, stop),
  };
  // Upstream writes an object without members as null.
  return all(
    Object.keys(found)
      .filter((key) => key in test)
      .map((key) => expectEqual({ [key]: test[key] ?? {} }, { [key]: found[key] })),
  );
}

const PRINT_FORMATS: readonly (readonly [words: RegExp, format: NonNullable<FieldDef['format']>])[] = [
  [/pad|nine|9|10/, 'dec9'],
  [/hex/, 'hex'],
  [/oct/, 'oct'],
  [/^(?:pf_)?(?:default|dec|decimal|id|na|none|plain)$/, 'dec'],
];

function printFormat(name: string): NonNullable<FieldDef['format']> {
  const known = PRINT_FORMATS.find(([words]) => words.test(name.toLowerCase()));
  if (known === undefined) throw new BadCase(`print_format '${name}' is not known`);
  return known[1];
}

/** One value as text and as JSON. */
export function runValueCase(test: Case): Outcome {
  const type = stringField(test, 'type').replace(/^list of /, '');
  const format = printFormat(stringField(test, 'print_format'));
  const value = toValue(test.value, type);
  if (typeof value === 'symbol') throw new BadCase('a value cannot be pending here');
  const text = value === undefined ? NOT_AVAILABLE : valueText(value, type, format);
  const json = value === undefined ? null : valueJson(value, type, format);
  return all([
    expectEqual({ text: stringField(test, 'text') }, { text: bytesToText(text) }),
    expectEqual({ json: test.json }, { json }),
  ]);
}

export function runEscapeCase(test: Case): Outcome {
  return expectEqual(stringField(test, 'output'), escapeText(stringField(test, 'input')));
}

export function runAppendOutputCase(test: Case): Outcome {
  const extensions = listField(test, 'append_output').map(toExtension);
  const found = Object.entries(recordField(test, 'rules')).map(([name, rule]) => {
    const { output, source, tags } = isRecord(rule) ? rule : {};
    const extendable = {
      name,
      source: String(source ?? 'syscall'),
      tags: new Set(Array.isArray(tags) ? tags.map(String) : []),
    };
    return [name, String(output) + addedOutput(extendable, extensions, caseCatalogue)];
  });
  return expectEqual(recordField(test, 'result'), Object.fromEntries(found));
}

/** Falco's configuration of alerts, with its defaults. */
const ALERT_OPTIONS = {
  json_output: false,
  time_format_iso_8601: false,
  json_include_output_property: true,
  json_include_output_fields_property: true,
  json_include_tags_property: true,
  json_include_message_property: false,
} as const;

/** A whole alert for one configuration of Falco's. */
export function runAlertCase(test: Case): Outcome {
  const alert = recordField(test, 'alert');
  const config = recordField(test, 'config');
  const event = recordField(alert, 'event');
  onlyKeys(config, Object.keys(ALERT_OPTIONS), 'config');
  const zone = String(alert.timezone ?? 'UTC');
  if (zone !== 'UTC') throw new BadCase(`timezone '${zone}' is not known`);
  const wanted = (key: keyof typeof ALERT_OPTIONS): boolean => (config[key] ?? ALERT_OPTIONS[key]) === true;
  const iso = wanted('time_format_iso_8601');
  const utc = stringField(event, 'time_utc');
  const compiled = compileFormat(stringField(alert, 'format'), caseCatalogue);
  if (!compiled.ok) return { passed: false, expected: 'a format', found: compiled };
  const context = readContext(recordField(alert, 'values'));
  const message = compiled.format.render(context).text;
  const priority = stringField(alert, 'priority');
  const clock = iso ? `${utc}+0000` : utc.slice(utc.indexOf('T') + 1);
  const line = `${clock}: ${priority} ${message}`;
  if (!wanted('json_output')) return expectEqual(test.result, escapeText(line));
  const fields = { [iso ? 'evt.time.iso8601' : 'evt.time']: event.time_ns, ...compiled.format.values(context) };
  return expectEqual(test.result, {
    hostname: event.hostname,
    priority,
    rule: alert.rule,
    source: alert.source,
    time: `${utc}Z`,
    ...(wanted('json_include_output_property') ? { output: line } : {}),
    ...(wanted('json_include_output_fields_property') ? { output_fields: fields } : {}),
    ...(wanted('json_include_tags_property') ? { tags: listField(alert, 'tags').map(String).sort() } : {}),
    ...(wanted('json_include_message_property') ? { message } : {}),
  });
}
