import { Damage } from './damage.ts';
import type { Record } from './record.ts';
import type { GroupRecord, InterfaceRecord, UserRecord } from './state-records.ts';

const TEXT_MAX = 255;
const INTERFACE_NAME_MAX = 1023;

/** One record of a user list: a user or a group. */
export function readAccount(record: Record): { user: UserRecord } | { group: GroupRecord } {
  const text = (what: string) => record.text(TEXT_MAX, what);
  if (record.u8() !== 0) return { group: { gid: record.u32(), name: text('the name of a group') } };
  return {
    user: {
      uid: record.u32(),
      gid: record.u32(),
      name: text('the name of a user'),
      home: text('the home of a user'),
      shell: text('the shell of a user'),
    },
  };
}

/** One record of an interface list: kinds 1 and 3 are IPv4, 2 and 4 IPv6; the first of each also tells the speed. */
export function readInterface(record: Record): InterfaceRecord {
  const kind = record.u16();
  if (kind < 1 || kind > 4) throw new Damage(`an interface is of kind ${kind}, 1 to 4 are known`);
  const nameBytes = record.u16();
  if (nameBytes > INTERFACE_NAME_MAX) {
    throw new Damage(`the name of an interface has ${nameBytes} bytes, at most ${INTERFACE_NAME_MAX} are allowed`);
  }
  const width = kind === 1 || kind === 3 ? 4 : 16;
  const address = record.bytes(width);
  const netmask = record.bytes(width);
  record.bytes(width);
  if (kind <= 2) record.u64();
  return { address, netmask, name: record.bytes(nameBytes) };
}
