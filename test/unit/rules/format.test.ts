import { describe, expect, it } from 'vitest';
import type { FieldResult } from '../../../agent/fields/field.ts';
import { compileFormat, escapeText } from '../../../agent/rules/format.ts';
import { contextOf, testCatalogue } from './support/rules.ts';

function formatOf(template: string) {
  const compiled = compileFormat(template, testCatalogue);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.format;
}

const render = (template: string, values: Readonly<Record<string, FieldResult>>): string =>
  formatOf(template).render(contextOf(values)).text;

describe('an output', () => {
  it('shows values in the form of their field', () => {
    const values = {
      'fd.sip': '\x7f\0\0\x01',
      'fd.dev': 0xabc,
      'evt.failed': false,
      'fd.types': ['file', 'ipv4'],
      'evt.rawtime.ns': 42,
      'fd.cip': `${'\x20\x01\x0d\xb8'.padEnd(15, '\0')}\x01`,
      'evt.buffer': 'a\x01\xff',
    };
    expect(render('%fd.sip %fd.cip %fd.dev %evt.failed %fd.types %evt.rawtime.ns %evt.buffer', values)).toBe(
      '127.0.0.1 2001:db8::1 ABC false (file,ipv4) 000000042 a..',
    );
  });

  it('shows <NA> for absent values and says that it is not complete', () => {
    expect(formatOf('a %proc.name b').render(contextOf({}))).toEqual({ text: 'a <NA> b', complete: false });
    expect(formatOf('a %proc.name b').render(contextOf({}), true)).toEqual({ text: 'a ', complete: false });
  });

  it('joins ancestors and shows no end of a connection', () => {
    expect(render('%proc.aname|%fd.ip', { 'proc.aname': ['bash', 'sshd'], 'fd.ip': ['\x7f\0\0\x01'] })).toBe(
      'bash sshd|<NA>',
    );
  });

  it('cuts and pads to bytes', () => {
    expect(render('[%3proc.name][%6proc.name]', { 'proc.name': 'abcd' })).toBe('[abc][abcd  ]');
    expect(render('[%3proc.name]', { 'proc.name': '\xc3\xa4\xc3\xa4' })).toBe('[ä\ufffd]');
  });

  it('gives typed values by the text of the field', () => {
    const format = formatOf('%proc.pid %toupper(proc.name) %proc.env["A B"] %fd.dev %evt.time');
    const values = { 'proc.pid': 7, 'proc.name': 'a', 'fd.dev': 255, 'evt.time': '12:00', 'evt.rawtime': 5n };
    expect(format.values(contextOf(values))).toEqual({
      'proc.pid': 7,
      'proc.name': 'a',
      'proc.env["A B"]': null,
      'fd.dev': 'FF',
      'evt.time': 5n,
    });
    expect(format.allValues(contextOf(values))['toupper(proc.name)']).toBe('A');
  });

  it('takes the longest field that is known', () => {
    expect(render('%proc.namex%proc.pname[1]', { 'proc.name': 'a', 'proc.pname': 'b' })).toBe('ax' + 'b[1]');
  });

  it('names the nearest field for an unknown one', () => {
    expect(compileFormat('x %proc.nmae', testCatalogue)).toEqual({
      ok: false,
      error: "no field stands behind %: there is no field 'proc.nmae'",
      at: 2,
      unknown: true,
      nearest: 'proc.name',
    });
  });

  it('refuses a width that would make every alert huge', () => {
    expect(compileFormat('%999999999proc.name', testCatalogue).ok).toBe(false);
  });

  it('refuses long nonsense quickly', () => {
    const start = performance.now();
    for (const text of [`%${'a'.repeat(1_000_000)}`, `%${'len('.repeat(100_000)}`, '%a(b '.repeat(50_000)]) {
      expect(compileFormat(text, testCatalogue).ok).toBe(false);
    }
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

it('escapes a text line so that it stays one line', () => {
  expect(escapeText('a"b\\c\n\u001b[31m\tä')).toBe('a\\"b\\\\c\\n\\u001b[31m\\tä');
});
