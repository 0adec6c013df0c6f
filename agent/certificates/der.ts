/** Writes ASN.1 in its distinguished encoding (X.690): the few types that certificates are made of. */
export type Der = Buffer;

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;
/** UTCTime has two digits for the year, which mean 1950 to 2049 (RFC 5280, 4.1.2.5). */
const LAST_UTC_YEAR = 2049;

function tlv(tag: number, content: Buffer): Der {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length, ...bytes), content]);
}

export function sequence(...items: readonly Der[]): Der {
  return tlv(TAG.sequence, Buffer.concat(items));
}

export function set(...items: readonly Der[]): Der {
  return tlv(TAG.set, Buffer.concat(items));
}

/** A whole number that is not negative, most significant byte first. */
export function integer(value: Buffer): Der {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const bytes = value.subarray(start);
  return tlv(TAG.integer, ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.of(0), bytes]));
}

export function boolean(value: boolean): Der {
  return tlv(TAG.boolean, Buffer.of(value ? 0xff : 0));
}

/** From dotted numbers. */
export function oid(text: string): Der {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tlv(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

export function utf8(text: string): Der {
  return tlv(TAG.utf8, Buffer.from(text));
}

export function octetString(content: Buffer): Der {
  return tlv(TAG.octetString, content);
}

/** `unused`: bits at the end that do not count. */
export function bitString(content: Buffer, unused = 0): Der {
  return tlv(TAG.bitString, Buffer.concat([Buffer.of(unused), content]));
}

/** To the second. */
export function time(ms: number): Der {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return new Date(ms).getUTCFullYear() <= LAST_UTC_YEAR
    ? tlv(TAG.utcTime, Buffer.from(digits.slice(2)))
    : tlv(TAG.generalizedTime, Buffer.from(digits));
}

/** Tag of the context around another type. */
export function explicit(number: number, content: Der): Der {
  return tlv(0xa0 | number, content);
}

/** Tag of the context in the place of a simple type's own. */
export function implicit(number: number, content: Buffer): Der {
  return tlv(0x80 | number, content);
}
