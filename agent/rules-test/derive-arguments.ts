import { MODE_BITS } from '../decode/flag-tables.ts';
import { OPEN_CREATED, OPEN_READ, OPEN_WRITE } from '../decode/open-flags.ts';
import type { RecordParameter } from '../decode/parameters/parameter.ts';
import { parametersOf } from '../decode/parameters/table.ts';
import { enumNames, type FlagName, flagNames } from '../lib/flags.ts';
import type { GivenFacts } from './given-facts.ts';

const OPEN_MAY_CREATE = 4 | 8192;
const TMPFILE = 8192;
const EXECUTE_BITS = 0o111;

/** evt.arg and evt.rawarg from each other, for flags and modes; evt.is_open_* from the flags of an open. */
export function deriveArguments(facts: GivenFacts): void {
  const { list } = parametersOf(facts.type);
  for (const parameter of list) deriveNumber(facts, parameter);
  for (const [place, { name }] of list.entries()) facts.add('evt.arg', facts.get('evt.arg', name), place);
  deriveOpen(facts);
}

function deriveNumber(facts: GivenFacts, { name, type, table }: RecordParameter): void {
  const names = type === 'MODE' ? MODE_BITS : table;
  if (names === undefined) {
    const raw = facts.get('evt.rawarg', name);
    if (raw !== undefined) facts.add('evt.arg', type === 'OCT' ? `0${Number(raw).toString(8)}` : String(raw), name);
    return;
  }
  const text = facts.text('evt.arg', name);
  if (text !== undefined) facts.add('evt.rawarg', bitsOf(names, text), name);
  const number = facts.number('evt.rawarg', name);
  if (number === undefined) return;
  const toText = type === 'ENUMFLAGS' ? enumNames : flagNames;
  facts.add('evt.arg', toText(names, number) || '0', name);
}

/** The number that names joined by `|` stand for; undefined if one is not in the table. */
export function bitsOf(table: readonly FlagName[], text: string): number | undefined {
  let bits = 0;
  for (const name of text.split('|')) {
    const entry = table.find(([known]) => known === name);
    if (entry === undefined) return undefined;
    bits |= entry[1];
  }
  return bits;
}

/** False for everything but opens; Falco's creat has no flags, so it asks for nothing. */
function deriveOpen(facts: GivenFacts): void {
  const flags = facts.kind === 'open' ? (facts.number('evt.rawarg', 'flags') ?? 0) : 0;
  const mode = facts.kind === 'open' ? (facts.number('evt.rawarg', 'mode') ?? 0) : 0;
  const creates = facts.type === 'creat' || (flags & OPEN_MAY_CREATE) !== 0;
  const temporary = (flags & TMPFILE) !== 0 && facts.get('evt.failed') === false;
  facts.add('evt.is_open_read', (flags & OPEN_READ) !== 0);
  facts.add('evt.is_open_write', (flags & OPEN_WRITE) !== 0);
  facts.add('evt.is_open_create', (flags & OPEN_CREATED) !== 0 || temporary);
  facts.add('evt.is_open_exec', creates && (mode & EXECUTE_BITS) !== 0);
}
