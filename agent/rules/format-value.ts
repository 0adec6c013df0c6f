import { type ByteString, textToBytes } from '../events/bytestring.ts';
import type { FieldDef, FieldScalar, FieldValue } from '../fields/field.ts';
import { addressText } from '../lib/address.ts';
import { numberShape } from './types.ts';

/** What an absent value looks like in a text. */
export const NOT_AVAILABLE = '<NA>';

export type NumberFormat = NonNullable<FieldDef['format']>;

/** Text of one value as outputs show it: a byte string. */
export function scalarText(value: FieldScalar, type: string, format: NumberFormat = 'dec'): ByteString {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (type === 'BOOL') return value ? 'true' : 'false';
  if (typeof value !== 'string') return numberText(value, type, format);
  if (type === 'IPADDR' || type === 'IPNET') return textToBytes(addressText(value));
  return type === 'BYTEBUF' ? printable(value) : value;
}

/** Lists are shown as `(a,b)`. */
export function valueText(value: FieldValue, type: string, format?: NumberFormat): ByteString {
  if (!Array.isArray(value)) return scalarText(value as FieldScalar, type, format);
  const elements: readonly FieldScalar[] = value;
  return `(${elements.map((element) => scalarText(stripNul(element), type, format)).join(',')})`;
}

function numberText(value: number | bigint, type: string, format: NumberFormat): string {
  if (type === 'DOUBLE') return Number(value).toFixed(1);
  switch (format) {
    case 'hex':
      return unsigned(value, type).toString(16).toUpperCase();
    case 'oct':
      return unsigned(value, type).toString(8);
    case 'dec9':
      return value.toString().padStart(9, '0');
    default:
      return value.toString();
  }
}

/** The bits of a negative number, which other bases than ten show. */
function unsigned(value: number | bigint, type: string): number | bigint {
  return value < 0 ? BigInt.asUintN(numberShape(type)?.bits ?? 64, BigInt(value)) : value;
}

/** Bytes outside of printable ASCII are shown as dots. */
function printable(bytes: ByteString): ByteString {
  return bytes.replace(/[^ -~]/g, '.');
}

function stripNul(value: FieldScalar): FieldScalar {
  return typeof value === 'string' && value.endsWith('\0') ? value.slice(0, -1) : value;
}
