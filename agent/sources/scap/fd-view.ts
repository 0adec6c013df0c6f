import type { ByteString } from '../../events/bytestring.ts';
import {
  FD_TYPES,
  type FdFacts,
  type FdRole,
  type FdType,
  type FileFacts,
  type SocketFacts,
  type Unsigned64,
} from '../../events/event.ts';
import { type FdEntry, isIp, layerOf, shownTransport, TRANSPORT } from './fd-entry.ts';
import { FAMILY } from './tuple.ts';

const TWO_53 = 1n << 53n;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;

/** An open file as far as captures tell of it. */
export class ScapFile implements FileFacts {
  entry: FdEntry | undefined;
  readonly hasPath = true;
  readonly mode = 0;
  readonly links = 0;
  readonly uid = 0;
  readonly gid = 0;
  readonly ctimeNs = 0n;
  readonly mtimeNs = 0n;
  readonly deleted = false;

  get path(): ByteString {
    return this.entry?.name ?? '';
  }

  get namespacePath(): ByteString {
    return this.path;
  }

  get inode(): Unsigned64 {
    return narrow(this.entry?.inode ?? 0n);
  }

  get dev(): number {
    return this.entry?.dev ?? 0;
  }

  get openFlags(): number {
    return this.entry?.openFlags ?? 0;
  }

  get layer(): 'none' | 'upper' | 'lower' {
    return this.entry === undefined ? 'none' : layerOf(this.entry);
  }

  get memfd(): boolean {
    return this.entry?.type === 'memfd';
  }

  get created(): boolean {
    return (this.openFlags & CREATED) !== 0;
  }
}

const CREATED = 16384;

/** A socket as far as captures tell of it. */
export class ScapSocket implements SocketFacts {
  entry: FdEntry | undefined;
  clientIsLocal = true;
  readonly state = 0;
  readonly unixPeerPath = undefined;

  get family(): number {
    switch (this.entry?.type) {
      case 'ipv4':
        return FAMILY.inet;
      case 'ipv6':
        return FAMILY.inet6;
      default:
        return FAMILY.unix;
    }
  }

  get type(): number {
    switch (this.entry === undefined ? TRANSPORT.none : shownTransport(this.entry)) {
      case TRANSPORT.tcp:
        return SOCK_STREAM;
      case TRANSPORT.udp:
      case TRANSPORT.icmp:
        return SOCK_DGRAM;
      case TRANSPORT.raw:
        return SOCK_RAW;
      default:
        return 0;
    }
  }

  get protocol(): number {
    return this.entry?.transport === TRANSPORT.icmp ? IPPROTO_ICMP : 0;
  }

  get localAddress(): ByteString {
    const tuple = this.entry?.tuple;
    return (this.clientIsLocal ? tuple?.clientAddress : tuple?.serverAddress) ?? '';
  }

  get localPort(): number {
    const tuple = this.entry?.tuple;
    return (this.clientIsLocal ? tuple?.clientPort : tuple?.serverPort) ?? 0;
  }

  get remoteAddress(): ByteString {
    const tuple = this.entry?.tuple;
    return (this.clientIsLocal ? tuple?.serverAddress : tuple?.clientAddress) ?? '';
  }

  get remotePort(): number {
    const tuple = this.entry?.tuple;
    return (this.clientIsLocal ? tuple?.serverPort : tuple?.clientPort) ?? 0;
  }

  get inode(): Unsigned64 {
    return narrow(this.entry?.inode ?? 0n);
  }

  get unixPath(): ByteString | undefined {
    return this.entry?.type === 'unix' ? this.entry.name : undefined;
  }
}

/** The descriptor of the present event. */
export class ScapFd implements FdFacts {
  number = -1;
  entry: FdEntry | undefined;
  nameChanged = false;
  /** The client end of its connection has an address of the recorded machine. */
  clientIsLocal = true;
  #name: ByteString = '';
  #rawName: ByteString = '';
  #guess: FdType = 'unknown';
  readonly #file = new ScapFile();
  readonly #socket = new ScapSocket();

  /** `name`, `rawName` and `guess` count where there is no entry. */
  set(number: number, entry: FdEntry | undefined, name: ByteString, rawName: ByteString, guess: FdType): void {
    this.number = number;
    this.entry = entry;
    this.#name = name;
    this.#rawName = rawName;
    this.#guess = guess;
    this.nameChanged = false;
  }

  get type(): FdType | undefined {
    return this.entry?.type;
  }

  get typeChar(): string {
    return FD_TYPES[this.entry?.type ?? this.#guess];
  }

  get name(): ByteString {
    return this.entry === undefined ? this.#name : this.entry.name;
  }

  get rawName(): ByteString {
    return this.entry === undefined ? this.#rawName : this.entry.rawName;
  }

  get file(): FileFacts | undefined {
    const { entry } = this;
    if (entry === undefined || isSocket(entry)) return undefined;
    this.#file.entry = entry;
    return this.#file;
  }

  get socket(): SocketFacts | undefined {
    const { entry } = this;
    if (entry === undefined || !isSocket(entry)) return undefined;
    this.#socket.entry = entry;
    this.#socket.clientIsLocal = this.clientIsLocal;
    return this.#socket;
  }

  get role(): FdRole {
    return this.entry?.role ?? 'none';
  }

  get listening(): boolean {
    return this.entry?.listening ?? false;
  }

  get connected(): boolean {
    return this.entry?.connected ?? false;
  }
}

function isSocket(entry: FdEntry): boolean {
  return isIp(entry) || entry.type === 'unix';
}

function narrow(value: bigint): Unsigned64 {
  return value < TWO_53 ? Number(value) : value;
}
