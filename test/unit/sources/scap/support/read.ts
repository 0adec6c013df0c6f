import { BlockReader, type BlockStats } from '../../../../../agent/sources/scap/block-reader.ts';
import { Damage } from '../../../../../agent/sources/scap/damage.ts';
import type {
  FdRecord,
  GroupRecord,
  InterfaceRecord,
  MachineRecord,
  ProcessRecord,
  UserRecord,
} from '../../../../../agent/sources/scap/state-records.ts';
import { Window } from '../../../../../agent/sources/scap/window.ts';

export interface ReadEvent {
  readonly code: number;
  readonly tid: number;
  readonly cpu: number;
  readonly flags: number;
  readonly timeNs: bigint;
  readonly params: readonly string[];
}

/** All that a capture holds, in lists. */
export interface Contents {
  readonly stats: BlockStats;
  readonly machines: MachineRecord[];
  readonly processes: ProcessRecord[];
  readonly fds: (FdRecord & { readonly tid: number })[];
  readonly interfaces: InterfaceRecord[];
  readonly users: UserRecord[];
  readonly groups: GroupRecord[];
  readonly events: ReadEvent[];
  readonly error: { readonly message: string; readonly offset: number } | undefined;
}

/** Reads a capture's blocks, given in chunks of a size. */
export function readBlocks(bytes: Buffer, chunkBytes = bytes.length): Contents {
  const window = new Window(1 << 24);
  const lists = {
    machines: [] as MachineRecord[],
    processes: [] as ProcessRecord[],
    fds: [] as (FdRecord & { readonly tid: number })[],
    interfaces: [] as InterfaceRecord[],
    users: [] as UserRecord[],
    groups: [] as GroupRecord[],
    events: [] as ReadEvent[],
  };
  const reader = new BlockReader(
    window,
    {
      section: () => {},
      machine: (record) => lists.machines.push(record),
      process: (record) => lists.processes.push(record),
      fd: (tid, record) => lists.fds.push({ ...record, tid }),
      networkInterface: (record) => lists.interfaces.push(record),
      user: (record) => lists.users.push(record),
      group: (record) => lists.groups.push(record),
      stateComplete: () => {},
      event: (frame) => {
        const { code, tid, cpu, flags, timeNs, count, buffer } = frame;
        const params = Array.from({ length: count }, (_, i) => {
          const from = frame.offsets[i] ?? 0;
          return buffer.toString('latin1', from, from + (frame.lengths[i] ?? 0));
        });
        lists.events.push({ code, tid, cpu, flags, timeNs, params });
      },
    },
    1 << 20,
  );
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      window.append(bytes.subarray(at, at + chunkBytes));
      reader.run();
    }
    reader.finish();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    const { message, offset = reader.blockOffset } = error;
    return { ...lists, stats: reader.stats, error: { message, offset } };
  }
  return { ...lists, stats: reader.stats, error: undefined };
}
