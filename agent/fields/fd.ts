import { type FdFacts, type FdType, Way } from '../events/event.ts';
import { deviceMajor, deviceMinor, encodeDevice } from '../lib/device.ts';
import { type Field, fdField, missingField } from './define.ts';
import type { FieldResult } from './field.ts';

const NO_TABLE = 'descriptor tables of processes are not kept';
const NO_POLL = 'poll and select are not collected';

/** Falco's word for a type; what it has none for is the text <NA>, as a value. */
export function typeWord(type: FdType | undefined): string | undefined {
  return type === 'unknown' || type === 'unsupported' ? '<NA>' : type;
}

/** A descriptor that refers to nothing known has its name from the event alone, and is taken for a file. */
function hasDirectory(fd: FdFacts): boolean {
  return fd.type === undefined || fd.type === 'file' || fd.type === 'directory';
}

/** Everything before the last slash; `/` for what is in the root. A directory is its own. */
function directory(fd: FdFacts): string | undefined {
  if (!hasDirectory(fd)) return undefined;
  if (fd.type === 'directory') return fd.name;
  const slash = fd.name.lastIndexOf('/');
  return slash <= 0 ? '/' : fd.name.slice(0, slash);
}

function fileName(fd: FdFacts): FieldResult {
  if (fd.type !== 'file') return undefined;
  return fd.name.slice(fd.name.lastIndexOf('/') + 1);
}

/** Everything that fd.directory can be for a name: nothing, the name itself, what stands before its last slash. */
const DIRECTORY_OF: Field['follows'] = {
  field: 'fd.name',
  values: (name) => {
    if (typeof name !== 'string') return [undefined];
    const slash = name.lastIndexOf('/');
    return [undefined, name, slash <= 0 ? '/' : name.slice(0, slash)];
  },
};

const FILE_NAME_OF: Field['follows'] = {
  field: 'fd.name',
  values: (name) => (typeof name === 'string' ? [undefined, name.slice(name.lastIndexOf('/') + 1)] : [undefined]),
};

/** Only of a descriptor that refers to something: else absent. */
const ofEntry =
  (read: (fd: FdFacts) => FieldResult) =>
  (fd: FdFacts): FieldResult =>
    fd.type === undefined ? undefined : read(fd);

/** fd.*: the descriptor that the event is about. */
export const FD_FIELDS: readonly Field[] = [
  fdField(
    'fd.num',
    'INT64',
    'Number of the descriptor: -1 for a failed open, -100 for the working directory, 2147483647 where io_uring does not tell it.',
    (fd) => fd.number,
  ),
  fdField(
    'fd.type',
    'CHARBUF',
    'What it is: file, directory, ipv4, ipv6, unix, pipe, netlink, memfd, bpf, pidfd and others; else the text <NA>.',
    (fd) => typeWord(fd.type),
  ),
  fdField('fd.typechar', 'CHARBUF', 'Its type as one letter: f, d, 4, 6, u, p and others.', (fd) => fd.typeChar),
  fdField(
    'fd.name',
    'CHARBUF',
    'Path of a file as the kernel resolved it, client->server of a connection, path of a unix socket.',
    (fd) => fd.name,
    {
      scope: 'file',
    },
  ),
  fdField('fd.nameraw', 'CHARBUF', 'File name as it was passed to the call.', (fd) => fd.rawName),
  fdField('fd.directory', 'CHARBUF', 'Directory of the file; of a directory, its whole name.', directory, {
    follows: DIRECTORY_OF,
  }),
  fdField('fd.filename', 'CHARBUF', 'Last part of the name of a file; absent for directories.', fileName, {
    follows: FILE_NAME_OF,
  }),
  fdField(
    'fd.is_direct',
    'BOOL',
    'Whether the descriptor is a place in the table of a ring of io_uring, not in that of the process.',
    (_, c) => (c.event.flags & Way.direct) !== 0,
  ),
  fdField('fd.uid', 'CHARBUF', 'Thread id and number, written together.', (fd, c) => `${c.event.tid}${fd.number}`),
  fdField(
    'fd.containername',
    'CHARBUF',
    'Container id, a colon and fd.name.',
    (fd, c) => `${c.process?.container?.id ?? ''}:${fd.name}`,
  ),
  fdField('fd.containerdirectory', 'CHARBUF', 'Container id, a colon and fd.directory.', (fd, c) => {
    const path = directory(fd);
    return path === undefined ? undefined : `${c.process?.container?.id ?? ''}:${path}`;
  }),
  fdField(
    'fd.dev',
    'INT32',
    'Device number of the file.',
    ofEntry((fd) => encodeDevice(fd.file?.dev ?? 0)),
    { format: 'hex' },
  ),
  fdField(
    'fd.dev.major',
    'INT32',
    'Major number of the device of the file.',
    ofEntry((fd) => deviceMajor(fd.file?.dev ?? 0)),
  ),
  fdField(
    'fd.dev.minor',
    'INT32',
    'Minor number of the device of the file.',
    ofEntry((fd) => deviceMinor(fd.file?.dev ?? 0)),
  ),
  fdField(
    'fd.ino',
    'INT64',
    'Inode number of the file, pipe or socket.',
    ofEntry((fd) => fd.file?.inode ?? fd.socket?.inode ?? 0),
  ),
  fdField(
    'fd.is_upper_layer',
    'BOOL',
    'Whether the file is in the upper layer of an overlay.',
    ofEntry((fd) => fd.file?.layer === 'upper'),
  ),
  fdField(
    'fd.is_lower_layer',
    'BOOL',
    'Whether the file is in a lower layer of an overlay.',
    ofEntry((fd) => fd.file?.layer === 'lower'),
  ),
  fdField(
    'fd.name_changed',
    'BOOL',
    'Whether the event gave the descriptor its name.',
    ofEntry((fd) => fd.nameChanged),
  ),
  missingField('fd.types', 'CHARBUF', 'event', 'Kinds of all descriptors of the process.', NO_TABLE, {
    list: true,
    argument: { required: false, kind: 'index' },
    noRightSide: true,
  }),
  missingField('fdlist.nums', 'CHARBUF', 'event', 'Descriptors of a poll.', NO_POLL),
  missingField('fdlist.names', 'CHARBUF', 'event', 'Names of the descriptors of a poll.', NO_POLL),
  missingField('fdlist.cips', 'CHARBUF', 'event', 'Client addresses of the descriptors of a poll.', NO_POLL),
  missingField('fdlist.sips', 'CHARBUF', 'event', 'Server addresses of the descriptors of a poll.', NO_POLL),
  missingField('fdlist.cports', 'CHARBUF', 'event', 'Client ports of the descriptors of a poll.', NO_POLL),
  missingField('fdlist.sports', 'CHARBUF', 'event', 'Server ports of the descriptors of a poll.', NO_POLL),
];
