import { expect, it } from 'vitest';
import { TextCache } from '../../../agent/decode/text-cache.ts';

function textOf(cache: TextCache, text: string, before = ''): string {
  const buffer = Buffer.from(before + text, 'latin1');
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  return cache.text(buffer, view, before.length, text.length);
}

it('gives every text as it is, however long and wherever it lies', () => {
  const cache = new TextCache();
  for (let length = 0; length < 600; length++) {
    const text = Array.from({ length }, (_, at) => String.fromCharCode((at * 31 + length) & 0xff)).join('');
    expect(textOf(cache, text)).toBe(text);
    expect(textOf(cache, text, 'xyz')).toBe(text);
  }
});

it('tells texts apart that differ in one byte', () => {
  const cache = new TextCache();
  for (const length of [4, 5, 31, 33, 100, 256]) {
    const text = 'a'.repeat(length);
    for (let at = 0; at < length; at++) {
      const other = `${text.slice(0, at)}b${text.slice(at + 1)}`;
      expect([textOf(cache, text), textOf(cache, other)]).toEqual([text, other]);
    }
  }
});

it('is right when more texts come than it has places', () => {
  const cache = new TextCache();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20_000; i++) expect(textOf(cache, `/tmp/file-${i}.txt`)).toBe(`/tmp/file-${i}.txt`);
  }
});
