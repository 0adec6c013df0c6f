import { expect, test } from 'vitest';
import { wildcard } from '../../../agent/lib/wildcard.ts';

test.each([
  ['/proc*', '/proc/sys', true],
  ['/proc*', '/sys/proc', false],
  ['*/docker.sock', '/var/run/docker.sock', true],
  ['/a?c', '/abc', true],
  ['/a?c', '/ac', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b', 'xxaxxbxx', false],
  ['**', 'anything', true],
  ['a*', 'a*b', true],
  ['*b', 'a*b', true],
])('%s and %s: %s', (pattern, text, fits) => {
  expect(wildcard(pattern)(text)).toBe(fits);
});

test('takes no longer than both lengths multiplied', () => {
  expect(wildcard(`${'*a'.repeat(50)}b`)('a'.repeat(10_000))).toBe(false);
});
