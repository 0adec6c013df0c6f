import type { Event } from '../events/event.ts';
import type { Process } from '../events/process.ts';
import type { MatchContext } from './context.ts';
import { type Field, field, missingField, processField } from './define.ts';

const NO_NAMESPACE_START = 'the start of pid namespaces is not collected, only captures of other tools have it';
const NO_PROBES = 'health checks of containers are not read from the runtime';

/** Start on the wall clock, ns since 1970; undefined where a capture began later and does not tell it. */
function startedNs({ startNs }: Process, { event }: MatchContext): bigint | undefined {
  return startNs === 0n ? undefined : event.timeNs - event.bootNs + startNs;
}

function duration(process: Process | undefined, { bootNs }: Event): bigint | undefined {
  return process === undefined || process.startNs === 0n ? undefined : bootNs - process.startNs;
}

const time = (ns: bigint | undefined): bigint | undefined => (ns === 0n ? undefined : ns);

/** Start of the pid namespace that is not the host's. */
function namespaceStart({ virtual }: Process): bigint | undefined {
  return virtual?.isNested === true ? time(virtual.namespaceStartNs) : undefined;
}

/** The file that runs, and since when. */
export const PROC_EXE_FIELDS: readonly Field[] = [
  processField(
    'proc.is_exe_writable',
    'BOOL',
    'Whether the user that ran the binary could also write it, at its exec.',
    (p) => p.exeFacts?.writable ?? false,
  ),
  processField(
    'proc.is_exe_upper_layer',
    'BOOL',
    'Whether the binary is in the upper layer of an overlay: not from the image.',
    (p) => p.exeFacts?.layer === 'upper',
  ),
  processField(
    'proc.is_exe_lower_layer',
    'BOOL',
    'Whether the binary is in a lower layer of an overlay.',
    (p) => p.exeFacts?.layer === 'lower',
  ),
  processField(
    'proc.is_exe_from_memfd',
    'BOOL',
    'Whether the binary is memory without a file.',
    (p) => p.exeFacts?.memfd ?? false,
  ),
  processField('proc.exe_ino', 'INT64', 'Inode number of the binary.', (p) => p.exeFacts?.inode || undefined),
  processField(
    'proc.exe_ino.ctime',
    'ABSTIME',
    'Change time of the inode of the binary, nanoseconds since 1970.',
    (p) => time(p.exeFacts?.ctimeNs),
  ),
  processField('proc.exe_ino.mtime', 'ABSTIME', 'Modification time of the binary, nanoseconds since 1970.', (p) =>
    time(p.exeFacts?.mtimeNs),
  ),
  processField(
    'proc.exe_ino.ctime_duration_proc_start',
    'ABSTIME',
    'Nanoseconds from the change of the inode of the binary to the start of the process.',
    (p, c) => {
      const changed = time(p.exeFacts?.ctimeNs);
      const started = startedNs(p, c);
      return changed === undefined || started === undefined ? undefined : started - changed;
    },
  ),
  processField(
    'proc.exe_ino.ctime_duration_pidns_start',
    'ABSTIME',
    'Nanoseconds from the start of the pid namespace to the change of the inode of the binary.',
    (p) => {
      const changed = time(p.exeFacts?.ctimeNs);
      const started = namespaceStart(p);
      return changed === undefined || started === undefined ? undefined : changed - started;
    },
    { unavailable: NO_NAMESPACE_START },
  ),
  processField(
    'proc.pidns_init_start_ts',
    'UINT64',
    'Start of the first process of the pid namespace, nanoseconds since 1970.',
    (p) => time(p.virtual?.namespaceStartNs),
    { unavailable: NO_NAMESPACE_START },
  ),
  processField('proc.pid.ts', 'RELTIME', 'Start of the process, nanoseconds since 1970.', startedNs),
  processField('proc.ppid.ts', 'RELTIME', 'Start of the parent, nanoseconds since 1970.', (p, c) =>
    p.parent === undefined ? undefined : startedNs(p.parent, c),
  ),
  field(
    'proc.duration',
    'RELTIME',
    'event',
    'Nanoseconds from the start of the process to the event.',
    ({ process, event }) => duration(process, event),
  ),
  field(
    'proc.ppid.duration',
    'RELTIME',
    'event',
    'Nanoseconds from the start of the parent to the event.',
    ({ process, event }) => duration(process?.parent, event),
  ),
  missingField(
    'proc.is_container_healthcheck',
    'BOOL',
    'process',
    'Whether the process belongs to a health check.',
    NO_PROBES,
    { deprecated: true },
  ),
  missingField(
    'proc.is_container_liveness_probe',
    'BOOL',
    'process',
    'Whether the process belongs to a liveness probe.',
    NO_PROBES,
    { deprecated: true },
  ),
  missingField(
    'proc.is_container_readiness_probe',
    'BOOL',
    'process',
    'Whether the process belongs to a readiness probe.',
    NO_PROBES,
    { deprecated: true },
  ),
];
