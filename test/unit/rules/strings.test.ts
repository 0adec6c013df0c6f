import { expect, it } from 'vitest';
import { escapeString, unescapeString } from '../../../agent/rules/strings.ts';

it('decodes every escape', () => {
  expect(unescapeString('\\b\\f\\n\\r\\t\\\\\\ \\/\\"\\x41\\xff', '"')).toEqual({
    ok: true,
    value: '\b\f\n\r\t\\\\/"A\xff',
  });
});

it('refuses the other quote, unknown escapes and bad digits', () => {
  expect(unescapeString("\\'", '"')).toEqual({ ok: false, error: '\\\' means nothing between " and "' });
  expect(unescapeString('\\q', '"')).toEqual({ ok: false, error: "the escape '\\q' means nothing in a quoted string" });
  expect(unescapeString('\\x4', '"')).toEqual({ ok: false, error: '\\x needs two hexadecimal digits behind it' });
  expect(unescapeString('\\xzz', '"')).toEqual({
    ok: false,
    error: "\\x needs two hexadecimal digits behind it, not 'zz'",
  });
});

it('quotes only what needs it', () => {
  expect(['/usr/bin/*', 'a b', 'a=b', "it's", '\n', 'ä', ''].map(escapeString)).toEqual([
    '/usr/bin/*',
    '"a b"',
    '"a=b"',
    '"it\'s"',
    '"\\n"',
    'ä',
    '',
  ]);
});

it('gives back every byte that it escaped', () => {
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
  expect(unescapeString(escapeString(bytes).slice(1, -1), '"')).toEqual({ ok: true, value: bytes });
});
