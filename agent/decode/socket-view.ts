import type { ByteString } from '../events/bytestring.ts';
import type { AddressFacts, SocketFacts, Unsigned64 } from '../events/event.ts';
import { isMappedAddress } from '../lib/address.ts';
import { eventNet, sockBlock } from './layout.gen.ts';
import type { RecordBytes } from './record-bytes.ts';

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;

const ADDRESS_BYTES = 16;

/** A socket block of the record that the cursor stands on. */
export class SocketView implements SocketFacts {
  readonly #record: RecordBytes;
  #at = 0;

  constructor(record: RecordBytes) {
    this.#record = record;
  }

  /** Looks at the block at this offset; undefined when it holds no socket. */
  at(offset: number): SocketView | undefined {
    this.#at = offset;
    return this.#record.u16(offset + sockBlock.family) === 0 ? undefined : this;
  }

  get family(): number {
    const family = this.#record.u16(this.#at + sockBlock.family);
    return family === AF_INET6 && this.#isMapped ? AF_INET : family;
  }

  get type(): number {
    return this.#record.u16(this.#at + sockBlock.type);
  }

  get protocol(): number {
    return this.#record.u16(this.#at + sockBlock.protocol);
  }

  get state(): number {
    return this.#record.u16(this.#at + sockBlock.state);
  }

  get localAddress(): ByteString {
    return this.#address(sockBlock.local);
  }

  get localPort(): number {
    return this.#record.u16(this.#at + sockBlock.localPort);
  }

  get remoteAddress(): ByteString {
    return this.#address(sockBlock.remote);
  }

  get remotePort(): number {
    return this.#record.u16(this.#at + sockBlock.remotePort);
  }

  get inode(): Unsigned64 {
    return this.#record.u64(this.#at + sockBlock.inode);
  }

  get unixPath(): ByteString | undefined {
    return this.#record.text(this.#at + sockBlock.unixPath);
  }

  get unixPeerPath(): ByteString | undefined {
    return this.#record.text(this.#at + sockBlock.unixPeerPath);
  }

  /** An IPv6 socket with an IPv4 peer; before it has one, its own address tells. */
  get #isMapped(): boolean {
    return (
      isMappedAddress(this.#record.raw(this.#at + sockBlock.remote, ADDRESS_BYTES)) ||
      isMappedAddress(this.#record.raw(this.#at + sockBlock.local, ADDRESS_BYTES))
    );
  }

  #address(member: number): ByteString {
    return addressOf(this.#record, this.#record.u16(this.#at + sockBlock.family), this.#at + member);
  }
}

/** The address argument of a net record. */
export class AddressView implements AddressFacts {
  readonly #record: RecordBytes;

  constructor(record: RecordBytes) {
    this.#record = record;
  }

  /** undefined when no address was passed. */
  get(): AddressView | undefined {
    return this.#record.u16(eventNet.addrFamily) === 0 ? undefined : this;
  }

  get family(): number {
    const family = this.#record.u16(eventNet.addrFamily);
    return family === AF_INET6 && this.address.length === 4 ? AF_INET : family;
  }

  get address(): ByteString {
    return addressOf(this.#record, this.#record.u16(eventNet.addrFamily), eventNet.addr);
  }

  get port(): number {
    return this.#record.u16(eventNet.addrPort);
  }

  get unixPath(): ByteString | undefined {
    return this.#record.text(eventNet.addrPath);
  }
}

/** A socket that is not connected, with the address that a datagram was sent to as its peer. */
export class AddressedSocket implements SocketFacts {
  #socket: SocketFacts | undefined;
  #address: AddressFacts | undefined;

  of(socket: SocketFacts, address: AddressFacts): AddressedSocket {
    this.#socket = socket;
    this.#address = address;
    return this;
  }

  get family(): number {
    return this.#address?.family ?? 0;
  }

  get type(): number {
    return this.#socket?.type ?? 0;
  }

  get protocol(): number {
    return this.#socket?.protocol ?? 0;
  }

  get state(): number {
    return this.#socket?.state ?? 0;
  }

  /** In the peer's family: an IPv6 socket that is bound to no address may send to an IPv4 one. */
  get localAddress(): ByteString {
    const local = this.#socket?.localAddress ?? '';
    const { length } = this.remoteAddress;
    return local.length === length ? local : '\0'.repeat(length);
  }

  get localPort(): number {
    return this.#socket?.localPort ?? 0;
  }

  get remoteAddress(): ByteString {
    return this.#address?.address ?? '';
  }

  get remotePort(): number {
    return this.#address?.port ?? 0;
  }

  get inode(): Unsigned64 {
    return this.#socket?.inode ?? 0;
  }

  get unixPath(): ByteString | undefined {
    return this.#socket?.unixPath;
  }

  get unixPeerPath(): ByteString | undefined {
    return this.#address?.unixPath;
  }
}

/** 4 or 16 bytes by the family; an IPv4-mapped address becomes 4; '' for other families. */
function addressOf(record: RecordBytes, family: number, at: number): ByteString {
  if (family === AF_INET) return record.raw(at, 4);
  if (family !== AF_INET6) return '';
  const address = record.raw(at, ADDRESS_BYTES);
  return isMappedAddress(address) ? address.slice(12) : address;
}
