import { capabilityNames } from './capabilities.ts';
import { eventField, type Field, missingField, processField } from './define.ts';

const NOT_MEASURED = 'threads are not measured periodically';
const ONE_HIERARCHY = 'the sensor knows one cgroup hierarchy, see container.id';

const measured = (name: string, type: 'UINT64' | 'DOUBLE' | 'RELTIME', doc: string): Field =>
  missingField(name, type, 'event', doc, NOT_MEASURED);

/** The thread that made the event. */
export const THREAD_FIELDS: readonly Field[] = [
  eventField('thread.tid', 'INT64', 'Thread id on the host.', (c) => c.event.tid),
  eventField('thread.ismain', 'BOOL', 'Whether it is the main thread of its process.', ({ event, process }) =>
    process === undefined ? undefined : event.tid === event.pid,
  ),
  eventField('thread.vtid', 'INT64', 'Thread id inside of its own pid namespace.', ({ event, process }) =>
    process === undefined ? undefined : event.vtid || undefined,
  ),
  eventField('thread.nametid', 'CHARBUF', 'Command name and thread id, written together.', ({ event, process }) =>
    process === undefined ? undefined : `${process.comm}${event.tid}`,
  ),
  processField('thread.cap_permitted', 'CHARBUF', 'Names of the permitted capabilities since the last exec.', (p) =>
    capabilityNames(p.capPermitted),
  ),
  processField('thread.cap_inheritable', 'CHARBUF', 'Names of the inheritable capabilities since the last exec.', (p) =>
    capabilityNames(p.capInheritable),
  ),
  processField('thread.cap_effective', 'CHARBUF', 'Names of the effective capabilities.', (p) =>
    capabilityNames(p.capEffective),
  ),
  missingField('thread.cgroups', 'CHARBUF', 'process', 'All cgroups of the thread.', ONE_HIERARCHY),
  missingField('thread.cgroup', 'CHARBUF', 'process', 'Cgroup of the thread in one subsystem.', ONE_HIERARCHY, {
    argument: { required: true, kind: 'key', dotted: true, pattern: /^[A-Za-z_]+$/ },
  }),
  measured('thread.pfmajor', 'UINT64', 'Major page faults since the start.'),
  measured('thread.pfminor', 'UINT64', 'Minor page faults since the start.'),
  measured('thread.exectime', 'RELTIME', 'CPU time of the last slice.'),
  measured('thread.totexectime', 'RELTIME', 'CPU time since the stream began.'),
  measured('thread.cpu', 'DOUBLE', 'CPU use of the thread.'),
  measured('thread.cpu.user', 'DOUBLE', 'CPU use of the thread in user mode.'),
  measured('thread.cpu.system', 'DOUBLE', 'CPU use of the thread in the kernel.'),
  measured('thread.vmsize', 'UINT64', 'Virtual memory of the process in kB.'),
  measured('thread.vmrss', 'UINT64', 'Resident memory of the process in kB.'),
  measured('thread.vmsize.b', 'UINT64', 'Virtual memory of the process in bytes.'),
  measured('thread.vmrss.b', 'UINT64', 'Resident memory of the process in bytes.'),
];
