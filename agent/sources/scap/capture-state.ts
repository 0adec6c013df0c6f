import type { ByteString } from '../../events/bytestring.ts';
import type { FdType } from '../../events/event.ts';
import type { ContainerIdentity } from '../../events/process.ts';
import { addressText, isMappedAddress } from '../../lib/address.ts';
import { CaptureAccounts } from './accounts.ts';
import { CaptureContainers } from './containers.ts';
import { decodeDevice, type FdEntry, fdEntry, swapped, TRANSPORT, tupleText } from './fd-entry.ts';
import { FD_KIND } from './fd-list.ts';
import type { FdRecord, InterfaceRecord, MachineRecord } from './state-records.ts';
import { ThreadTable } from './thread-table.ts';
import { unmapped } from './tuple.ts';

export interface CaptureStateOptions {
  /** Container of a cgroup path; the host's where it is none. */
  readonly containerOfPath: (path: ByteString) => ContainerIdentity;
  readonly limitBytes: number;
  readonly fdLimit: number;
}

/** More than any machine has. */
const INTERFACES_MAX = 10_000;

/** What is known at the capture's present moment: its threads with their descriptors, accounts, interfaces. */
export class CaptureState {
  readonly threads: ThreadTable;
  readonly accounts = new CaptureAccounts();
  readonly containers: CaptureContainers;
  machine: MachineRecord | undefined;
  interfaces: InterfaceRecord[] = [];
  readonly #ownAddresses = new Set<ByteString>();
  /** Ports that some process listened on when the capture began. */
  readonly #serverPorts = new Set<number>();

  constructor(options: CaptureStateOptions) {
    const { limitBytes, fdLimit, containerOfPath } = options;
    this.containers = new CaptureContainers(containerOfPath);
    this.threads = new ThreadTable({ container: (cgroups) => this.containers.of(cgroups), limitBytes, fdLimit });
  }

  /** A new section tells everything anew. */
  clear(): void {
    this.threads.clear();
    this.accounts.clear();
    this.containers.clear();
    this.interfaces = [];
    this.#ownAddresses.clear();
    this.#serverPorts.clear();
  }

  setMachine(machine: MachineRecord): void {
    this.machine = machine;
    this.threads.bootNs = machine.bootNs;
  }

  get bootNs(): bigint {
    return this.threads.bootNs;
  }

  addInterface(record: InterfaceRecord): void {
    if (this.interfaces.length >= INTERFACES_MAX) return;
    this.interfaces.push(record);
    this.#ownAddresses.add(record.address);
  }

  /** The address that this machine would send from to a destination: of the same net, else any but the loopback's. */
  sourceTo(destination: ByteString): ByteString | undefined {
    if (this.#ownAddresses.has(destination)) return destination;
    const same = this.interfaces.filter(({ address }) => address.length === destination.length);
    const near = same.find(({ address, netmask }) => sameNet(address, destination, netmask));
    return (near ?? same.find(({ address }) => !isLoopback(address)))?.address;
  }

  /** Whether the client end of a connection has an address of the recorded machine; else its server end is local. */
  clientIsLocal(entry: FdEntry | undefined): boolean {
    const { tuple, listening = false } = entry ?? {};
    if (tuple === undefined) return true;
    return !listening && this.#ownAddresses.has(tuple.clientAddress);
  }

  /** A descriptor of the descriptor lists. Those of a thread that is not known are dropped. */
  addFd(tid: number, record: FdRecord): void {
    const thread = this.threads.get(tid);
    if (thread === undefined) return;
    const entry = entryOf(record);
    if (entry.listening && entry.tuple !== undefined) this.#serverPorts.add(entry.tuple.serverPort);
    thread.fds.set(record.fd, entry);
  }

  /** The lists are complete: which end of the connections is the client follows from the ports that are listened on. */
  complete(): void {
    this.threads.link();
    for (const thread of this.threads.values()) {
      for (const [fd, entry] of thread.ownFds.entries) {
        const { tuple } = entry;
        if (entry.type !== 'ipv4' || entry.listening || tuple === undefined) continue;
        const isServer = this.#serverPorts.has(tuple.clientPort);
        const ends = isServer ? swapped(tuple) : tuple;
        const role = isServer ? 'server' : 'client';
        thread.ownFds.set(fd, { ...entry, role, tuple: ends, name: tupleText(ends) });
      }
    }
  }
}

function sameNet(a: ByteString, b: ByteString, netmask: ByteString): boolean {
  for (let i = 0; i < a.length; i++) {
    const mask = netmask.charCodeAt(i);
    if ((a.charCodeAt(i) & mask) !== (b.charCodeAt(i) & mask)) return false;
  }
  return true;
}

function isLoopback(address: ByteString): boolean {
  return address === '\x7f\0\0\x01' || address === `${'\0'.repeat(15)}\x01`;
}

const TYPES: { readonly [kind: number]: FdType } = {
  [FD_KIND.unknown]: 'unknown',
  [FD_KIND.file]: 'file',
  [FD_KIND.directory]: 'directory',
  [FD_KIND.ipv4]: 'ipv4',
  [FD_KIND.ipv6]: 'ipv6',
  [FD_KIND.ipv4Server]: 'ipv4',
  [FD_KIND.ipv6Server]: 'ipv6',
  [FD_KIND.fifo]: 'pipe',
  [FD_KIND.unix]: 'unix',
  [FD_KIND.event]: 'event',
  [FD_KIND.unsupported]: 'unsupported',
  [FD_KIND.signalfd]: 'signalfd',
  [FD_KIND.eventpoll]: 'eventpoll',
  [FD_KIND.inotify]: 'inotify',
  [FD_KIND.timerfd]: 'timerfd',
  [FD_KIND.netlink]: 'netlink',
  [FD_KIND.fileV2]: 'file',
  [FD_KIND.bpf]: 'bpf',
  [FD_KIND.userfaultfd]: 'userfaultfd',
  [FD_KIND.ioUring]: 'io_uring',
  [FD_KIND.memfd]: 'memfd',
  [FD_KIND.pidfd]: 'pidfd',
};

function entryOf(record: FdRecord): FdEntry {
  const { type: kind, inode, transport } = record;
  const type = TYPES[kind] ?? 'unsupported';
  switch (kind) {
    case FD_KIND.ipv4:
    case FD_KIND.ipv6:
      return connectionOf(record);
    case FD_KIND.ipv4Server:
    case FD_KIND.ipv6Server: {
      const { localAddress: serverAddress, localPort: serverPort } = record;
      const name = `${addressText(serverAddress)}:${serverPort}`;
      const tuple = { clientAddress: '', clientPort: 0, serverAddress, serverPort };
      return fdEntry(type, { name, inode, transport, tuple, role: 'server', listening: true });
    }
    case FD_KIND.unix:
      return fdEntry(type, { name: record.name, inode, role: record.name === '' ? 'client' : 'server' });
    default:
      return fdEntry(type, {
        name: record.name,
        inode,
        openFlags: record.openFlags,
        dev: decodeDevice(record.dev),
      });
  }
}

/** The local end stands as the client until the server ports are known. */
function connectionOf({
  type,
  inode,
  transport,
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
}: FdRecord): FdEntry {
  const isV4 = type === FD_KIND.ipv4 || (isMappedAddress(localAddress) && isMappedAddress(remoteAddress));
  const tuple = {
    clientAddress: isV4 ? unmapped(localAddress) : localAddress,
    clientPort: localPort,
    serverAddress: isV4 ? unmapped(remoteAddress) : remoteAddress,
    serverPort: remotePort,
  };
  return fdEntry(isV4 ? 'ipv4' : 'ipv6', {
    name: tupleText(tuple),
    inode,
    transport,
    tuple,
    connected: transport === TRANSPORT.tcp,
  });
}
