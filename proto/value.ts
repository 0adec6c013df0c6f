import type { FieldJson } from '../agent/events/alert.ts';
import { fromInt64, fromUint64, toInt64 } from './int64.ts';
import type { ValueMessage } from './messages.ts';
import { wellFormed } from './text.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_END = 2n ** 63n;
const UINT64_END = 2n ** 64n;

/** A field's value as the wire has it. Whole numbers become integers; one beyond 64 bits (no field has any) its digits. */
export function toValue(value: FieldJson): ValueMessage {
  if (typeof value === 'string') return { text: wellFormed(value) };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { integer: value } : { real: value };
  if (typeof value === 'bigint') return wideValue(value);
  if (typeof value === 'boolean') return { flag: value };
  if (value === null) return {};
  return { list: { values: value.map(toValue) } };
}

/** The other way. A whole number comes back as a number where that is exact, else as a bigint. */
export function fromValue(message: ValueMessage): FieldJson {
  switch (message.kind) {
    case 'text':
      return message.text ?? '';
    case 'integer':
      return narrow(fromInt64(message.integer));
    case 'unsigned':
      return narrow(fromUint64(message.unsigned));
    case 'real':
      return message.real ?? 0;
    case 'flag':
      return message.flag ?? false;
    case 'list':
      return (message.list?.values ?? []).map(fromValue);
    default:
      return null;
  }
}

export function toValues(fields: Readonly<Record<string, FieldJson>>): Record<string, ValueMessage> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [wellFormed(name), toValue(value)]));
}

export function fromValues(
  fields: Readonly<Record<string, ValueMessage>> | null | undefined,
): Record<string, FieldJson> {
  return Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, fromValue(value)]));
}

function wideValue(value: bigint): ValueMessage {
  if (value >= INT64_MIN && value < INT64_END) return { integer: toInt64(value) };
  return value > 0n && value < UINT64_END ? { unsigned: toInt64(value) } : { text: value.toString() };
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
