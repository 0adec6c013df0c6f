import type { Priority } from '../../agent/events/alert.ts';
import { bytesToText } from '../../agent/events/bytestring.ts';
import type { FieldDef } from '../../agent/fields/field.ts';
import { addedOutput } from '../../agent/rules/extend-output.ts';
import { compileFormat, escapeText } from '../../agent/rules/format.ts';
import { NOT_AVAILABLE, valueText } from '../../agent/rules/format-value.ts';
import { caseCatalogue, chainContext, readContext, toValue } from './case-catalogue.ts';
import { all, type Case, expectEqual, isRecord, type Outcome, stringField } from './outcome.ts';

/** An output template under a context: text, textual values, typed values. */
export function runFormatCase(test: Case): Outcome {
  const template = stringField(test, 'format');
  const compiled = compileFormat(template, caseCatalogue);
  if (test.ok !== true || !compiled.ok) {
    return expectEqual({ ok: test.ok }, { ok: compiled.ok, ...(compiled.ok === test.ok ? {} : { compiled }) });
  }
  const context = 'chain' in test ? chainContext(test.chain) : readContext(test.context);
  const { format } = compiled;
  const rendered = format.render(context, !template.startsWith('*'));
  const found: Record<string, unknown> = {
    text: rendered.text,
    complete: template.startsWith('*') || rendered.complete,
    fields: format.texts(context),
    json: format.values(context),
    json_with_transformed: format.allValues(context),
  };
  return all(
    Object.keys(found)
      .filter((key) => key in test)
      .map((key) => expectEqual({ [key]: test[key] }, { [key]: found[key] })),
  );
}

const PRINT_FORMATS: Record<string, NonNullable<FieldDef['format']>> = {
  hex: 'hex',
  octal: 'oct',
  oct: 'oct',
  padded: 'dec9',
};

/** One value as text and as JSON. */
export function runValueCase(test: Case): Outcome {
  const type = stringField(test, 'type');
  const name = stringField(test, 'print_format');
  const format = PRINT_FORMATS[name] ?? (/9|pad|nine/.test(name) ? 'dec9' : 'dec');
  const value = toValue(test.value, type);
  const text = value === undefined || typeof value === 'symbol' ? NOT_AVAILABLE : valueText(value, type, format);
  const shown = expectEqual({ text: test.text }, { text: bytesToText(text) });
  const json = value === undefined ? null : typeof test.json === 'string' ? bytesToText(text) : test.value;
  return all([shown, expectEqual({ json: test.json }, { json })]);
}

export function runEscapeCase(test: Case): Outcome {
  return expectEqual(test.output, escapeText(stringField(test, 'input')));
}

export function runAppendOutputCase(test: Case): Outcome {
  const entries = Array.isArray(test.append_output) ? test.append_output.filter(isRecord) : [];
  const extensions = entries.map((entry) => {
    const match = isRecord(entry.match) ? entry.match : {};
    return {
      match: {
        ...(typeof match.source === 'string' ? { source: match.source } : {}),
        ...(typeof match.rule === 'string' ? { rule: match.rule } : {}),
        ...(Array.isArray(match.tags) ? { tags: match.tags.map(String) } : {}),
      },
      ...(typeof entry.extra_output === 'string' ? { extraOutput: entry.extra_output } : {}),
      ...(typeof entry.suggested_output === 'boolean' ? { suggestedOutput: entry.suggested_output } : {}),
    };
  });
  const rules = isRecord(test.rules) ? Object.entries(test.rules) : [];
  const found = rules.map(([name, rule]) => {
    const { output, source, tags } = isRecord(rule) ? rule : {};
    const extendable = { name, source: String(source), tags: new Set(Array.isArray(tags) ? tags.map(String) : []) };
    return [name, String(output) + addedOutput(extendable, extensions, caseCatalogue)];
  });
  return expectEqual(test.result, Object.fromEntries(found));
}

/** A whole alert for one configuration of Falco's. */
export function runAlertCase(test: Case): Outcome {
  const alert = isRecord(test.alert) ? test.alert : {};
  const config = isRecord(test.config) ? test.config : {};
  const event = isRecord(alert.event) ? alert.event : {};
  const iso = config.time_format_iso_8601 === true;
  const utc = String(event.time_utc);
  const compiled = compileFormat(String(alert.format), caseCatalogue);
  if (!compiled.ok) return { passed: false, expected: 'a format', found: compiled };
  const context = readContext(alert.values);
  const message = compiled.format.render(context).text;
  const priority = alert.priority as Priority;
  const clock = iso ? `${utc}+0000` : utc.slice(utc.indexOf('T') + 1);
  const line = `${clock}: ${priority} ${message}`;
  if (config.json_output !== true) return expectEqual(test.result, escapeText(line));
  const wanted = (key: string, byDefault: boolean): boolean => (config[key] ?? byDefault) === true;
  const fields = { [iso ? 'evt.time.iso8601' : 'evt.time']: event.time_ns, ...compiled.format.values(context) };
  return expectEqual(test.result, {
    hostname: event.hostname,
    priority,
    rule: alert.rule,
    source: alert.source,
    time: `${utc}Z`,
    ...(wanted('json_include_output_property', true) ? { output: line } : {}),
    ...(wanted('json_include_output_fields_property', true) ? { output_fields: fields } : {}),
    ...(wanted('json_include_tags_property', true) ? { tags: tagsOf(alert.tags) } : {}),
    ...(wanted('json_include_message_property', false) ? { message } : {}),
  });
}

function tagsOf(tags: unknown): string[] {
  return Array.isArray(tags) ? tags.map(String).sort() : [];
}
