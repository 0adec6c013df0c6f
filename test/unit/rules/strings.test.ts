import { expect, it } from 'vitest';
import { escapeString, unescapeString } from '../../../agent/rules/strings.ts';

it('decodes every escape', () => {
  expect(unescapeString('\\b\\f\\n\\r\\t\\\\\\ \\/\\"\\x41\\xff', '"')).toEqual({
    ok: true,
    value: '\b\f\n\r\t\\\\/"A\xff',
  });
});

it('refuses the other quote, unknown escapes and bad digits', () => {
  expect(unescapeString("\\'", '"')).toEqual({ ok: false, error: 'invalid \\\' escape in "-quoted string' });
  expect(unescapeString('\\q', '"')).toEqual({ ok: false, error: 'unsupported string escape sequence: \\q' });
  expect(unescapeString('\\x4', '"')).toEqual({ ok: false, error: 'truncated hex char escape sequence' });
  expect(unescapeString('\\xzz', '"')).toEqual({ ok: false, error: 'invalid hex char escape sequence: zz' });
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
