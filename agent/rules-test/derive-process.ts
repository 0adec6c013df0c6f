import type { FieldScalar } from '../fields/field.ts';
import type { GivenFacts } from './given-facts.ts';

/** Longest command name that the kernel keeps. */
const COMM_BYTES = 15;
/** Fields of ancestors: of any by level, and the same of the parent. */
const ANCESTRY = [
  ['proc.aexepath', 'proc.pexepath', 'proc.exepath'],
  ['proc.aname', 'proc.pname', 'proc.name'],
  ['proc.aexe', 'proc.pexe', 'proc.exe'],
  ['proc.acmdline', 'proc.pcmdline', 'proc.cmdline'],
  ['proc.apid', 'proc.ppid', 'proc.pid'],
] as const;
const EXE_FLAGS = ['writable', 'upper_layer', 'lower_layer', 'from_memfd'] as const;

/** The process from its binary, its command line from its arguments, the parent from the ancestors and back. */
export function deriveProcess(facts: GivenFacts): void {
  deriveExe(facts);
  deriveCommandLine(facts);
  for (const [ancestors, parent, own] of ANCESTRY) {
    deriveAncestors(facts, ancestors, parent, own);
    if (ancestors === 'proc.aexepath') deriveNames(facts);
  }
  facts.add('proc.tty', 0);
  facts.add('proc.exe', facts.text('proc.name'));
  if (facts.kind === 'exec') deriveExecArguments(facts);
}

function deriveExe(facts: GivenFacts): void {
  const path = facts.text('proc.exepath');
  facts.add('proc.name', nameOf(path));
  if (path?.startsWith('/memfd:')) facts.add('proc.is_exe_from_memfd', true);
  for (const flag of EXE_FLAGS) facts.add(`proc.is_exe_${flag}`, false);
}

function nameOf(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('/') + 1 + COMM_BYTES);
}

function deriveCommandLine(facts: GivenFacts): void {
  const name = facts.text('proc.name');
  const line = facts.text('proc.cmdline');
  if (line !== undefined) {
    const blank = line.indexOf(' ');
    facts.add('proc.args', blank < 0 ? '' : line.slice(blank + 1));
  }
  facts.add('proc.args', '');
  const args = facts.text('proc.args') ?? '';
  if (name !== undefined) facts.add('proc.cmdline', args === '' ? name : `${name} ${args}`);
  if (!facts.has('proc.args', 0)) {
    for (const [place, part] of words(args).entries()) facts.add('proc.args', part, place);
  }
  let count = 0;
  while (facts.has('proc.args', count)) count++;
  facts.add('proc.cmdnargs', count);
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

/** Names of ancestors from the paths of their binaries. */
function deriveNames(facts: GivenFacts): void {
  const paths = facts.list('proc.aexepath');
  if (paths === undefined || facts.has('proc.pname') || facts.has('proc.aname')) return;
  facts.add(
    'proc.aname',
    paths.map((path) => nameOf(String(path)) ?? ''),
  );
}

/** The list (parent first) and its levels; level 0 is the process itself. */
function deriveAncestors(facts: GivenFacts, ancestors: string, parent: string, own: string): void {
  const single = facts.get(parent) as FieldScalar | undefined;
  if (single !== undefined) facts.add(ancestors, [single]);
  const list = facts.list(ancestors) ?? [];
  facts.add(parent, list[0]);
  facts.add(ancestors, facts.get(own), 0);
  for (const [level, value] of list.entries()) facts.add(ancestors, value, level + 1);
}

/** What an exec started is told in its parameters too. */
function deriveExecArguments(facts: GivenFacts): void {
  facts.add('evt.arg', facts.text('proc.exe'), 'exe');
  facts.add('evt.arg', facts.text('proc.name'), 'comm');
  facts.add('evt.arg', facts.text('proc.exepath'), 'trusted_exepath');
  facts.add('evt.arg', facts.text('proc.exepath'), 'filename');
  const flags = [
    ['proc.is_exe_writable', 'EXE_WRITABLE'],
    ['proc.is_exe_upper_layer', 'EXE_UPPER_LAYER'],
    ['proc.is_exe_from_memfd', 'EXE_FROM_MEMFD'],
    ['proc.is_exe_lower_layer', 'EXE_LOWER_LAYER'],
  ];
  const set = flags.filter(([field = '']) => facts.get(field) === true).map(([, name]) => name);
  facts.add('evt.arg', set.join('|') || '0', 'flags');
}
