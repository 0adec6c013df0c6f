import type { Record } from './record.ts';
import type { ProcessRecord } from './state-records.ts';

const TEXT_MAX = 1024;
const LIST_MAX = 4096;
const NO_ID = 0xffff_ffff;
/** What may follow `root` in records of writers that did not yet have the two members before the login id. */
const SHORT_TAIL = 29;

/** One record of a process list. Of version 9 a record says itself how long it is, and what is missing is unknown. */
export function readProcess(record: Record, version: number): ProcessRecord {
  const since = <T>(first: number, read: () => T, missing: T): T => (version >= first ? read() : missing);
  const text = (what: string, limit = TEXT_MAX) => record.text(limit, what);
  return {
    tid: record.s64(),
    pid: record.s64(),
    ptid: record.s64(),
    session: since(6, () => record.s64(), -1),
    virtualGroup: since(8, () => record.s64(), -1),
    comm: text('comm'),
    exe: text('exe'),
    exePath: since(7, () => text('exepath'), ''),
    args: text('args', LIST_MAX),
    cwd: text('cwd'),
    fdLimit: record.s64(),
    flags: record.u32(),
    uid: record.u32(),
    gid: record.u32(),
    vmSize: since(2, () => record.u32(), 0),
    vmRss: since(2, () => record.u32(), 0),
    vmSwap: since(2, () => record.u32(), 0),
    majorFaults: since(2, () => record.s64(), 0),
    minorFaults: since(2, () => record.s64(), 0),
    env: since(3, () => text('env', LIST_MAX), ''),
    vtid: since(4, () => record.s64(), -1),
    vpid: since(4, () => record.s64(), -1),
    cgroups: since(4, () => text('cgroups', LIST_MAX), ''),
    root: since(5, () => text('root'), ''),
    ...readTail(record, version),
  };
}

type Tail = Pick<
  ProcessRecord,
  | 'namespaceStartNs'
  | 'tty'
  | 'loginuid'
  | 'exeWritable'
  | 'capInheritable'
  | 'capPermitted'
  | 'capEffective'
  | 'exeUpperLayer'
  | 'exeInode'
  | 'exeCtimeNs'
  | 'exeMtimeNs'
  | 'exeFromMemfd'
  | 'exeLowerLayer'
  | 'group'
>;

/** Members that were added one by one: each is there if the record still has room for it. */
function readTail(record: Record, version: number): Tail {
  let open = version >= 9;
  const optional = <T>(bytes: number, read: () => T, missing: T): T => {
    open &&= record.left >= bytes;
    return open ? read() : missing;
  };
  const big = () => optional(8, () => record.u64(), 0n);
  const number = () => optional(8, () => record.s64(), 0);
  const flag = () => optional(1, () => record.u8() !== 0, false);
  const isLong = record.left > SHORT_TAIL;
  return {
    namespaceStartNs: isLong ? big() : 0n,
    tty: isLong ? optional(4, () => record.u32(), 0) : 0,
    loginuid: optional(4, () => record.u32(), NO_ID),
    exeWritable: flag(),
    capInheritable: number(),
    capPermitted: number(),
    capEffective: number(),
    exeUpperLayer: flag(),
    exeInode: big(),
    exeCtimeNs: big(),
    exeMtimeNs: big(),
    exeFromMemfd: flag(),
    exeLowerLayer: flag(),
    group: optional(8, () => record.s64(), -1),
  };
}
