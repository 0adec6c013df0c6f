import type { ParameterReading, ParameterText } from '../../decode/parameters/text.ts';
import type { ByteString } from '../../events/bytestring.ts';
import { FD_TYPES, type Parameter, type ParameterValue } from '../../events/event.ts';
import { addressText } from '../../lib/address.ts';
import { signalName } from '../../lib/signals.ts';
import type { EventFrame } from './event-frame.ts';
import type { ScapParameter } from './event-table.ts';
import { type FdEntry, isIp, shownTransport, TRANSPORT } from './fd-entry.ts';
import { AT_FDCWD, directoryOf, isPrintable, joinPath } from './moment.ts';
import { parameterType, readValue } from './parameter-values.ts';
import type { ScapThread } from './thread.ts';

export const CLOSED_TEXT: ParameterText = { raw: '<NA>', resolved: '' };

/** A parameter with its value and what that refers to, ready to be shown. */
export function textReading(
  frame: EventFrame,
  place: number,
  parameter: ScapParameter,
  thread: ScapThread | undefined,
): ParameterReading {
  const { type, value } = readValue(frame, place, parameter);
  const shown: Parameter = { name: parameter.name, type: parameterType(type, parameter.format) };
  const table = parameter.flags === undefined ? {} : { table: parameter.flags };
  return {
    parameter: { ...shown, ...table },
    value: value === undefined ? undefined : shownValue(parameter.name, type, value, thread),
    refers: value === undefined ? undefined : refers(frame, type, value, parameter, thread),
  };
}

function shownValue(name: string, type: string, value: ParameterValue, thread: ScapThread | undefined): ParameterValue {
  switch (type) {
    case 'UINT32':
      // Ids of chown and its kin, which are plain numbers to Falco: all ones leave the id as it is.
      return value === 0xffff_ffff && (name === 'uid' || name === 'gid') ? -1 : value;
    case 'CHARBUF':
    case 'FSPATH':
    case 'FSRELPATH':
      return withoutControls(String(value));
    case 'FDLIST':
      return pollText(String(value), thread);
    case 'IPV4ADDR':
    case 'IPV6ADDR':
      return addressText(String(value));
    case 'SIGSET':
      return signalSetText(Number(value));
    case 'RELTIME':
      return value === NEVER ? 'none' : String(value);
    default:
      return value;
  }
}

const NEVER = 0xffff_ffff_ffff_ffffn;

/** Six digits, as C's %g writes them. */
function secondsText(seconds: number): string {
  const rounded = Number(seconds.toPrecision(6));
  if (rounded === 0 || (rounded >= 1e-4 && rounded < 1e6)) return String(rounded);
  return rounded.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Bytes that do not print are left out. */
function withoutControls(text: ByteString): ByteString {
  return isPrintable(text) ? text : text.replace(/[^\x20-\x7e]/g, '');
}

function refers(
  frame: EventFrame,
  type: string,
  value: ParameterValue,
  { directory }: ScapParameter,
  thread: ScapThread | undefined,
): ByteString | undefined {
  switch (type) {
    case 'RELTIME':
      return value === NEVER ? undefined : `${secondsText(Number(value) / 1e9)}s`;
    case 'FD':
    case 'FD32':
      return fdText(thread?.fds.get(Number(value)));
    case 'FSPATH':
    case 'FSRELPATH': {
      const path = String(value);
      if (thread === undefined || path === '' || path === '<NA>' || path.startsWith('/')) return undefined;
      const dirFd = directory === undefined ? AT_FDCWD : frame.s64(directory, AT_FDCWD);
      return joinPath(directoryOf(thread, dirFd), path);
    }
    default:
      return undefined;
  }
}

/** `<type>name`; ip sockets with their transport after the type. */
function fdText(entry: FdEntry | undefined): ByteString | undefined {
  if (entry === undefined) return undefined;
  const transport = isIp(entry) ? (TRANSPORT_LETTERS[shownTransport(entry)] ?? '') : '';
  return `<${FD_TYPES[entry.type]}${transport}>${entry.name}`;
}

const TRANSPORT_LETTERS: Readonly<Record<number, string>> = {
  [TRANSPORT.tcp]: 't',
  [TRANSPORT.udp]: 'u',
  [TRANSPORT.icmp]: 'i',
  [TRANSPORT.raw]: 'r',
};

/** Descriptors with their types and what is asked of each: `3:u1`. */
function pollText(bytes: ByteString, thread: ScapThread | undefined): ByteString {
  const count = Math.min(u16(bytes, 0), Math.floor((bytes.length - 2) / POLL_BYTES));
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = 2 + i * POLL_BYTES;
    const fd = u64(bytes, at);
    const type = thread?.fds.get(Number(fd))?.type;
    parts.push(`${fd}:${type === undefined ? '?' : FD_TYPES[type]}${u16(bytes, at + 8).toString(16)}`);
  }
  return parts.join(' ');
}

const POLL_BYTES = 10;

function u16(bytes: ByteString, at: number): number {
  return bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8);
}

function u64(bytes: ByteString, at: number): bigint {
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(bytes.charCodeAt(at + i));
  return value;
}

function signalSetText(bits: number): ByteString {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    if ((bits & (1 << bit)) !== 0) names.push(signalName(bit + 1) ?? String(bit + 1));
  }
  return names.join(' ');
}
