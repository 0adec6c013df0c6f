import type { Command } from 'commander';
import { catalogue } from '../fields/catalogue.ts';
import { fieldRemarks, fieldSyntax } from '../fields/document.ts';
import type { FieldDef } from '../fields/field.ts';
import { AtalayaError } from '../lib/errors.ts';
import { nearestName } from '../rules/nearest.ts';
import { command } from './command.ts';
import { textTable } from './text-table.ts';

type AnyField = FieldDef<never>;

const EXAMPLE = `atalaya fields
atalaya fields proc.exe
atalaya fields --json fd`;

export function create(): Command {
  return command('fields', 'show the fields that rules and outputs can use', EXAMPLE)
    .argument('[prefix]', 'only fields whose names begin so')
    .option('--json', 'one JSON object a line')
    .action((prefix: string | undefined, { json }: { readonly json?: true }) => {
      const fields = fieldsOf(prefix ?? '');
      process.stdout.write(json === true ? fields.map(jsonLine).join('') : table(fields));
    });
}

function fieldsOf(prefix: string): readonly AnyField[] {
  const fields = catalogue.all().filter(({ name }) => name.startsWith(prefix));
  if (fields.length > 0) return fields;
  const names = catalogue.all().map(({ name }) => name);
  const nearest = nearestName(prefix, [...names, ...names.map((name) => name.split('.')[0] ?? '')]);
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
  throw new AtalayaError('E_USAGE', `no field begins with ${JSON.stringify(prefix)}${hint}`);
}

function table(fields: readonly AnyField[]): string {
  const rows = fields.map((field) => [
    fieldSyntax(field.name, field.argument),
    field.list === true ? `${field.type} list` : field.type,
    field.scope,
    `${field.doc} ${fieldRemarks(field)}`.trim(),
  ]);
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  return textTable(['field', 'type', 'scope', 'meaning'], rows, width);
}

function jsonLine(field: AnyField): string {
  const { name, type, list = false, doc, scope, kinds, argument, unavailable } = field;
  const { filterOnly = false, deprecated = false } = field;
  const wanted = argument && { required: argument.required, kind: argument.kind, dotted: argument.dotted ?? false };
  return `${JSON.stringify({ name, type, list, scope, kinds, argument: wanted, filterOnly, deprecated, unavailable, doc })}\n`;
}
