import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERDICTS } from '../../../agent/migrate/verdict.ts';
import { ERROR_CODES, WARNING_CODES } from '../../../agent/rules/diagnostics.ts';

const read = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

test('docs/rules.md lists every code of check, in the order and the words of the program', () => {
  const rows = [...read('rules.md').matchAll(/^\| `((?:LOAD|NOTE)_[A-Z_]+)` \| (.*) \|$/gm)];
  expect(rows.map(([, code, words]) => [code, words?.replace('&lt;', '<')])).toEqual(
    Object.entries({ ...ERROR_CODES, ...WARNING_CODES }),
  );
});

test('docs/migrate.md explains every word of the report', () => {
  const text = read('migrate.md');
  expect(Object.values(VERDICTS).filter((word) => !text.includes(`| ${word} |`))).toEqual([]);
});
