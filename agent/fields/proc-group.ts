import type { Process } from '../events/process.ts';
import { farthest } from './ancestors.ts';
import type { MatchContext } from './context.ts';
import { type Field, processField } from './define.ts';
import type { FieldResult } from './field.ts';

/** A set of processes named by the pid of its leader: a session or a process group. */
interface Membership {
  /** Pid of the leader on the host. */
  readonly of: (process: Process) => number;
}

const SESSION: Membership = { of: (process) => process.session };
const GROUP: Membership = { of: (process) => process.pgid };

/** The leader, if it lives and still leads; else the eldest ancestor in an unbroken line that belongs. */
function leader(process: Process, context: MatchContext, { of }: Membership): Process | undefined {
  const id = of(process);
  if (id === 0) return undefined;
  const named = context.processes.byPid(id);
  if (named !== undefined && of(named) === id) return named;
  return farthest(process, (ancestor) => of(ancestor) === id);
}

/** The leader's pid as the process itself sees it; the host's where the leader is not known. */
function virtualId(process: Process, context: MatchContext, membership: Membership): FieldResult {
  const id = membership.of(process);
  const known = context.processes.byPid(id);
  // A leader outside of the pid namespace has no number inside of it: the kernel shows 0.
  if (known === undefined) return id;
  return known.pidNamespace === process.pidNamespace ? known.vpid : 0;
}

const names = (prefix: string, what: string, membership: Membership): Field[] => {
  const of = (read: (leader: Process) => string) => (process: Process, context: MatchContext) => {
    const found = leader(process, context, membership);
    return found === undefined ? '' : read(found);
  };
  const name = prefix === 'proc.sid' ? 'proc.sname' : `${prefix}.name`;
  return [
    processField(
      name,
      'CHARBUF',
      `Command name of the leader of the ${what}.`,
      of((p) => p.comm),
    ),
    processField(
      `${prefix}.exe`,
      'CHARBUF',
      `argv[0] of the leader of the ${what}.`,
      of((p) => p.exe),
    ),
    processField(
      `${prefix}.exepath`,
      'CHARBUF',
      `Path of the binary of the leader of the ${what}.`,
      of((p) => p.exePath),
    ),
  ];
};

/** Sessions and process groups. */
export const PROC_GROUP_FIELDS: readonly Field[] = [
  processField('proc.sid', 'INT64', 'Session id as the process itself sees it.', (p, c) => virtualId(p, c, SESSION)),
  processField('proc.vpgid', 'INT64', 'Process group id as the process itself sees it.', (p, c) =>
    virtualId(p, c, GROUP),
  ),
  processField('proc.pgid', 'INT64', 'Process group id on the host.', (p) => p.pgid),
  processField('proc.is_sid_leader', 'BOOL', 'Whether the process leads its session.', (p) => p.session === p.pid),
  processField(
    'proc.is_vpgid_leader',
    'BOOL',
    'Whether the process leads its group, in its own pid namespace.',
    (p) => p.pgid === p.pid,
  ),
  processField('proc.is_pgid_leader', 'BOOL', 'Whether the process leads its group.', (p) => p.pgid === p.pid),
  ...names('proc.sid', 'session', SESSION),
  ...names('proc.vpgid', 'process group', GROUP),
  ...names('proc.pgid', 'process group', GROUP),
];
