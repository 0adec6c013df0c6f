import type { Process } from '../events/process.ts';
import { changedByOthers, type Field, missingField, processField } from './define.ts';
import { typeWord } from './fd.ts';
import type { FieldResult } from './field.ts';

const NOT_COUNTED = 'resource use of processes is not collected';
const NO_TABLE = 'descriptor tables of processes are not kept';
const index = { argument: { required: false, kind: 'index' } } as const;

/** Falco's reading of argv[N]: beyond the end it is the empty text. */
function argument(process: Process, at: string | number | undefined): FieldResult {
  return typeof at === 'number' ? (process.args[at] ?? '') : process.args.join(' ');
}

/** A named value of an environment: the empty text when it is not set; undefined when none was collected. */
export function environmentValue(process: Process, name: string): string | undefined {
  if (process.env === undefined) return undefined;
  return process.env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

function environment(process: Process, at: string | number | undefined): FieldResult {
  if (at === undefined || process.env === undefined) return process.env?.join(' ');
  return typeof at === 'number' ? (process.env[at] ?? '') : environmentValue(process, at);
}

function directory(process: Process): FieldResult {
  const { cwd } = process;
  return cwd === undefined || cwd.endsWith('/') ? cwd : `${cwd}/`;
}

/** The process of the event: its names, command line and numbers. */
export const PROC_FIELDS: readonly Field[] = [
  processField(
    'proc.name',
    'CHARBUF',
    'Command name (comm, at most 15 bytes) since the last exec or fork.',
    (p) => p.comm,
  ),
  processField('proc.exe', 'CHARBUF', 'First element of the argument vector, which the caller chooses.', (p) => p.exe),
  processField('proc.exepath', 'CHARBUF', 'Absolute path of the binary that runs.', (p) => p.exePath),
  processField(
    'proc.args',
    'CHARBUF',
    'Arguments without argv[0], joined by blanks, or one of them by position.',
    (p, _, at) => argument(p, at),
    index,
  ),
  processField('proc.cmdline', 'CHARBUF', 'Command name, a blank and the arguments.', (p) => p.cmdline),
  processField('proc.exeline', 'CHARBUF', 'argv[0], a blank and the arguments.', (p) => `${p.exe} ${p.args.join(' ')}`),
  processField('proc.cmdnargs', 'UINT64', 'Number of arguments, argv[0] not counted.', (p) => p.args.length),
  processField('proc.cmdlenargs', 'UINT64', 'Bytes of all arguments together.', (p) =>
    p.args.reduce((sum, text) => sum + text.length, 0),
  ),
  processField(
    'proc.env',
    'CHARBUF',
    'Environment as NAME=value pairs, or the value of one name; collected when a rule asks.',
    (p, _, at) => environment(p, at),
    {
      argument: { required: false, kind: 'both' },
    },
  ),
  processField('proc.cwd', 'CHARBUF', 'Working directory, ending in a slash.', directory),
  processField('proc.tty', 'UINT32', 'Number of the controlling terminal; 0 = none.', (p) => p.tty),
  processField('proc.pid', 'INT64', 'Process id on the host.', (p) => p.pid),
  processField('proc.ppid', 'INT64', 'Process id of the parent on the host.', (p) => (p.ppid < 0 ? undefined : p.ppid)),
  processField('proc.vpid', 'INT64', 'Process id inside of its own pid namespace.', (p) => p.vpid || undefined),
  changedByOthers(processField('proc.nchilds', 'UINT64', 'Living child processes.', (p) => p.children)),
  processField('proc.stdin.type', 'CHARBUF', 'Kind of descriptor 0, as the last exec found it.', (p) =>
    typeWord(p.stdin?.type),
  ),
  processField('proc.stdin.name', 'CHARBUF', 'Name of descriptor 0, as the last exec found it.', (p) => p.stdin?.name),
  processField('proc.stdout.type', 'CHARBUF', 'Kind of descriptor 1, as the last exec found it.', (p) =>
    typeWord(p.stdout?.type),
  ),
  processField(
    'proc.stdout.name',
    'CHARBUF',
    'Name of descriptor 1, as the last exec found it.',
    (p) => p.stdout?.name,
  ),
  missingField(
    'proc.stderr.type',
    'CHARBUF',
    'process',
    'Kind of descriptor 2.',
    'only descriptors 0 and 1 are collected',
  ),
  missingField(
    'proc.stderr.name',
    'CHARBUF',
    'process',
    'Name of descriptor 2.',
    'only descriptors 0 and 1 are collected',
  ),
  missingField('proc.nthreads', 'UINT64', 'process', 'Living threads.', 'threads are not counted'),
  missingField('proc.fdopencount', 'UINT64', 'process', 'Open descriptors.', NO_TABLE),
  missingField('proc.fdlimit', 'INT64', 'process', 'Limit of open descriptors.', NO_TABLE),
  missingField('proc.fdusage', 'DOUBLE', 'process', 'Open descriptors as a part of the limit.', NO_TABLE),
  missingField('proc.vmsize', 'UINT64', 'process', 'Virtual memory in kB.', NOT_COUNTED),
  missingField('proc.vmrss', 'UINT64', 'process', 'Resident memory in kB.', NOT_COUNTED),
  missingField('proc.vmswap', 'UINT64', 'process', 'Swapped memory in kB.', NOT_COUNTED),
];
