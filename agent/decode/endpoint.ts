import type { ByteString } from '../events/bytestring.ts';
import type { EndpointFacts, FdRole, FdType, FileFacts, SocketFacts } from '../events/event.ts';
import { addressText, isZeroAddress } from '../lib/address.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX } from './socket-view.ts';

const S_IFMT = 0o170000;
const S_IFIFO = 0o010000;
const S_IFDIR = 0o040000;
const TCP_LISTEN = 10;
/** Below this no kernel picks a port by itself (ip_local_port_range by default begins at 32768). */
const EPHEMERAL_FROM = 32768;

/** Labels of anonymous inodes, as far as fd.type has a word for them. bpf-map, bpf-prog and bpf_link are all bpf. */
const ANONYMOUS: readonly (readonly [prefix: string, type: FdType])[] = [
  ['[eventfd', 'event'],
  ['[eventpoll', 'eventpoll'],
  ['inotify', 'inotify'],
  ['[signalfd', 'signalfd'],
  ['[timerfd', 'timerfd'],
  ['[userfaultfd', 'userfaultfd'],
  ['[io_uring', 'io_uring'],
  ['[pidfd', 'pidfd'],
  ['pidfd', 'pidfd'],
  ['bpf', 'bpf'],
  ['btf', 'bpf'],
];

export function fileType(file: FileFacts): FdType {
  if (file.memfd) return 'memfd';
  const format = file.mode & S_IFMT;
  if (format === S_IFDIR) return 'directory';
  if (file.hasPath) return 'file';
  if (format === S_IFIFO) return 'pipe';
  const label = file.namespacePath.replace(/^anon_inode:/, '');
  return ANONYMOUS.find(([prefix]) => label.startsWith(prefix))?.[1] ?? 'unknown';
}

/** fd.name of a file: its path, the name given to a memfd, nothing for what has no path. */
export function fileName(file: FileFacts): ByteString {
  if (file.memfd) return file.namespacePath.replace(/^\/?(memfd:)?/, '').replace(/ \(deleted\)$/, '');
  return file.hasPath ? file.path : '';
}

export function socketType(socket: SocketFacts): FdType {
  switch (socket.family) {
    case AF_INET:
      return 'ipv4';
    case AF_INET6:
      return 'ipv6';
    case AF_UNIX:
      return 'unix';
    case AF_NETLINK:
      return 'netlink';
    default:
      return 'unknown';
  }
}

export function isIp(socket: SocketFacts): boolean {
  return socket.family === AF_INET || socket.family === AF_INET6;
}

export function isListening(socket: SocketFacts): boolean {
  return isIp(socket) && socket.state === TCP_LISTEN;
}

/** True when the socket has a peer. */
export function hasRemote(socket: SocketFacts): boolean {
  return isIp(socket) && (socket.remotePort !== 0 || !isZeroAddress(socket.remoteAddress));
}

/**
 * Which end of a connection this is, where the event does not tell (dup, send): the end with the port that no kernel
 * hands out by itself is the server; between two alike, the lower one.
 */
export function guessRole(socket: SocketFacts): FdRole {
  if (isListening(socket)) return 'server';
  if (!hasRemote(socket)) return 'none';
  const localPicked = socket.localPort >= EPHEMERAL_FROM;
  const remotePicked = socket.remotePort >= EPHEMERAL_FROM;
  if (localPicked !== remotePicked) return localPicked ? 'client' : 'server';
  return socket.localPort < socket.remotePort ? 'server' : 'client';
}

/** fd.name of a socket: client->server, the bound address alone, or a path. */
export function socketName(socket: SocketFacts, role: FdRole): ByteString {
  if (socket.family === AF_UNIX) return (role === 'server' ? undefined : socket.unixPeerPath) ?? socket.unixPath ?? '';
  if (!isIp(socket)) return '';
  const local = `${addressText(socket.localAddress)}:${socket.localPort}`;
  if (!hasRemote(socket)) return socket.localPort === 0 ? '' : local;
  const remote = `${addressText(socket.remoteAddress)}:${socket.remotePort}`;
  return role === 'server' ? `${remote}->${local}` : `${local}->${remote}`;
}

/** Transport of an ip socket as fd.l4proto says it; undefined for other sockets and protocols. */
export function transport(socket: SocketFacts): 'tcp' | 'udp' | 'icmp' | 'raw' | undefined {
  if (!isIp(socket)) return undefined;
  switch (socket.type) {
    case 1:
      return 'tcp';
    case 2:
      return socket.protocol === 1 || socket.protocol === 58 ? 'icmp' : 'udp';
    case 3:
      return 'raw';
    default:
      return undefined;
  }
}

/** Kind and name of what a descriptor refers to, kept: a copy, not a view. */
export function endpointOf(file: FileFacts | undefined, socket: SocketFacts | undefined): EndpointFacts | undefined {
  if (socket !== undefined) return { type: socketType(socket), name: socketName(socket, guessRole(socket)) };
  if (file !== undefined) return { type: fileType(file), name: fileName(file) };
  return undefined;
}
