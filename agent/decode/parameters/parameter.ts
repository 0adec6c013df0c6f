import type { ByteString } from '../../events/bytestring.ts';
import type { AddressFacts, FdFacts, NameFacts, Parameter, ParameterType, ParameterValue } from '../../events/event.ts';
import { FD_TYPES } from '../../events/event.ts';
import { addressText } from '../../lib/address.ts';
import type { FlagName } from '../../lib/flags.ts';
import { transport } from '../endpoint.ts';
import { AT_FDCWD } from '../name-view.ts';
import type { RecordCursor } from '../record-cursor.ts';

/** One of Falco's parameters, and how it is had from a record. */
export interface RecordParameter extends Parameter {
  readonly table?: readonly FlagName[];
  /** In Falco's numbering; undefined = empty. */
  readonly value: (event: RecordCursor) => ParameterValue | undefined;
  /** What the value refers to, where the record tells: an absolute path, the file of a descriptor, a command name. */
  readonly refers?: (event: RecordCursor) => ByteString | undefined;
}

type Read<T> = (event: RecordCursor) => T | undefined;

export const plain = (name: string, type: ParameterType, value: Read<ParameterValue>): RecordParameter => ({
  name,
  type,
  value,
});

export const flags = (name: string, table: readonly FlagName[], value: Read<number>): RecordParameter => ({
  name,
  type: 'FLAGS',
  table,
  value,
});

export const choice = (name: string, table: readonly FlagName[], value: Read<number>): RecordParameter => ({
  name,
  type: 'ENUMFLAGS',
  table,
  value,
});

/** The return value of calls that give no descriptor. */
export const res: RecordParameter = plain('res', 'ERRNO', (event) => event.result);

/** The return value of calls that give one. */
export const resFd = (name: string): RecordParameter => ({
  name,
  type: 'FD',
  value: (event) => event.result,
  refers: (event) => fdReference(event.fd),
});

/** A descriptor that the event is about. */
export const ownFd = (name: string, value: Read<number>): RecordParameter => ({
  name,
  type: 'FD',
  value,
  refers: (event) => fdReference(event.fd),
});

/** A directory descriptor, beside the name that counts from it. */
export const dirFd = (name: string, of: Read<NameFacts>): RecordParameter => ({
  name,
  type: 'FD',
  value: (event) => of(event)?.dirFd,
  refers: (event) => {
    const place = of(event);
    if (place === undefined || place.dirFd === AT_FDCWD || place.directory === undefined) return undefined;
    return place.raw?.startsWith('/') ? undefined : `<d>${place.directory}`;
  },
});

export const path = (name: string, type: 'FSPATH' | 'FSRELPATH', of: Read<NameFacts>): RecordParameter => ({
  name,
  type,
  value: (event) => of(event)?.raw,
  refers: (event) => of(event)?.path,
});

/** `<type>name`; ip sockets with their transport after the type. */
function fdReference(fd: FdFacts | undefined): ByteString | undefined {
  if (fd?.type === undefined) return undefined;
  const protocol = fd.socket === undefined ? undefined : transport(fd.socket);
  return `<${FD_TYPES[fd.type]}${protocol === undefined ? '' : protocol.charAt(0)}>${fd.name}`;
}

/** The connection's text, for `tuple`; undefined when there is none. */
export const tuple: RecordParameter = plain('tuple', 'SOCKTUPLE', (event) => {
  const name = event.fd?.name;
  return event.fd?.socket === undefined || name === '' ? undefined : name;
});

/** The address that was passed, for `addr`. */
export const address: RecordParameter = plain('addr', 'SOCKADDR', (event) => addressArgument(event.address));

function addressArgument(passed: AddressFacts | undefined): ByteString | undefined {
  if (passed === undefined) return undefined;
  if (passed.address === '') return passed.unixPath;
  return `${addressText(passed.address)}:${passed.port}`;
}
