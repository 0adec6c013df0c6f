import { Damage } from './damage.ts';
import type { Record } from './record.ts';
import type { FdRecord } from './state-records.ts';

/** Numbers of the kinds of descriptors. */
export const FD_KIND = {
  unknown: 0,
  file: 1,
  directory: 2,
  ipv4: 3,
  ipv6: 4,
  ipv4Server: 5,
  ipv6Server: 6,
  fifo: 7,
  unix: 8,
  event: 9,
  unsupported: 10,
  signalfd: 11,
  eventpoll: 12,
  inotify: 13,
  timerfd: 14,
  netlink: 15,
  fileV2: 16,
  bpf: 17,
  userfaultfd: 18,
  ioUring: 19,
  memfd: 20,
  pidfd: 21,
} as const;

const NAME_MAX = 1023;

type Part = Partial<FdRecord>;

const NONE: Omit<FdRecord, 'fd' | 'inode' | 'type'> = {
  name: '',
  openFlags: 0,
  dev: 0,
  localAddress: '',
  localPort: 0,
  remoteAddress: '',
  remotePort: 0,
  transport: 0,
  source: 0n,
  destination: 0n,
};

/** One record of a descriptor list. A kind that is not known is kept as unsupported where the record tells its length. */
export function readFd(record: Record, version: number): FdRecord {
  const fd = record.s64();
  const inode = record.u64();
  const type = record.u8();
  const isKnown = type <= FD_KIND.pidfd;
  if (!isKnown && version === 1) {
    throw new Damage(`descriptor ${fd} is of kind ${type}, which is not known, in a list without lengths`);
  }
  const more = isKnown ? readKind(record, type, version) : {};
  return { fd, inode, type: isKnown ? type : FD_KIND.unsupported, ...NONE, ...more };
}

function readKind(record: Record, type: number, version: number): Part {
  switch (type) {
    case FD_KIND.unknown:
      return {};
    case FD_KIND.ipv4:
      return readConnection(record, 4);
    case FD_KIND.ipv6:
      return readConnection(record, 16);
    case FD_KIND.ipv4Server:
      return readServer(record, 4);
    case FD_KIND.ipv6Server:
      return readServer(record, 16);
    case FD_KIND.unix:
      return { source: record.u64(), destination: record.u64(), name: readName(record) };
    case FD_KIND.fileV2: {
      const file = { openFlags: record.u32(), name: readName(record) };
      return version >= 2 && record.left >= 4 ? { ...file, dev: record.u32() } : file;
    }
    default:
      return { name: readName(record) };
  }
}

function readName(record: Record): string {
  return record.text(NAME_MAX, 'the name of a descriptor');
}

function readConnection(record: Record, width: number): Part {
  return {
    localAddress: record.bytes(width),
    remoteAddress: record.bytes(width),
    localPort: record.u16(),
    remotePort: record.u16(),
    transport: record.u8(),
  };
}

function readServer(record: Record, width: number): Part {
  return { localAddress: record.bytes(width), localPort: record.u16(), transport: record.u8() };
}
