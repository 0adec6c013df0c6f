import type { ByteString } from '../events/bytestring.ts';
import type { FieldScalar } from '../fields/field.ts';
import { Network, parseIpv4, parseIpv6 } from './addresses.ts';
import { nearestName } from './nearest.ts';
import { serviceNames, servicePort } from './services.ts';
import { shownValue } from './strings.ts';
import { familyOf, numberShape } from './types.ts';

/** A constant of a condition in the form in which values are compared with it. */
export type Constant = FieldScalar | Network;

export type LiteralResult =
  | { readonly ok: true; readonly value: Constant }
  | { readonly ok: false; readonly error: string; readonly expected?: string; readonly nearest?: string };

/** Longest text or bytes that can be compared with. */
const LITERAL_BYTES_MAX = 255;

const ok = (value: Constant): LiteralResult => ({ ok: true, value });
const fail = (error: string, expected?: string, nearest?: string): LiteralResult => ({
  ok: false,
  error,
  ...(expected === undefined ? {} : { expected }),
  ...(nearest === undefined ? {} : { nearest }),
});

/** Reads a literal as a value of the type that it is compared with. */
export function parseLiteral(text: ByteString, type: string): LiteralResult {
  const family = familyOf(type);
  if (family === 'bytes') {
    return text.length <= LITERAL_BYTES_MAX ? ok(text) : tooLong(text);
  }
  if (text.includes('\0')) return fail('no value has a NUL byte', 'a text without \\x00');
  switch (family) {
    case 'number':
      return type === 'PORT' ? parsePort(text) : parseNumber(text, type);
    case 'boolean':
      return parseBoolean(text);
    case 'address':
      return parseAddress(text);
    case 'network':
      return parseNetwork(text);
    case 'text':
      return parseText(text);
    case 'other':
      return fail(`values of type ${type} cannot be compared`);
  }
}

/** The bytes that hexadecimal digits stand for. */
export function parseHex(text: ByteString): LiteralResult {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    return fail(`${shownValue(text)} stands for no bytes`, 'pairs of hexadecimal digits');
  }
  const bytes = text.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return parseLiteral(bytes, 'BYTEBUF');
}

function parseText(text: ByteString): LiteralResult {
  return text.length <= LITERAL_BYTES_MAX ? ok(text) : tooLong(text);
}

function tooLong(text: ByteString): LiteralResult {
  const start = shownValue(text.slice(0, 40));
  return fail(`the value that begins with ${start} has ${text.length} bytes`, `at most ${LITERAL_BYTES_MAX} bytes`);
}

/** A decimal integer; it wraps to the type's width, so -1 is the largest number of an unsigned type. */
function parseNumber(text: ByteString, type: string): LiteralResult {
  const shape = numberShape(type);
  if (shape === undefined || !/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text) || text.length > LITERAL_BYTES_MAX) {
    return fail(`${shownValue(text)} is no number`, 'a decimal integer');
  }
  const exact = clamped(BigInt(text.trim().replace(/^\+/, '')), shape.signed);
  const wrapped = shape.signed ? BigInt.asIntN(shape.bits, exact) : BigInt.asUintN(shape.bits, exact);
  const number = Number(wrapped);
  return ok(Number.isSafeInteger(number) ? number : wrapped);
}

/** Numbers beyond 64 bits count as the largest or smallest there is. */
function clamped(value: bigint, signed: boolean): bigint {
  const max = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  const min = -(2n ** 63n);
  if (value > max) return max;
  return value < min ? min : value;
}

function parsePort(text: ByteString): LiteralResult {
  if (text === '') return ok(0);
  // Upstream reads ports as 32-bit numbers and keeps their lower half.
  if (/^\d{1,255}$/.test(text) && Number(text) <= 0x7fff_ffff) return ok(Number(text) & 0xffff);
  const port = servicePort(text);
  if (port !== undefined) return ok(port);
  return fail(
    `${shownValue(text)} is no port`,
    'a port number or the name of a service',
    nearestName(text, serviceNames()),
  );
}

function parseBoolean(text: ByteString): LiteralResult {
  if (text === 'true' || text === 'false') return ok(text === 'true');
  return fail(`${shownValue(text)} is neither true nor false`, 'true or false');
}

function parseAddress(text: ByteString): LiteralResult {
  const v4 = text.includes('.');
  const address = v4 ? parseIpv4(text) : parseIpv6(text);
  return address === undefined
    ? fail(
        `${shownValue(text)} is no address`,
        v4 ? 'an IPv4 address such as 10.0.0.1' : 'an IPv6 address such as fe80::1',
      )
    : ok(address);
}

function parseNetwork(text: ByteString): LiteralResult {
  const v4 = text.includes('.');
  const expected = v4 ? 'a network such as 10.0.0.0/8' : 'a network such as fe80::/64';
  const slash = text.indexOf('/');
  const wrong = (): LiteralResult => fail(`${shownValue(text)} is no network`, expected);
  if (slash < 0) return wrong();
  const mask = text.slice(slash + 1);
  const address = v4 ? parseIpv4(text.slice(0, slash)) : parseIpv6(text.slice(0, slash));
  if (address === undefined || !/^\d+$/.test(mask)) return wrong();
  const bits = Number(mask);
  if (v4 ? bits > 32 : bits < 1 || bits > 128) return wrong();
  return ok(new Network(address, bits));
}
