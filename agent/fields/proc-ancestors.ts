import type { Process } from '../events/process.ts';
import { ancestorAt, ofAncestors } from './ancestors.ts';
import { type Field, processField } from './define.ts';
import type { FieldResult, FieldScalar } from './field.ts';
import { environmentValue } from './proc.ts';

/** How far up a name in the environment is looked for. */
const ENVIRONMENT_LEVELS = 20;

const ANY_ANCESTOR = {
  argument: { required: false, kind: 'index' },
  candidates: 'any-ancestor',
  noTransformer: true,
  noRightSide: true,
} as const;

/** A field of the parent; absent where the parent is not known. */
const parent = (name: string, type: 'CHARBUF' | 'INT64', doc: string, read: (parent: Process) => FieldResult): Field =>
  processField(name, type, doc, (process) => (process.parent === undefined ? undefined : read(process.parent)));

/** A field of any ancestor: with an index of that one, without it of all, as a list of candidates. */
const ancestor = (
  name: string,
  type: 'CHARBUF' | 'INT64',
  what: string,
  read: (ancestor: Process) => FieldScalar,
): Field =>
  processField(
    name,
    type,
    `${what} of an ancestor by its level (0 is the process itself), or of any ancestor.`,
    (process, _, level) => {
      if (typeof level !== 'number') return process.parent === undefined ? undefined : ofAncestors(process, read);
      const at = ancestorAt(process, level);
      return at === undefined ? undefined : read(at);
    },
    ANY_ANCESTOR,
  );

function ancestorArgs(process: Process, level: string | number | undefined): FieldResult {
  if (typeof level === 'number') return ancestorAt(process, level)?.args.join(' ');
  if (process.parent === undefined) return undefined;
  return ofAncestors(process, (at) => at.args.join(' ')).join(' ');
}

function ancestorEnvironment(process: Process, argument: string | number | undefined): FieldResult {
  if (typeof argument === 'number') return ancestorAt(process, argument)?.env?.join(' ');
  if (argument === undefined) {
    const known = ofAncestors(process, (at) => at.env?.join(' ')).filter((text) => text !== undefined);
    return known.length === 0 ? undefined : known;
  }
  for (let level = 1; level <= ENVIRONMENT_LEVELS; level++) {
    const at = ancestorAt(process, level);
    const value = at === undefined ? undefined : environmentValue(at, argument);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** The oldest shell of the chain, the process itself included. */
function loginShell(process: Process): FieldResult {
  const chain = [process, ...ofAncestors(process, (at) => at)];
  return chain.findLast((at) => at.comm.endsWith('sh'))?.pid;
}

/** proc.p* and proc.a*: where the process comes from. */
export const PROC_ANCESTOR_FIELDS: readonly Field[] = [
  parent('proc.pname', 'CHARBUF', 'Command name of the parent.', (p) => p.comm),
  parent('proc.pexe', 'CHARBUF', 'argv[0] of the parent.', (p) => p.exe),
  parent('proc.pexepath', 'CHARBUF', 'Path of the binary of the parent.', (p) => p.exePath),
  parent('proc.pcmdline', 'CHARBUF', 'Command line of the parent.', (p) => p.cmdline),
  parent(
    'proc.pvpid',
    'INT64',
    'Process id of the parent inside of its own pid namespace.',
    (p) => p.vpid || undefined,
  ),
  ancestor('proc.aname', 'CHARBUF', 'Command name', (p) => p.comm),
  ancestor('proc.aexe', 'CHARBUF', 'argv[0]', (p) => p.exe),
  ancestor('proc.aexepath', 'CHARBUF', 'Path of the binary', (p) => p.exePath),
  ancestor('proc.acmdline', 'CHARBUF', 'Command line', (p) => p.cmdline),
  ancestor('proc.apid', 'INT64', 'Process id', (p) => p.pid),
  processField(
    'proc.aargs',
    'CHARBUF',
    'Arguments of an ancestor by its level, or of all ancestors joined by blanks.',
    (p, _, level) => ancestorArgs(p, level),
    {
      argument: { required: false, kind: 'index' },
    },
  ),
  processField(
    'proc.aenv',
    'CHARBUF',
    'Environment of an ancestor by its level, or the nearest value of a name.',
    (p, _, at) => ancestorEnvironment(p, at),
    {
      ...ANY_ANCESTOR,
      argument: { required: false, kind: 'both' },
    },
  ),
  processField(
    'proc.loginshellid',
    'INT64',
    'Process id of the oldest shell among the process and its ancestors.',
    loginShell,
  ),
];
