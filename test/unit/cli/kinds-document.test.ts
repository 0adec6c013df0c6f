import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENT_TYPES } from '../../../agent/events/event-types.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('docs/kinds.md has every call, and claims as tested what a victim has testified', () => {
  const document = read('docs/kinds.md');
  const types = [...document.matchAll(/^\| \w* \| [^|]* \| `(\w+)` \|/gm)].map(([, type]) => type);
  expect(types).toEqual(Object.values(EVENT_TYPES).flat());
  const acts = Object.values(JSON.parse(read('test/kernel/testified.json')) as Record<string, string[]>).flat();
  const claims = document.match(/\b(success|failure)\b(?=[^\n]*\|$)/gm) ?? [];
  expect(claims.length).toBe(new Set(acts).size);
});
