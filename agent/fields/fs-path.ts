import type { Event, NameFacts } from '../events/event.ts';
import type { EventKind } from '../events/kinds.ts';
import { eventField, type Field } from './define.ts';
import type { FieldResult } from './field.ts';

/** machine: only quotactl. other: calls of captures that the sensor does not collect. */
const ONE_PATH: readonly EventKind[] = [
  'open',
  'handle',
  'unlink',
  'mkdir',
  'chmod',
  'chown',
  'umount',
  'machine',
  'other',
];
/** Their descriptor is not what the path names. */
const BY_NAME_ONLY: ReadonlySet<EventKind> = new Set(['umount', 'machine', 'other']);
const TWO_PATHS: readonly EventKind[] = ['rename', 'link', 'symlink', 'mount'];

type Read = (name: NameFacts) => string | undefined;
const resolved: Read = (name) => name.path;
const passed: Read = (name) => name.raw;

/** The path of a call that works on one. A call on a descriptor has no name of its own: the file's path serves. */
function single(event: Event, read: Read): FieldResult {
  if (!event.succeeded || !ONE_PATH.includes(event.kind) || event.type === 'creat') return undefined;
  const { name, kind, type } = event;
  if (kind === 'machine' && type !== 'quotactl') return undefined;
  return (name === undefined ? undefined : read(name)) ?? (BY_NAME_ONLY.has(kind) ? undefined : event.file?.path);
}

/** rename: the old path; link: the new one; symlink: the link itself; mount: the device. */
function source(event: Event, read: Read): FieldResult {
  if (!event.succeeded) return undefined;
  switch (event.kind) {
    case 'rename':
    case 'symlink':
      return event.name && read(event.name);
    case 'link':
      return event.secondName && read(event.secondName);
    case 'mount': {
      if (event.secondName !== undefined) return read(event.secondName);
      const device = event.rawArg('dev');
      return typeof device === 'string' ? device : undefined;
    }
    default:
      return undefined;
  }
}

/** rename: the new path; link: the old one; symlink: what it contains; mount: the directory. */
function target(event: Event, read: Read): FieldResult {
  if (!event.succeeded) return undefined;
  switch (event.kind) {
    case 'rename':
    case 'symlink':
      return event.secondName && read(event.secondName);
    case 'link':
    case 'mount':
      return event.name && read(event.name);
    default:
      return undefined;
  }
}

const one = { kinds: ONE_PATH };
const two = { kinds: TWO_PATHS };

/** fs.path.*: the paths of calls that succeeded, whatever their parameters are called. */
export const FS_PATH_FIELDS: readonly Field[] = [
  eventField(
    'fs.path.name',
    'CHARBUF',
    'Absolute path of a successful call on one path (not creat); links are not followed.',
    (c) => single(c.event, resolved),
    one,
  ),
  eventField('fs.path.nameraw', 'CHARBUF', 'The same path as it was passed.', (c) => single(c.event, passed), one),
  eventField(
    'fs.path.source',
    'CHARBUF',
    'Source of a successful call on two paths: the old name of a rename, the new one of a link.',
    (c) => source(c.event, resolved),
    two,
  ),
  eventField('fs.path.sourceraw', 'CHARBUF', 'The same path as it was passed.', (c) => source(c.event, passed), two),
  eventField(
    'fs.path.target',
    'CHARBUF',
    'Target of a successful call on two paths: the new name of a rename, the old one of a link.',
    (c) => target(c.event, resolved),
    two,
  ),
  eventField('fs.path.targetraw', 'CHARBUF', 'The same path as it was passed.', (c) => target(c.event, passed), two),
];
