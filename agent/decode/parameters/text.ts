import type { ByteString } from '../../events/bytestring.ts';
import type { Names, Parameter, ParameterValue } from '../../events/event.ts';
import { printable } from '../../lib/byte-text.ts';
import { errnoName } from '../../lib/errno.ts';
import { enumNames, type FlagName, flagNames } from '../../lib/flags.ts';
import { signalName } from '../../lib/signals.ts';
import { MODE_BITS } from '../flag-tables.ts';
import { AT_FDCWD } from '../name-view.ts';

/** An id that means "none" or "leave as it is". */
const NO_ID = 0xffff_ffff;

/** A parameter and what is known of its value, apart from where it came from. */
export interface ParameterReading {
  readonly parameter: Parameter & { readonly table?: readonly FlagName[] };
  /** undefined = empty. */
  readonly value: ParameterValue | undefined;
  readonly refers: ByteString | undefined;
}

/** Both texts of a parameter; `resolved` is '' where there is no second one. */
export interface ParameterText {
  readonly raw: ByteString;
  readonly resolved: ByteString;
}

/** Text of a parameter as Falco writes it: `evt.arg` is `resolved` if not empty, else `raw`. */
export function parameterText(reading: ParameterReading, names: Names): ParameterText {
  const { parameter, value } = reading;
  if (value === undefined) return { raw: emptyText(parameter), resolved: '' };
  return { raw: rawText(parameter, value), resolved: resolvedText(reading, value, names) };
}

/** `raw(resolved)`, as evt.args shows it. */
export function bothTexts(text: ParameterText): ByteString {
  return text.resolved === '' || text.resolved === text.raw ? text.raw : `${text.raw}(${text.resolved})`;
}

function emptyText(parameter: Parameter): ByteString {
  switch (parameter.type) {
    case 'BYTEBUF':
    case 'SOCKADDR':
    case 'SOCKTUPLE':
      return 'NULL';
    default:
      return '<NA>';
  }
}

function rawText(parameter: Parameter, value: ParameterValue): ByteString {
  switch (parameter.type) {
    case 'HEX':
      return value.valueOf().toString(16).toUpperCase();
    case 'MODE':
    case 'OCT':
      return value === 0 ? '0' : `0${Number(value).toString(8)}`;
    case 'UID':
    case 'GID':
      return value === NO_ID ? '-1' : String(value);
    case 'BYTEBUF':
      return printable(String(value));
    case 'ABSTIME':
      return timeText(BigInt(value));
    default:
      return String(value);
  }
}

function resolvedText(reading: ParameterReading, value: ParameterValue, names: Names): ByteString {
  const { parameter, refers } = reading;
  const table = parameter.table ?? [];
  switch (parameter.type) {
    case 'FD':
      return descriptorText(Number(value), refers);
    case 'ERRNO':
      return negativeErrno(Number(value));
    case 'PID':
      return refers ?? names.process(Number(value)) ?? '';
    case 'UID':
      return idText(Number(value), names.user(Number(value)));
    case 'GID':
      return idText(Number(value), names.group(Number(value)));
    case 'MODE':
      return flagNames(parameter.table ?? MODE_BITS, Number(value));
    case 'FLAGS':
      return flagNames(table, Number(value));
    case 'ENUMFLAGS':
      return enumNames(table, Number(value));
    case 'SIGTYPE':
      return signalName(Number(value)) ?? '';
    default:
      return refers ?? '';
  }
}

function descriptorText(fd: number, refers: ByteString | undefined): ByteString {
  if (fd === AT_FDCWD) return 'AT_FDCWD';
  return fd < 0 ? negativeErrno(fd) : (refers ?? '');
}

function negativeErrno(value: number): ByteString {
  return value < 0 ? (errnoName(-value) ?? '') : '';
}

function idText(id: number, name: ByteString | undefined): ByteString {
  return id === NO_ID ? '<NONE>' : (name ?? '<NA>');
}

/** Wall-clock time in UTC, to the nanosecond. */
function timeText(ns: bigint): ByteString {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString();
  const fraction = String(ns % 1_000_000_000n).padStart(9, '0');
  return `${seconds.slice(0, 10)} ${seconds.slice(11, 19)}.${fraction}`;
}
