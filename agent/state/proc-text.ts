import type { ByteString } from '../events/bytestring.ts';

/** What the table needs of /proc/PID/stat. */
export interface StatFacts {
  readonly comm: ByteString;
  readonly ppid: number;
  readonly pgid: number;
  readonly session: number;
  /** major << 20 | minor; 0 = none. */
  readonly tty: number;
  /** ns since boot, in steps of 10 ms. */
  readonly startNs: number;
}

/** What the table needs of /proc/PID/status. */
export interface StatusFacts {
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly egid: number;
  readonly vpid: number;
  readonly capInheritable: number;
  readonly capPermitted: number;
  readonly capEffective: number;
}

/** USER_HZ is 100 on every architecture that is supported. */
const TICK_NS = 10_000_000;

/** The name may hold blanks and parentheses: it ends at the last one. */
export function parseStat(text: ByteString): StatFacts | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const numbers = text.slice(close + 2).split(' ');
  const at = (field: number): number => Number(numbers[field - 3]);
  const start = at(22);
  if (!Number.isFinite(start)) return undefined;
  return {
    comm: text.slice(open + 1, close),
    ppid: at(4),
    pgid: at(5),
    session: at(6),
    tty: kernelDevice(at(7)),
    startNs: start * TICK_NS,
  };
}

export function parseStatus(text: ByteString): StatusFacts | undefined {
  const value = (key: string): string[] => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(text)?.[1]?.split(/\s+/) ?? [];
  const [uid, euid] = value('Uid').map(Number);
  const [gid, egid] = value('Gid').map(Number);
  if (uid === undefined || euid === undefined || gid === undefined || egid === undefined) return undefined;
  const set = (key: string): number => Number(`0x${value(key)[0] ?? '0'}`);
  return {
    uid,
    euid,
    gid,
    egid,
    // The last one is of the innermost namespace.
    vpid: Number(value('NStgid').at(-1) ?? 0),
    capInheritable: set('CapInh'),
    capPermitted: set('CapPrm'),
    capEffective: set('CapEff'),
  };
}

/** From the encoding for user space (8 bits of the minor, 12 of the major, the rest) to the kernel's own. */
function kernelDevice(encoded: number): number {
  const major = (encoded >>> 8) & 0xfff;
  const minor = (encoded & 0xff) | ((encoded >>> 12) & 0xfff00);
  return ((major << 20) | minor) >>> 0;
}
