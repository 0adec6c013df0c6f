import type { ByteString } from '../../events/bytestring.ts';
import type { FdRole, FdType } from '../../events/event.ts';
import { addressText } from '../../lib/address.ts';

/** PPM_FD_*: the overlay layer that an opened file is in. */
const UPPER_LAYER = 32768;
const LOWER_LAYER = 65536;

/** Transports by the format's numbers. */
export const TRANSPORT = { unknown: 0, none: 1, tcp: 2, udp: 3, icmp: 4, raw: 5 } as const;

/** Both ends of an ip connection, or of a unix one (by the kernel's addresses of its sockets). */
export interface Tuple {
  readonly clientAddress: ByteString;
  readonly clientPort: number;
  readonly serverAddress: ByteString;
  readonly serverPort: number;
}

/** What one descriptor refers to. A change makes a new entry, for tables that were copied at a fork share entries. */
export interface FdEntry {
  readonly type: FdType;
  readonly name: ByteString;
  /** The path as it was passed. */
  readonly rawName: ByteString;
  /** PPM_O_* */
  readonly openFlags: number;
  /** major << 20 | minor */
  readonly dev: number;
  readonly inode: bigint;
  /** Is dropped by an exec. */
  readonly closeOnExec: boolean;
  /** TRANSPORT */
  readonly transport: number;
  /** Of ip sockets with a peer or traffic; while the role is none, the local end stands as the client. */
  readonly tuple: Tuple | undefined;
  readonly role: FdRole;
  /** Bound to a port: the tuple has only its server end. */
  readonly listening: boolean;
  readonly connected: boolean;
}

type Changes = Partial<Omit<FdEntry, 'tuple'>> & { readonly tuple?: Tuple | undefined };

/** An entry with what differs from a plain one. All have the same members in the same order. */
export function fdEntry(type: FdType, more: Changes = NOTHING): FdEntry {
  return {
    type,
    name: more.name ?? '',
    rawName: more.rawName ?? '',
    openFlags: more.openFlags ?? 0,
    dev: more.dev ?? 0,
    inode: more.inode ?? 0n,
    closeOnExec: more.closeOnExec ?? false,
    transport: more.transport ?? TRANSPORT.unknown,
    tuple: more.tuple,
    role: more.role ?? 'none',
    listening: more.listening ?? false,
    connected: more.connected ?? false,
  };
}

const NOTHING: Changes = {};

export function changed(entry: FdEntry, more: Changes): FdEntry {
  return {
    type: more.type ?? entry.type,
    name: more.name ?? entry.name,
    rawName: more.rawName ?? entry.rawName,
    openFlags: more.openFlags ?? entry.openFlags,
    dev: more.dev ?? entry.dev,
    inode: more.inode ?? entry.inode,
    closeOnExec: more.closeOnExec ?? entry.closeOnExec,
    transport: more.transport ?? entry.transport,
    tuple: more.tuple ?? entry.tuple,
    role: more.role ?? entry.role,
    listening: more.listening ?? entry.listening,
    connected: more.connected ?? entry.connected,
  };
}

export function isIp(entry: FdEntry): boolean {
  return entry.type === 'ipv4' || entry.type === 'ipv6';
}

export function layerOf({ openFlags }: FdEntry): 'none' | 'upper' | 'lower' {
  if ((openFlags & UPPER_LAYER) !== 0) return 'upper';
  return (openFlags & LOWER_LAYER) !== 0 ? 'lower' : 'none';
}

/** As it is shown: while its ends are not known, the transport of an ip socket is not told, but for raw ones. */
export function shownTransport({ transport, role, listening }: FdEntry): number {
  return role !== 'none' || listening || transport === TRANSPORT.raw ? transport : TRANSPORT.none;
}

/** `client->server` of a connection. */
export function tupleText({ clientAddress, clientPort, serverAddress, serverPort }: Tuple): ByteString {
  return `${addressText(clientAddress)}:${clientPort}->${addressText(serverAddress)}:${serverPort}`;
}

export function swapped({ clientAddress, clientPort, serverAddress, serverPort }: Tuple): Tuple {
  return {
    clientAddress: serverAddress,
    clientPort: serverPort,
    serverAddress: clientAddress,
    serverPort: clientPort,
  };
}

export function sameTuple(a: Tuple | undefined, b: Tuple): boolean {
  return (
    a !== undefined &&
    a.clientPort === b.clientPort &&
    a.serverPort === b.serverPort &&
    a.clientAddress === b.clientAddress &&
    a.serverAddress === b.serverAddress
  );
}

/** A device number as user space sees it, as the kernel keeps it (major << 20 | minor). */
export function decodeDevice(encoded: number): number {
  const major = (encoded & 0xfff00) >>> 8;
  const minor = (encoded & 0xff) | ((encoded >>> 12) & 0xfff00);
  return ((major << 20) | minor) >>> 0;
}
