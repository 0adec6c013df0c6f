import { expect, test } from 'vitest';
import { isoTime } from '../../../agent/lib/iso-time.ts';
import { jsonText } from '../../../agent/lib/json-text.ts';

test('JSON text reads back as what was written', () => {
  const value = { a: [1, -0.5, 'x"\\\n', null, true, { 'k"': 'ü' }], b: {}, c: [] };
  expect(JSON.parse(jsonText(value))).toEqual(value);
});

test('bigints are numbers, digit by digit', () => {
  expect(jsonText({ time: 1_700_000_000_123_456_789n, least: -(2n ** 63n) })).toBe(
    '{"time":1700000000123456789,"least":-9223372036854775808}',
  );
});

test('what JSON has no number for is null, and undefined members are left out', () => {
  expect(jsonText({ a: Number.NaN, b: Number.POSITIVE_INFINITY, c: undefined })).toBe('{"a":null,"b":null}');
});

test('a printed line cannot steer a terminal, look like other text or span lines', () => {
  const hostile = '\u001b[31m\u009b2J\u007f\r\n\u2028\u202eexe.gpj\u200b\ufeff\u{e0041}\ud800';
  const text = jsonText({ [hostile]: hostile });
  expect(text).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(text)).toEqual({ [hostile]: hostile });
});

test('letters of all scripts stay as they are', () => {
  expect(jsonText('häßlich 日本語 🙂')).toBe('"häßlich 日本語 🙂"');
});

test('a time is printed to the nanosecond', () => {
  expect(isoTime(1_700_000_000_123_456_789n)).toBe('2023-11-14T22:13:20.123456789Z');
  expect(isoTime(0n)).toBe('1970-01-01T00:00:00.000000000Z');
});

test('every 64-bit time has a text', () => {
  expect(isoTime(-1n)).toBe('1969-12-31T23:59:59.999999999Z');
  expect(isoTime(2n ** 63n - 1n)).toBe('2262-04-11T23:47:16.854775807Z');
  expect(isoTime(-(2n ** 63n))).toBe('1677-09-21T00:12:43.145224192Z');
});
