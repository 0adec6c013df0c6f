import type { ByteString } from '../../events/bytestring.ts';
import type { ParameterType, ParameterValue } from '../../events/event.ts';
import { addressText } from '../../lib/address.ts';
import { latin1 } from '../../lib/latin1.ts';
import type { EventFrame } from './event-frame.ts';
import type { ScapParameter } from './event-table.ts';
import { tupleText } from './fd-entry.ts';
import { readAddress, readTuple, unixText } from './tuple.ts';

/** Numbers from here on are not exact as doubles. */
const TWO_53 = 2 ** 53;
const TWO_32 = 0x1_0000_0000;

/** What a type's bytes are. */
type Encoding = 'signed' | 'unsigned' | 'text' | 'bytes' | 'address' | 'tuple' | 'chosen' | 'descriptors';

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  INT8: 'signed',
  INT16: 'signed',
  INT32: 'signed',
  INT64: 'signed',
  ERRNO: 'signed',
  FD: 'signed',
  FD32: 'signed',
  PID: 'signed',
  PID32: 'signed',
  CHARBUF: 'text',
  FSPATH: 'text',
  FSRELPATH: 'text',
  BYTEBUF: 'bytes',
  CHARBUFARRAY: 'bytes',
  CHARBUF_PAIR_ARRAY: 'bytes',
  IPV4ADDR: 'bytes',
  IPV6ADDR: 'bytes',
  SOCKADDR: 'address',
  SOCKTUPLE: 'tuple',
  DYN: 'chosen',
  FDLIST: 'descriptors',
};

/** Types of values that begin with a number for their type, by that number. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  sockopt_dynamic_param: ['BYTEBUF', 'ERRNO', 'UINT32', 'UINT64', 'RELTIME'],
  ptrace_dynamic_param: ['UINT64', 'SIGTYPE'],
  bpf_dynamic_param: ['FD', 'ERRNO'],
  keyctl_dynamic_param: ['INT64', 'CHARBUF'],
};

/** A value with the type that it has in this event. */
export interface TypedValue {
  readonly type: string;
  /** undefined = empty. */
  readonly value: ParameterValue | undefined;
}

/** Value of one parameter of an event in its newest form. */
export function readValue(frame: EventFrame, place: number, parameter: ScapParameter): TypedValue {
  const { type } = parameter;
  if (place >= frame.count || frame.lengths[place] === 0) return { type, value: undefined };
  switch (ENCODINGS[type]) {
    case 'text':
      return { type, value: frame.text(place) };
    case 'bytes':
      return { type, value: frame.bytes(place) };
    case 'address':
      return { type, value: socketAddressText(frame, place) };
    case 'tuple':
      return { type, value: socketTupleText(frame, place) };
    case 'descriptors':
      return { type, value: frame.bytes(place) };
    case 'chosen':
      return readChosen(frame, place, parameter);
    default:
      return { type, value: readNumber(frame, frame.offsets[place] as number, frame.lengths[place] as number, type) };
  }
}

function readChosen(frame: EventFrame, place: number, { choices, type: unknown }: ScapParameter): TypedValue {
  const at = frame.offsets[place] as number;
  const length = (frame.lengths[place] as number) - 1;
  const type = CHOICES[choices ?? '']?.[frame.view.getUint8(at)] ?? unknown;
  switch (ENCODINGS[type]) {
    case 'text':
      return { type, value: latin1(frame.buffer, at + 1, at + length) };
    case 'bytes':
      return { type, value: latin1(frame.buffer, at + 1, at + 1 + length) };
    case 'chosen':
      return { type, value: undefined };
    default:
      return { type, value: readNumber(frame, at + 1, length, type) };
  }
}

/** A number of its type; undefined where its length fits none. */
function readNumber({ view }: EventFrame, at: number, length: number, type: string): ParameterValue | undefined {
  const signed = ENCODINGS[type] === 'signed';
  switch (length) {
    case 1:
      return signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return signed ? view.getInt16(at, true) : view.getUint16(at, true);
    case 4:
      return signed ? view.getInt32(at, true) : view.getUint32(at, true);
    case 8: {
      const high = signed ? view.getInt32(at + 4, true) : view.getUint32(at + 4, true);
      const number = high * TWO_32 + view.getUint32(at, true);
      if (Math.abs(number) < TWO_53) return number;
      return signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
    }
    default:
      return undefined;
  }
}

function socketTupleText(frame: EventFrame, place: number): ByteString | undefined {
  const ends = readTuple(frame, place);
  if (ends === undefined) return undefined;
  return ends.tuple === undefined ? unixText(ends) : tupleText(ends.tuple);
}

function socketAddressText(frame: EventFrame, place: number): ByteString | undefined {
  const found = readAddress(frame, place);
  if (found === undefined) return undefined;
  return found.address === '' ? found.path : `${addressText(found.address)}:${found.port}`;
}

/** The type as fields and texts know it. */
export function parameterType(type: string, format: string): ParameterType {
  switch (type) {
    case 'CHARBUF':
    case 'FSPATH':
    case 'FSRELPATH':
    case 'BYTEBUF':
    case 'ERRNO':
    case 'UID':
    case 'GID':
    case 'MODE':
    case 'SOCKADDR':
    case 'SOCKTUPLE':
    case 'SIGTYPE':
    case 'ABSTIME':
      return type;
    case 'FD32':
    case 'FD':
      return 'FD';
    case 'PID32':
    case 'PID':
      return 'PID';
    case 'CHARBUFARRAY':
    case 'CHARBUF_PAIR_ARRAY':
      return 'BYTEBUF';
    case 'FDLIST':
    case 'IPV4ADDR':
    case 'IPV6ADDR':
    case 'RELTIME':
    case 'SIGSET':
      return 'CHARBUF';
    default:
      if (type.startsWith('FLAGS')) return 'FLAGS';
      if (type.startsWith('ENUMFLAGS')) return 'ENUMFLAGS';
      if (format === 'hex') return 'HEX';
      if (format === 'oct') return 'OCT';
      return type.startsWith('INT') ? 'INT' : 'UINT';
  }
}
