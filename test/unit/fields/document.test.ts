import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { fieldSyntax, renderFields } from '../../../agent/fields/document.ts';

test('docs/fields.md tells of the fields as they are (npm run gen writes it)', () => {
  const written = readFileSync(new URL('../../../docs/fields.md', import.meta.url), 'utf8');
  expect(written).toBe(renderFields(catalogue.all()));
});

test('shows how an argument is written', () => {
  const syntax = (name: string) => fieldSyntax(name, catalogue.find(name)?.argument);
  expect(['proc.name', 'proc.aname', 'evt.rawarg', 'evt.arg', 'proc.env'].map(syntax)).toEqual([
    'proc.name',
    'proc.aname or proc.aname[N]',
    'evt.rawarg[NAME] or evt.rawarg.NAME',
    'evt.arg[N or NAME] or evt.arg.NAME',
    'proc.env or proc.env[N or NAME]',
  ]);
});
