import type { FdType } from '../../events/event.ts';
import { addressText, isZeroAddress } from '../../lib/address.ts';
import type { CaptureState } from './capture-state.ts';
import { exitCode } from './codes.ts';
import type { EventFrame } from './event-frame.ts';
import {
  changed,
  type FdEntry,
  fdEntry,
  isIp,
  sameTuple,
  swapped,
  TRANSPORT,
  type Tuple,
  tupleText,
} from './fd-entry.ts';
import type { FdTable } from './fd-table.ts';
import type { Effect } from './moment.ts';
import { FAMILY, readAddress, readTuple, type SocketTuple, unixText, unmapped } from './tuple.ts';

const EINPROGRESS = -115;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
/** Flags that are passed in a socket's type. */
const SOCK_CLOEXEC = 0x8_0000;
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_RAW = 255;

function transportOf(type: number, protocol: number): number {
  if (type === SOCK_RAW) return TRANSPORT.raw;
  switch (protocol) {
    case IPPROTO_TCP:
      return TRANSPORT.tcp;
    case IPPROTO_UDP:
      return TRANSPORT.udp;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return TRANSPORT.icmp;
    case IPPROTO_RAW:
      return TRANSPORT.raw;
    case 0:
      return type === SOCK_STREAM ? TRANSPORT.tcp : type === SOCK_DGRAM ? TRANSPORT.udp : TRANSPORT.unknown;
    default:
      return TRANSPORT.unknown;
  }
}

function typeOfFamily(family: number): FdType {
  switch (family) {
    case FAMILY.unix:
      return 'unix';
    case FAMILY.inet:
      return 'ipv4';
    case FAMILY.inet6:
      return 'ipv6';
    case AF_NETLINK:
      return 'netlink';
    default:
      return 'unknown';
  }
}

const made: Effect = ({ frame, fd }, thread) => {
  const number = frame.s64(0, -1);
  if (number < 0) return;
  const type = typeOfFamily(frame.u32(1, 0));
  const kind = frame.u32(2, 0);
  const isNetwork = type === 'ipv4' || type === 'ipv6';
  const entry = fdEntry(type, {
    transport: isNetwork ? transportOf(kind & 0xff, frame.u32(3, 0)) : TRANSPORT.unknown,
    closeOnExec: (kind & SOCK_CLOEXEC) !== 0,
  });
  thread.fds.set(number, entry);
  fd.tell(number, entry);
};

/** Puts a changed entry in the table and into the event. */
function put(fds: FdTable, number: number, entry: FdEntry, fd: { tell(number: number, entry: FdEntry): void }): void {
  fds.set(number, entry);
  fd.tell(number, entry);
}

const bound: Effect = ({ frame, fd }, thread) => {
  const number = frame.s64(2, -1);
  const entry = thread.fds.get(number);
  if (entry === undefined || frame.s64(0, -1) < 0) return;
  const address = readAddress(frame, 1);
  if (address === undefined) return;
  if (address.family === FAMILY.unix) {
    put(thread.fds, number, changed(entry, { type: 'unix', name: address.path }), fd);
  } else if (address.port > 0) {
    const serverAddress = unmapped(address.address);
    const tuple = { clientAddress: '', clientPort: 0, serverAddress, serverPort: address.port };
    const name = `${addressText(serverAddress)}:${address.port}`;
    const type = serverAddress.length === 4 ? 'ipv4' : 'ipv6';
    put(thread.fds, number, changed(entry, { type, name, tuple, role: 'server', listening: true }), fd);
  }
  fd.nameChanged = true;
};

const connected: Effect = ({ frame, fd }, thread) => {
  const number = frame.s64(2, -1);
  const result = frame.s64(0, -1);
  const entry = thread.fds.get(number);
  if (entry === undefined || (result < 0 && result !== EINPROGRESS)) return;
  const ends = readTuple(frame, 1);
  const known = changed(entry, { connected: true });
  put(thread.fds, number, ends === undefined ? known : connectedTo(known, withOldPeer(entry, ends)), fd);
  fd.nameChanged = ends !== undefined;
};

/** A socket that was bound stays the server of the datagrams that it sends. */
function connectedTo(entry: FdEntry, ends: SocketTuple): FdEntry {
  if (entry.role !== 'server' || entry.transport !== TRANSPORT.udp || ends.tuple === undefined) {
    return withEnds(entry, ends, 'client');
  }
  return withEnds(entry, { ...ends, tuple: swapped(ends.tuple) }, 'server');
}

/** A connect that takes the peer away leaves it in the name. */
function withOldPeer({ tuple: old, listening }: FdEntry, ends: SocketTuple): SocketTuple {
  const { tuple } = ends;
  if (old === undefined || listening || tuple === undefined || !isZeroAddress(tuple.serverAddress)) return ends;
  return {
    ...ends,
    tuple: { ...tuple, serverAddress: old.serverAddress, serverPort: tuple.serverPort || old.serverPort },
  };
}

function withEnds(entry: FdEntry, ends: SocketTuple, role: 'client' | 'server'): FdEntry {
  if (ends.tuple === undefined) return changed(entry, { type: 'unix', name: unixText(ends), role });
  const type = typeOfFamily(ends.family);
  return changed(entry, { type, name: tupleText(ends.tuple), tuple: ends.tuple, role, listening: false });
}

const accepted: Effect = ({ frame, fd }, thread) => {
  const number = frame.s64(0, -1);
  if (number < 0) return;
  const ends = readTuple(frame, 1);
  if (ends === undefined) return;
  const isNetwork = ends.tuple !== undefined;
  const plain = fdEntry('unknown', { transport: isNetwork ? TRANSPORT.tcp : TRANSPORT.unknown, connected: true });
  put(thread.fds, number, withEnds(plain, ends, 'server'), fd);
  fd.nameChanged = true;
};

/** Calls that send or receive: places of the descriptor and of the addresses (-1 = none are given). */
const moved =
  (fdAt: number, tupleAt: number, incoming: boolean): Effect =>
  ({ frame, fd, state }, thread) => {
    const number = frame.s64(fdAt, -1);
    const entry = thread.fds.get(number);
    fd.tell(number, entry);
    if (entry === undefined || frame.s64(0, -1) < 0) return;
    const ends = tupleAt >= 0 && mayChange(entry) ? trafficEnds(frame, tupleAt) : undefined;
    const next = afterTraffic(entry, ends, incoming, thread.fds, state);
    if (next === entry) return;
    put(thread.fds, number, next, fd);
    fd.nameChanged = next.name !== entry.name;
  };

/** Addresses of datagrams may change with each; a stream has its own for good. */
function mayChange(entry: FdEntry): boolean {
  return entry.name === '' || entry.transport !== TRANSPORT.tcp;
}

function trafficEnds(frame: EventFrame, place: number): SocketTuple | undefined {
  return place < frame.count && frame.lengths[place] !== 0 ? readTuple(frame, place) : undefined;
}

function afterTraffic(
  entry: FdEntry,
  ends: SocketTuple | undefined,
  incoming: boolean,
  fds: FdTable,
  state: CaptureState,
): FdEntry {
  if (ends?.family === FAMILY.unix) {
    const name = unixText(ends);
    return name === entry.name ? entry : changed(entry, { type: 'unix', name });
  }
  if (ends?.tuple !== undefined) {
    const next = withTraffic(entry, ends, ends.tuple, incoming, fds, state);
    return incoming || next.connected ? next : changed(next, { connected: true });
  }
  if (!isIp(entry) || entry.listening || entry.tuple === undefined || entry.role !== 'none') return entry;
  return changed(entry, { role: guessRole(entry.tuple, incoming, fds) });
}

/** Addresses of a call are local first when it sends and remote first when it receives. */
function withTraffic(
  entry: FdEntry,
  ends: SocketTuple,
  told: Tuple,
  incoming: boolean,
  fds: FdTable,
  state: CaptureState,
): FdEntry {
  const isKnown = !entry.listening && (sameTuple(entry.tuple, told) || sameTuple(entry.tuple, swapped(told)));
  if (isKnown) return entry;
  const role = entry.role === 'none' ? guessRole(told, incoming, fds) : entry.role;
  const ordered = withSource(role === (incoming ? 'client' : 'server') ? swapped(told) : told, state);
  return changed(entry, {
    type: typeOfFamily(ends.family),
    name: tupleText(ordered),
    tuple: ordered,
    role,
    listening: false,
  });
}

/** A source that the kernel had not chosen yet follows from the destination and the machine's interfaces. */
function withSource(tuple: Tuple, state: CaptureState): Tuple {
  const { clientAddress, serverAddress } = tuple;
  if (!isZeroAddress(clientAddress) || isZeroAddress(serverAddress)) return tuple;
  return { ...tuple, clientAddress: state.sourceTo(serverAddress) ?? clientAddress };
}

/** A process that has bound the destination's port may be the server: who begins by receiving is. */
function guessRole(tuple: Tuple, incoming: boolean, fds: FdTable): 'client' | 'server' {
  return incoming && tuple.serverAddress.length === 4 && fds.isBoundTo(tuple.serverPort) ? 'server' : 'client';
}

/** What calls on sockets do to the table of descriptors. */
export const SOCKET_EFFECTS: readonly (readonly [code: number, effect: Effect])[] = [
  [exitCode('socket'), made],
  [exitCode('bind'), bound],
  [exitCode('connect'), connected],
  [exitCode('accept'), accepted],
  [exitCode('accept4'), accepted],
  [exitCode('send'), moved(2, 4, false)],
  [exitCode('sendto'), moved(2, 4, false)],
  [exitCode('sendmsg'), moved(2, 4, false)],
  [exitCode('sendmmsg'), moved(1, 4, false)],
  [exitCode('recv'), moved(2, 4, true)],
  [exitCode('recvfrom'), moved(3, 2, true)],
  [exitCode('recvmsg'), moved(5, 3, true)],
  [exitCode('recvmmsg'), moved(1, 4, true)],
  [exitCode('read'), moved(2, -1, true)],
  [exitCode('write'), moved(2, -1, false)],
  [exitCode('readv'), moved(3, -1, true)],
  [exitCode('writev'), moved(2, -1, false)],
];
