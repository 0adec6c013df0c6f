import { errnoName } from '../lib/errno.ts';
import type { MatchContext } from './context.ts';
import { eventField, type Field } from './define.ts';
import { categoryOf } from './evt.ts';
import type { FieldResult } from './field.ts';

const READ = 1;
const WRITE = 2;
const CREATE = 4;
const TMPFILE = 8192;
const CREATED = 16384;
const EXECUTE_BITS = 0o111;
const NO_READS = 'no event that reads is collected, only captures of other tools have some';
const NO_DATA = 'the data of reads and writes is not collected, only captures of other tools have it';
const isWrite = ({ event }: MatchContext): boolean => event.recorded?.writes ?? event.kind === 'send';
const isRead = ({ event }: MatchContext): boolean => event.recorded?.reads ?? event.type === 'finit_module';
const isAny = (context: MatchContext): boolean => isRead(context) || isWrite(context);
const always = (): boolean => true;

/** Bytes that an I/O event of one direction moved; undefined for other events and failed ones. */
const moved =
  (is: (context: MatchContext) => boolean, of: (context: MatchContext) => boolean = always) =>
  (context: MatchContext): number | undefined => {
    const { event } = context;
    return is(context) && event.succeeded && of(context) ? event.result : undefined;
  };

const ofFile = (context: MatchContext): boolean => categoryOf(context) === 'file';
const ofNet = (context: MatchContext): boolean => categoryOf(context) === 'net';

/** 1 when the event failed and is of one of these categories. */
function failure(context: MatchContext, wanted: (category: string) => boolean): FieldResult {
  return context.event.succeeded || !wanted(categoryOf(context)) ? undefined : 1;
}

const NAMED = ['file', 'net', 'memory'];

/** evt.res and its kin, I/O sizes, and what an open asks for. */
export const EVT_RESULT_FIELDS: readonly Field[] = [
  eventField(
    'evt.res',
    'CHARBUF',
    'SUCCESS, or the name of the error; absent where nothing is returned.',
    ({ event }) => {
      if (event.result === undefined) return undefined;
      return event.succeeded ? 'SUCCESS' : (errnoName(-event.result) ?? String(event.result));
    },
  ),
  eventField('evt.rawres', 'INT64', 'Return value; a negative one is an error number.', (c) => c.event.result),
  eventField('evt.failed', 'BOOL', 'Whether the call failed; absent where nothing is returned.', ({ event }) =>
    event.result === undefined ? undefined : !event.succeeded,
  ),
  eventField('evt.is_io', 'BOOL', 'Whether the event reads or writes a descriptor.', (c) => isWrite(c) || isRead(c)),
  eventField('evt.is_io_read', 'BOOL', 'Whether the event reads a descriptor.', isRead),
  eventField('evt.is_io_write', 'BOOL', 'Whether the event writes to a descriptor.', isWrite),
  eventField('evt.io_dir', 'CHARBUF', 'read or write, for events that do either.', (c) =>
    isWrite(c) ? 'write' : isRead(c) ? 'read' : undefined,
  ),
  eventField(
    'evt.is_syslog',
    'BOOL',
    'Whether the event writes to /dev/log.',
    (c) => isWrite(c) && (c.event.fd?.name.endsWith('/dev/log') ?? false),
  ),
  eventField('evt.buflen', 'UINT64', 'Bytes that a successful I/O event moved.', moved(isAny)),
  eventField('evt.buflen.in', 'UINT64', 'Bytes that the event read.', moved(isRead), {
    unavailable: NO_READS,
  }),
  eventField('evt.buflen.out', 'UINT64', 'Bytes that the event wrote.', moved(isWrite)),
  eventField('evt.buflen.file', 'UINT64', 'Bytes that the event moved to or from a file.', moved(isAny, ofFile)),
  eventField('evt.buflen.file.in', 'UINT64', 'Bytes that the event read from a file.', moved(isRead, ofFile), {
    unavailable: NO_READS,
  }),
  eventField('evt.buflen.file.out', 'UINT64', 'Bytes that the event wrote to a file.', moved(isWrite, ofFile)),
  eventField('evt.buflen.net', 'UINT64', 'Bytes that the event moved over the network.', moved(isAny, ofNet)),
  eventField('evt.buflen.net.in', 'UINT64', 'Bytes that the event received.', moved(isRead, ofNet), {
    unavailable: NO_READS,
  }),
  eventField('evt.buflen.net.out', 'UINT64', 'Bytes that the event sent.', moved(isWrite, ofNet)),
  eventField(
    'evt.buffer',
    'BYTEBUF',
    'Beginning of the data that the event moved.',
    ({ event }) => event.recorded?.data,
    { unavailable: NO_DATA },
  ),
  eventField(
    'evt.count.error',
    'UINT32',
    '1 when the call failed, else 0; absent where nothing is returned.',
    ({ event }) => (event.result === undefined ? undefined : event.succeeded ? 0 : 1),
  ),
  eventField('evt.count.error.file', 'UINT32', '1 when a call on a file failed.', (c) =>
    failure(c, (w) => w === 'file'),
  ),
  eventField('evt.count.error.net', 'UINT32', '1 when a call on a socket failed.', (c) =>
    failure(c, (w) => w === 'net'),
  ),
  eventField('evt.count.error.memory', 'UINT32', '1 when a call on memory failed.', (c) =>
    failure(c, (w) => w === 'memory'),
  ),
  eventField('evt.count.error.other', 'UINT32', '1 when a call on anything else failed.', (c) =>
    failure(c, (w) => !NAMED.includes(w)),
  ),
  eventField(
    'evt.is_open_read',
    'BOOL',
    'Whether an open asks for reading, successful or not.',
    ({ event }) => (event.openFlags & READ) !== 0,
  ),
  eventField(
    'evt.is_open_write',
    'BOOL',
    'Whether an open asks for writing, successful or not.',
    ({ event }) => (event.openFlags & WRITE) !== 0,
  ),
  eventField('evt.is_open_exec', 'BOOL', 'Whether an open creates a file that may be executed.', ({ event }) => {
    if (event.type !== 'creat' && (event.openFlags & (CREATE | TMPFILE)) === 0) return false;
    return (event.openMode & EXECUTE_BITS) !== 0;
  }),
  eventField('evt.is_open_create', 'BOOL', 'Whether an open has created the file.', ({ event }) => {
    const flags = event.openFlags;
    return (flags & CREATED) !== 0 || ((flags & TMPFILE) !== 0 && event.succeeded);
  }),
];
