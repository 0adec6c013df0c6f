import type { Process } from '../events/process.ts';
import { farthest } from './ancestors.ts';
import type { MatchContext } from './context.ts';
import { changedByOthers, type Field, processField } from './define.ts';
import type { FieldResult } from './field.ts';

/** A set of processes named by the pid of its leader: a session or a process group. */
interface Membership {
  /** Pid of the leader: on the host, or where the source tells only that one, as the process itself sees it. */
  readonly of: (process: Process) => number;
  /** The same as the process itself sees it, where the source tells it. */
  readonly virtual: (process: Process) => number | undefined;
}

const SESSION: Membership = { of: (process) => process.session, virtual: (process) => process.virtual?.session };
const GROUP: Membership = { of: (process) => process.pgid, virtual: (process) => process.virtual?.group };
/** By the number that the process itself sees. */
const VIRTUAL_GROUP: Membership = { ...GROUP, of: (process) => process.virtual?.group ?? process.pgid };

/** The leader, if it lives and still leads; else the eldest ancestor in an unbroken line that belongs. */
function leader(process: Process, context: MatchContext, membership: Membership): Process | undefined {
  const { of } = membership;
  const id = of(process);
  if (id === 0) return undefined;
  // A number of another pid namespace names some other process on the host.
  const isForeign = process.virtual?.isNested === true && membership !== GROUP;
  if (isForeign) return farthest(process, (ancestor) => of(ancestor) === id);
  const named = context.processes.byPid(id);
  if (named !== undefined && of(named) === id) return named;
  return farthest(process, (ancestor) => of(ancestor) === id);
}

/** The leader's pid as the process itself sees it; the host's where the leader is not known. */
function virtualId(process: Process, context: MatchContext, membership: Membership): FieldResult {
  const told = membership.virtual(process);
  if (told !== undefined) return told;
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
  ].map(changedByOthers);
};

/** Sessions and process groups. */
export const PROC_GROUP_FIELDS: readonly Field[] = [
  changedByOthers(
    processField('proc.sid', 'INT64', 'Session id as the process itself sees it.', (p, c) => virtualId(p, c, SESSION)),
  ),
  changedByOthers(
    processField('proc.vpgid', 'INT64', 'Process group id as the process itself sees it.', (p, c) =>
      virtualId(p, c, GROUP),
    ),
  ),
  processField('proc.pgid', 'INT64', 'Process group id on the host.', (p) => p.pgid),
  processField('proc.is_sid_leader', 'BOOL', 'Whether the process leads its session.', (p) =>
    p.virtual === undefined ? p.session === p.pid : p.virtual.session === p.vpid,
  ),
  processField('proc.is_vpgid_leader', 'BOOL', 'Whether the process leads its group, in its own pid namespace.', (p) =>
    p.virtual === undefined ? p.pgid === p.pid : p.virtual.group === p.vpid,
  ),
  processField('proc.is_pgid_leader', 'BOOL', 'Whether the process leads its group.', (p) => p.pgid === p.pid),
  ...names('proc.sid', 'session', SESSION),
  ...names('proc.vpgid', 'process group', VIRTUAL_GROUP),
  ...names('proc.pgid', 'process group', GROUP),
];
