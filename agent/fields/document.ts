import type { FieldArgument, FieldDef } from './field.ts';

type AnyField = FieldDef<never>;

/** Words for the families in the order of the catalogue; a family is what precedes the first dot. */
const FAMILIES: Readonly<Record<string, string>> = {
  evt: 'The event',
  syscall: 'The event',
  util: 'The event',
  proc: 'The process',
  thread: 'The thread',
  user: 'User and group',
  group: 'User and group',
  fd: 'The descriptor',
  fdlist: 'The descriptor',
  fs: 'Paths',
  container: 'The container',
  k8s: 'The pod',
};

/** How a field is written in a rule, with its argument. */
export function fieldSyntax(name: string, argument: FieldArgument | undefined): string {
  if (argument === undefined) return name;
  const word = argument.kind === 'index' ? 'N' : argument.kind === 'key' ? 'NAME' : 'N or NAME';
  const bracket = `${name}[${word}]`;
  const dotted = argument.dotted ? ` or ${name}.NAME` : '';
  return argument.required ? `${bracket}${dotted}` : `${name} or ${bracket}${dotted}`;
}

/** What one should know beside the sentence: what the field cannot do here, and what it may be used for. */
export function fieldRemarks(field: AnyField): string {
  const texts: string[] = [];
  if (field.unavailable !== undefined) texts.push(`Not available: ${field.unavailable}.`);
  if (field.deprecated) texts.push('Deprecated.');
  if (field.filterOnly) texts.push('For comparisons only.');
  if (field.candidates === 'both-ends') texts.push('True when it is true for either end; != when it is true for both.');
  if (field.candidates === 'any-ancestor') texts.push('Without a level, true when it is true for any ancestor.');
  if (field.kinds !== undefined) texts.push(`Events: ${field.kinds.filter((kind) => kind !== 'other').join(', ')}.`);
  return texts.join(' ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** docs/fields.md: every field, by family. */
export function renderFields(fields: readonly AnyField[]): string {
  const sections = new Map<string, string[]>();
  for (const field of fields) {
    const family = FAMILIES[field.name.split('.')[0] ?? ''] ?? 'Other';
    const rows = sections.get(family) ?? [];
    rows.push(
      `| \`${fieldSyntax(field.name, field.argument)}\` | ${field.type} | ${field.scope} | ${cell(field.doc)} ${cell(fieldRemarks(field))} |`,
    );
    sections.set(family, rows);
  }
  const head = [
    '<!-- Generated from agent/fields/ by scripts/gen-docs.mjs. -->',
    '# Fields',
    '',
    'What conditions and outputs of rules can name. A field that has no value for an event is *absent*: every comparison',
    'with it is false, and outputs show `<NA>`. The scope says what the value depends on, and so how long it is kept.',
    'Text is bytes: comparisons, lengths and prefixes count bytes.',
  ];
  const tables = [...sections].map(([family, rows]) =>
    [
      '',
      `## ${family}`,
      '',
      '| field | type | scope | meaning |',
      '|---|---|---|---|',
      ...rows.map((row) => row.replace(/ +\|$/, ' |')),
    ].join('\n'),
  );
  return `${[...head, ...tables].join('\n')}\n`;
}
