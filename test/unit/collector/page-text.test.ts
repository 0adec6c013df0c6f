import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface PageText {
  parts(text: string): { text: string; escaped: boolean }[];
  valueText(value: unknown): string;
  messageOf(alert: { output: string; priority: string; rule: string }): string;
}

// The page's own file, which has no types.
const path = fileURLToPath(new URL('../../../collector/web/static/text.js', import.meta.url));
const { parts, valueText, messageOf } = (await import(path)) as PageText;

test('what would not be seen is shown by its code', () => {
  expect(parts('a\n\u001b[31m\u202eb\u0007')).toEqual([
    { text: 'a', escaped: false },
    { text: '\\n', escaped: true },
    { text: '\\e', escaped: true },
    { text: '[31m', escaped: false },
    { text: '\\u{202e}', escaped: true },
    { text: 'b', escaped: false },
    { text: '\\u{7}', escaped: true },
  ]);
  expect(parts('')).toEqual([{ text: '', escaped: false }]);
});

test('values are text, absent ones <NA>', () => {
  expect([null, 'a', 5, false, ['a', 1]].map(valueText)).toEqual(['<NA>', 'a', '5', 'false', '["a",1]']);
});

test.each([
  ['10:00:00.1: Warning Shell (user=root)', 'Shell', '(user=root)'],
  ['10:00:00.1: Warning Shells (user=root)', 'Shell', 'Shells (user=root)'],
  ['10:00:00.1: Warning A: Warning B', 'X', 'A: Warning B'],
  ['10:00:00.1: Notice x', 'X', '10:00:00.1: Notice x'],
  ['two words: Warning x', 'X', 'two words: Warning x'],
])('the message of %j by rule %j is %j', (output, rule, message) => {
  expect(messageOf({ output, rule, priority: 'Warning' })).toBe(message);
});
