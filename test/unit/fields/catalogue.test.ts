import { expect, test } from 'vitest';
import { catalogue } from '../../../agent/fields/catalogue.ts';

test('no name is there twice', () => {
  const names = catalogue.all().map((field) => field.name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(catalogue.all().map((field) => [field.name, field] as const))(
  '%s is found and says what it is',
  (name, field) => {
    expect(catalogue.find(name)).toBe(field);
    expect(field.doc).toMatch(/^[A-Za-z0-9].*\.$/s);
  },
);

test('what is only compared is not shown, transformed or put on the right side', () => {
  const odd = catalogue.all().filter((field) => field.filterOnly && !(field.noTransformer && field.noRightSide));
  expect(odd.map((field) => field.name)).toEqual([]);
});

test('gives the candidates of a field that asks for any', () => {
  const names = (kind: string) =>
    catalogue
      .all()
      .filter((field) => field.candidates === kind)
      .map((field) => field.name);
  expect(names('both-ends')).toEqual(['fd.ip', 'fd.port', 'fd.net', 'fd.proto']);
  expect(names('any-ancestor')).toEqual([
    'proc.aname',
    'proc.aexe',
    'proc.aexepath',
    'proc.acmdline',
    'proc.apid',
    'proc.aenv',
  ]);
});
