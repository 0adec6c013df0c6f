import type { ByteString } from '../events/bytestring.ts';

/** Raw network-order bytes of a dotted quad; undefined if it is none (four decimal numbers, no leading zeros). */
export function parseIpv4(text: string): ByteString | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1);
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return undefined;
  return String.fromCharCode(...parts.map(Number));
}

/** Raw bytes of an IPv6 address in any spelling, also with a dotted quad at its end; undefined if it is none. */
export function parseIpv6(text: string): ByteString | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = '', tail] = halves;
  const first = parseGroups(head, tail === undefined);
  const last = tail === undefined ? '' : parseGroups(tail, true);
  if (first === undefined || last === undefined) return undefined;
  const missing = 16 - first.length - last.length;
  if (tail === undefined) return missing === 0 ? first : undefined;
  return missing >= 2 ? first + '\0'.repeat(missing) + last : undefined;
}

function parseGroups(text: string, atEnd: boolean): ByteString | undefined {
  if (text === '') return '';
  const groups = text.split(':');
  let bytes = '';
  for (const [place, group] of groups.entries()) {
    if (atEnd && place === groups.length - 1 && group.includes('.')) {
      const quad = parseIpv4(group);
      if (quad === undefined) return undefined;
      bytes += quad;
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes += String.fromCharCode(value >> 8, value & 0xff);
    }
  }
  return bytes.length <= 16 ? bytes : undefined;
}

/** A network: the bytes of its address with the host bits cleared, and the length of its prefix in bits. */
export class Network {
  readonly address: ByteString;
  readonly bits: number;

  constructor(address: ByteString, bits: number) {
    this.address = masked(address, bits);
    this.bits = bits;
  }

  /** Whether a raw address of the same family lies in it; an address of the other family never does. */
  contains(address: unknown): boolean {
    if (typeof address !== 'string' || address.length !== this.address.length) return false;
    const whole = this.bits >> 3;
    for (let i = 0; i < whole; i++) if (address.charCodeAt(i) !== this.address.charCodeAt(i)) return false;
    const rest = this.bits & 7;
    if (rest === 0) return true;
    return address.charCodeAt(whole) >> (8 - rest) === this.address.charCodeAt(whole) >> (8 - rest);
  }
}

function masked(address: ByteString, bits: number): ByteString {
  let bytes = '';
  for (let i = 0; i < address.length; i++) {
    const kept = Math.min(Math.max(bits - i * 8, 0), 8);
    bytes += String.fromCharCode(address.charCodeAt(i) & (0xff << (8 - kept)));
  }
  return bytes;
}
