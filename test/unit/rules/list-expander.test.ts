import { expect, test } from 'vitest';
import { compile, rule } from './support/rules.ts';

/** The condition of the rule after all files. */
function conditionAfter(...files: readonly string[]): string | undefined {
  const { ok, ruleSet } = compile(files);
  return ok ? ruleSet.rules[0]?.conditionText : undefined;
}

const base = `- list: l\n  items: [a]\n${rule('r', 'evt.type=open and proc.name in (l, m)')}`;

test('a list that a later file changes, adds or removes items of changes the conditions that name it', () => {
  expect(conditionAfter(base)).toBe('(evt.type = open and proc.name in (a, m))');
  expect(conditionAfter(base, '- list: l\n  items: [b, c]\n')).toBe('(evt.type = open and proc.name in (b, c, m))');
  expect(conditionAfter(base, '- list: l\n  items: [b]\n  override: {items: append}\n')).toBe(
    '(evt.type = open and proc.name in (a, b, m))',
  );
  expect(conditionAfter(base, '[]', '- list: l\n  items: []\n')).toBe('(evt.type = open and proc.name in (m))');
});

test('a list of a later file replaces what was a value so far, also inside of another list', () => {
  expect(conditionAfter(base, '- list: m\n  items: [x, y]\n')).toBe('(evt.type = open and proc.name in (a, x, y))');
  expect(conditionAfter(base, '- list: a\n  items: [z]\n')).toBe('(evt.type = open and proc.name in (z, m))');
  expect(conditionAfter(base, '- list: other\n  items: [z]\n')).toBe('(evt.type = open and proc.name in (a, m))');
});

test('a list counts as used after every file that does not change it', () => {
  const { warnings } = compile([base, '[]', '- macro: n\n  condition: proc.pid=1\n']);
  expect(warnings.map(({ item }) => item)).toEqual(["macro 'n'"]);
});
