import type { FdFacts, SocketFacts } from '../events/event.ts';
import type { MatchContext } from './context.ts';
import { type Field, fdField, missingField, SOCKET_KINDS } from './define.ts';
import type { FieldResult, FieldType } from './field.ts';

/** One end of a connection. */
interface End {
  readonly address: string;
  readonly port: number;
}

const NO_NAMES = 'addresses are not looked up in DNS';
const ENDPOINT = { scope: 'endpoint', kinds: SOCKET_KINDS } as const;
const COMPARED = { ...ENDPOINT, filterOnly: true, noTransformer: true, noRightSide: true } as const;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

function ipSocket(fd: FdFacts): SocketFacts | undefined {
  const { socket } = fd;
  return socket !== undefined && (socket.family === AF_INET || socket.family === AF_INET6) ? socket : undefined;
}

/** The ends of a connection: a socket that waits for some is not at one end of any. */
const connectedOnly = (of: (fd: FdFacts) => End | undefined) => (fd: FdFacts) => (fd.listening ? undefined : of(fd));

function local(fd: FdFacts): End | undefined {
  const socket = ipSocket(fd);
  return socket === undefined || fd.role === 'none'
    ? undefined
    : { address: socket.localAddress, port: socket.localPort };
}

/** A listening socket has no other end. */
function remote(fd: FdFacts): End | undefined {
  const socket = ipSocket(fd);
  if (socket === undefined || fd.role === 'none' || fd.listening) return undefined;
  return { address: socket.remoteAddress, port: socket.remotePort };
}

const client = (fd: FdFacts): End | undefined => (fd.clientIsLocal ? local(fd) : remote(fd));
const server = (fd: FdFacts): End | undefined => (fd.clientIsLocal ? remote(fd) : local(fd));

/** Both ends, without asking which is which; one for a socket that has no peer. What is no connection has none. */
function ends(fd: FdFacts): readonly End[] | undefined {
  if (fd.type === undefined) return undefined;
  const socket = ipSocket(fd);
  if (socket === undefined || fd.name === '') return [];
  const own = { address: socket.localAddress, port: socket.localPort };
  return fd.listening ? [own] : [own, { address: socket.remoteAddress, port: socket.remotePort }];
}

function transport(fd: FdFacts): string {
  const socket = ipSocket(fd);
  switch (socket?.type) {
    case SOCK_STREAM:
      return 'tcp';
    case SOCK_DGRAM:
      return socket.protocol === IPPROTO_ICMP || socket.protocol === IPPROTO_ICMPV6 ? 'icmp' : 'udp';
    case SOCK_RAW:
      return 'raw';
    default:
      return '<NA>';
  }
}

const service = (end: End | undefined, { machine }: MatchContext): FieldResult =>
  end === undefined ? undefined : (machine.service(end.port) ?? String(end.port));

/** Address, port, network and service of one end. */
function endFields(letter: string, which: string, of: (fd: FdFacts) => End | undefined): readonly Field[] {
  return [
    fdField(`fd.${letter}ip`, 'IPADDR', `Address of the ${which} end.`, (fd) => of(fd)?.address, ENDPOINT),
    fdField(`fd.${letter}port`, 'PORT', `Port of the ${which} end.`, (fd) => of(fd)?.port, ENDPOINT),
    fdField(
      `fd.${letter}net`,
      'IPNET',
      `Address of the ${which} end, to be compared with networks.`,
      (fd) => of(fd)?.address,
      COMPARED,
    ),
    fdField(
      `fd.${letter}proto`,
      'CHARBUF',
      `Service of the port of the ${which} end, or its number.`,
      (fd, c) => service(of(fd), c),
      ENDPOINT,
    ),
    missingField(`fd.${letter}ip.name`, 'CHARBUF', 'endpoint', `Host name of the ${which} end.`, NO_NAMES, {
      noTransformer: true,
      noRightSide: true,
    }),
  ];
}

/** A field that compares with either end. */
const both = (name: string, type: FieldType, doc: string, read: (end: End) => string | number): Field =>
  fdField(name, type, doc, (fd) => ends(fd)?.map(read), { ...COMPARED, candidates: 'both-ends' });

/** fd.*: connections. Which end is the client is known from connect and accept, else told from the ports. */
export const FD_NET_FIELDS: readonly Field[] = [
  both('fd.ip', 'IPADDR', 'Address of either end.', (end) => end.address),
  both('fd.port', 'PORT', 'Port of either end.', (end) => end.port),
  both('fd.net', 'IPNET', 'Address of either end, to be compared with networks.', (end) => end.address),
  both('fd.proto', 'PORT', 'Service of the port of either end.', (end) => end.port),
  ...endFields('c', 'client', client),
  ...endFields('s', 'server', server),
  ...endFields('l', 'local', connectedOnly(local)),
  ...endFields('r', 'remote', remote),
  fdField(
    'fd.l4proto',
    'CHARBUF',
    'Transport: tcp, udp, icmp or raw; the text <NA> for what has none.',
    (fd) => (fd.type === undefined ? undefined : transport(fd)),
    {
      scope: 'endpoint',
    },
  ),
  fdField(
    'fd.sockfamily',
    'CHARBUF',
    'ip or unix.',
    (fd) => (fd.type === 'unix' ? 'unix' : ipSocket(fd) === undefined ? undefined : 'ip'),
    ENDPOINT,
  ),
  fdField('fd.is_server', 'BOOL', 'Whether this end is the server.', (fd) =>
    fd.type === undefined ? undefined : fd.role === 'server',
  ),
  fdField('fd.connected', 'BOOL', 'Whether the socket has a peer; false for what is no socket.', (fd) =>
    fd.type === undefined ? undefined : fd.connected,
  ),
];
