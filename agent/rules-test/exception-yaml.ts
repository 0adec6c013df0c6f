import { safeLine } from '../lib/safe-text.ts';
import type { AlertInput } from './alert-input.ts';
import type { FoundAlert } from './compare.ts';
import type { EventTexts } from './complete-event.ts';
import { conditionValue, type Suggestion } from './suggest-exception.ts';

/** Widest line of a comment. */
const COMMENT_CHARS = 118;

/** The exception as a rule file, without its tests. */
export function exceptionYaml(alert: AlertInput, { name, parts }: Suggestion): string {
  return [
    ...comment(`Silences this alert${alert.time === '' ? '' : ` of ${alert.time}`}: ${alert.output}`),
    '#',
    ...comment(
      `${parts.map(({ reason, value }) => `${reason} (${value})`).join(', ')}. Leave out a field to make it wider.`,
    ),
    ...comment('Whoever can replace a file that is named here is trusted with it.'),
    `- rule: ${scalar(alert.rule)}`,
    '  exceptions:',
    `    - name: ${scalar(name)}`,
    `      fields: [${parts.map(({ field }) => scalar(field)).join(', ')}]`,
    `      comps: [${parts.map(({ comp }) => (comp === '=' ? "'='" : comp)).join(', ')}]`,
    '      values:',
    `        - [${parts.map(({ value }) => scalar(conditionValue(value))).join(', ')}]`,
    '  override: {exceptions: append}',
    '',
  ].join('\n');
}

/** Its tests, for the same file: the alert's event, and one that must still be told, with all that it raises. */
export function testsYaml(
  rules: readonly string[],
  rule: string,
  silent: EventTexts,
  told: { readonly event: EventTexts; readonly alerts: readonly FoundAlert[] } | undefined,
): string {
  return [
    '---',
    ...comment('These rules, then those of this file.'),
    `rules: [${rules.map(scalar).join(', ')}]`,
    'tests:',
    '  - test: the act of the alert is silent',
    `    events: [${event(silent)}]`,
    `    silent: [${scalar(rule)}]`,
    ...(told === undefined
      ? []
      : [
          '  - test: the same act of another program is told',
          `    events: [${event(told.event)}]`,
          `    expect: [${told.alerts.map((alert) => scalar(alert.rule)).join(', ')}]`,
        ]),
    '',
  ].join('\n');
}

function event(texts: EventTexts): string {
  return `{${[...texts].map(([name, text]) => `${scalar(name)}: ${scalar(text)}`).join(', ')}}`;
}

/** Plain where nothing in it means something to YAML; else in double quotes, escaped. */
export function scalar(text: string): string {
  return /^[A-Za-z/][\w./-]*( [\w./-]+)*$/.test(text) && !/^(null|true|false|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text).replace(
        /[\u007f-\u009f\u2028\u2029]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
}

/** Lines of a comment, whatever is in the text. */
function comment(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of safeLine(text).split(' ')) {
    if (line.length + word.length > COMMENT_CHARS && line !== '#') {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
