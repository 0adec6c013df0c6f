// Writes agent/sources/scap/*.gen.ts from the format's tables in test/data/scap/tables.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (name) => JSON.parse(readFileSync(join(root, 'test/data/scap/tables', name), 'utf8'));
const js = (value) => JSON.stringify(value).replaceAll('"', "'").replaceAll(',', ', ');
const lines = (rows) => rows.map((row) => `  ${js(row)},`).join('\n');

function write(name, from, body) {
  const head = `// Made from test/data/scap/tables/${from} by scripts/gen-scap.mjs; do not edit.\n`;
  writeFileSync(join(root, 'agent/sources/scap', name), `${head}${body}\n`);
}

const short = (type) => type.replace(/^PT_/, '');

function parameter({ name, type, format = '', table, dirfd_param: directory }) {
  const more = table ?? directory;
  return more === undefined ? [name, short(type), format] : [name, short(type), format, more];
}

/** The word of evt.category; what its users do not see is internal. */
const category = ({ category: words }) =>
  words.includes('internal') || words.includes('iter') ? 'internal' : words[0];

function events() {
  const { events: table, flag_bits: bits } = read('events.json');
  const rows = table.map((event, code) => {
    if (event.code !== code) throw new Error(`event ${event.code} is in place ${code}`);
    const flags = event.flags.reduce((sum, flag) => sum + bits[flag], 0);
    return [event.evt_type ?? event.name, event.dir, flags, category(event), event.params.map(parameter)];
  });
  const { types } = read('ppm-types.json');
  const sizes = types.map(({ name, size }) => [short(name), typeof size === 'number' ? size : 0]);
  return `
/** Bits of an event's flags. */
export const EVENT_FLAGS = {
${Object.entries(bits)
  .filter(([, bit]) => bit !== 0)
  .map(([name, bit]) => `  ${name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())}: ${bit},`)
  .join('\n')}
} as const;

/** Bytes of each parameter type; 0 = as many as the event says. */
export const TYPE_SIZES: readonly (readonly [type: string, bytes: number])[] = [
${lines(sizes)}
];

/** Name, type, format of numbers, and a flag table's name or the place of the directory's descriptor. */
export type ParameterRow = readonly [string, string, string, (string | number)?];
/** Name, E(nter) or X (exit), flags, category and parameters; the event's code is its place. */
export type EventRow = readonly [string, string, number, string, readonly ParameterRow[]];

export const EVENT_ROWS: readonly EventRow[] = [
${lines(rows)}
];`;
}

const SOURCES = { old: 0, enter: 1, empty: 2, default: 3, callback: 4 };

function conversions() {
  const { entries } = read('conversions.json');
  const rows = entries.map((entry) => {
    const params = (entry.params ?? []).map(({ param, from, index = 0, missing }) => {
      return [param, SOURCES[from], index, missing === 'default' ? 1 : 0];
    });
    return [entry.code, entry.nparams, entry.action, entry.to_code ?? entry.code, params];
  });
  return `
/** Where a parameter of a converted event comes from. */
export const SOURCE = {
${Object.entries(SOURCES)
  .map(([name, number]) => `  ${name}: ${number},`)
  .join('\n')}
} as const;

/** Place in the new event, source (SOURCE), place there, and whether 0 stands for a missing one (else it is empty). */
export type SourceRow = readonly [place: number, source: number, index: number, defaults: number];
/** Code and number of parameters that an event has; what is done; the code that it gets. */
export type ConversionRow = readonly [
  code: number,
  count: number,
  action: 'pass' | 'store' | 'store_and_pass' | 'add_params' | 'change_type',
  to: number,
  parameters: readonly SourceRow[],
];

export const CONVERSION_ROWS: readonly ConversionRow[] = [
${lines(rows)}
];`;
}

function syscalls() {
  const names = [];
  for (const { ppm_sc: code, name } of read('syscalls.json').syscalls) names[code] = name;
  return `
/** evt.type of a generic event by the number that it carries; '' for numbers that are not in use. */
export const SYSCALL_NAMES: readonly string[] = [
${lines(Array.from(names, (name) => name ?? ''))}
];`;
}

function flags() {
  const tables = Object.entries(read('enums.json').flag_tables).map(([name, entries]) => {
    const seen = new Set();
    const rows = entries.map(({ name: flag, value }) => [flag, value >>> 0]);
    const unique = rows.filter(([flag]) => !seen.has(flag) && seen.add(flag));
    return `  ${name}: [\n${unique.map((row) => `    ${js(row)},`).join('\n')}\n  ],`;
  });
  return `import type { FlagName } from '../../lib/flags.ts';

/** Names of flags and numbers, in the order in which they are shown, by the names of their tables. */
export const FLAG_TABLES: Readonly<Record<string, readonly FlagName[]>> = {
${tables.join('\n')}
};`;
}

write('events.gen.ts', '{events,ppm-types}.json', events());
write('conversions.gen.ts', 'conversions.json', conversions());
write('syscalls.gen.ts', 'syscalls.json', syscalls());
write('flags.gen.ts', 'enums.json', flags());
