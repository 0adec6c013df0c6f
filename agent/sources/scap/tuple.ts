import type { ByteString } from '../../events/bytestring.ts';
import { isMappedAddress, isZeroAddress } from '../../lib/address.ts';
import type { EventFrame } from './event-frame.ts';
import type { Tuple } from './fd-entry.ts';

export const FAMILY = { unix: 1, inet: 2, inet6: 10 } as const;

/** Both ends as a call saw them; source and destination become client and server of `tuple`. */
export interface SocketTuple {
  readonly family: number;
  /** Of ip sockets. */
  readonly tuple: Tuple | undefined;
  /** Addresses of the kernel's sockets, and the path, of unix ones. */
  readonly source: bigint;
  readonly destination: bigint;
  readonly path: ByteString;
}

/** An address argument. */
export interface SocketAddress {
  readonly family: number;
  readonly address: ByteString;
  readonly port: number;
  readonly path: ByteString;
}

const UNIX_HEAD = 17;

/** A SOCKTUPLE parameter; undefined where it is missing or too short for its family. */
export function readTuple(frame: EventFrame, place: number): SocketTuple | undefined {
  const bytes = frame.bytes(place);
  const family = bytes.charCodeAt(0);
  switch (family) {
    case FAMILY.inet:
      return bytes.length < 13 ? undefined : ipTuple(family, bytes, 4);
    case FAMILY.inet6:
      return bytes.length < 37 ? undefined : ipTuple(family, bytes, 16);
    case FAMILY.unix: {
      if (bytes.length < UNIX_HEAD) return undefined;
      const path = untilNul(bytes.slice(UNIX_HEAD));
      return { family, tuple: undefined, source: u64(bytes, 1), destination: u64(bytes, 9), path };
    }
    default:
      return undefined;
  }
}

/** A SOCKADDR parameter; undefined where it is missing or too short for its family. */
export function readAddress(frame: EventFrame, place: number): SocketAddress | undefined {
  const bytes = frame.bytes(place);
  const family = bytes.charCodeAt(0);
  switch (family) {
    case FAMILY.inet:
      return bytes.length < 7 ? undefined : ipAddress(family, bytes, 4);
    case FAMILY.inet6:
      return bytes.length < 19 ? undefined : ipAddress(family, bytes, 16);
    case FAMILY.unix:
      return { family, address: '', port: 0, path: untilNul(bytes.slice(1)) };
    default:
      return undefined;
  }
}

/** Text of both ends of a unix connection, by the kernel's addresses of its sockets. */
export function unixText({ source, destination, path }: SocketTuple): ByteString {
  return `${source.toString(16)}->${destination.toString(16)} ${path}`;
}

/** The address without what maps it into IPv6. */
export function unmapped(address: ByteString): ByteString {
  return isMappedAddress(address) ? address.slice(12) : address;
}

function ipTuple(family: number, bytes: ByteString, width: number): SocketTuple {
  const tuple = {
    clientAddress: bytes.slice(1, 1 + width),
    clientPort: u16(bytes, 1 + width),
    serverAddress: bytes.slice(3 + width, 3 + 2 * width),
    serverPort: u16(bytes, 3 + 2 * width),
  };
  const isV4 = family === FAMILY.inet6 && seemsV4(tuple.clientAddress) && seemsV4(tuple.serverAddress);
  return {
    family: isV4 ? FAMILY.inet : family,
    tuple: isV4 ? narrow(tuple) : tuple,
    source: 0n,
    destination: 0n,
    path: '',
  };
}

/** Both ends mapped, or one mapped and the other nothing: an IPv4 connection of an IPv6 socket. */
function seemsV4(address: ByteString): boolean {
  return isMappedAddress(address) || isZeroAddress(address);
}

function narrow(tuple: Tuple): Tuple {
  return { ...tuple, clientAddress: tuple.clientAddress.slice(12), serverAddress: tuple.serverAddress.slice(12) };
}

function ipAddress(family: number, bytes: ByteString, width: number): SocketAddress {
  return { family, address: bytes.slice(1, 1 + width), port: u16(bytes, 1 + width), path: '' };
}

function untilNul(text: ByteString): ByteString {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function u16(bytes: ByteString, at: number): number {
  return bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8);
}

function u64(bytes: ByteString, at: number): bigint {
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(bytes.charCodeAt(at + i));
  return value;
}
