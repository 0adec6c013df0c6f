import { statSync } from 'node:fs';
import { KIND_STRUCT } from '../../../agent/decode/kinds.ts';
import { eventFlags, eventLane } from '../../../agent/decode/layout.gen.ts';
import type { CollectedKind } from '../../../agent/events/kinds.ts';
import { arrayBytes, type MemberValue, readMember, type StructName } from './record.ts';

/** What a victim says of one act: by the member's path, with a few words of its own (see `CHECKS`). */
export interface Testimony {
  readonly kind: CollectedKind;
  /** Name of the system call; '' where none is told. */
  readonly call: string;
  readonly isCompat: boolean;
  /** Done by io_uring; `call` is the one that would have done the same. */
  readonly isUring: boolean;
  readonly members: ReadonlyMap<string, MemberValue>;
}

/** Reads a victim's output, one JSON object a line. Numbers keep all their digits. */
export function parseTestimonies(output: string): Testimony[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const said = JSON.parse(line.replace(/":(-?\d+)(?=[,}])/g, '":{"number":"$1"}')) as Record<string, unknown>;
      const { kind, call, compat, uring, ...rest } = said;
      const members = new Map(Object.entries(rest).map(([key, value]) => [key, toValue(value)]));
      return {
        kind: kind as CollectedKind,
        call: String(call),
        isCompat: compat !== undefined,
        isUring: uring !== undefined,
        members,
      };
    });
}

function toValue(said: unknown): MemberValue {
  if (said === null) return null;
  const { number, bytes } = said as { number?: string; bytes?: string };
  return number === undefined ? Buffer.from(bytes ?? '', 'hex') : BigInt(number);
}

/** One member that is not as the victim says. */
export interface Difference {
  readonly member: string;
  readonly said: string;
  readonly recorded: string;
}

/** Every member that a testimony names, and what follows from its silence; empty when the record says the same. */
export function compare(testimony: Testimony, record: Buffer): Difference[] {
  const struct = KIND_STRUCT[testimony.kind];
  const differences: Difference[] = [];
  for (const [member, said] of testimony.members) {
    const check = CHECKS[member] ?? asItIs(member);
    const recorded = check(record, struct, said);
    if (recorded !== undefined) differences.push({ member, said: show(said), recorded: show(recorded) });
  }
  differences.push(...wrongWay(testimony, record, struct));
  if (!testimony.members.has('h.flags')) differences.push(...unexpectedFlags(record, struct));
  return [...differences, ...wrongLane(testimony, record, struct)];
}

/** Undefined when it is as said, else what it is. */
type Check = (record: Buffer, struct: StructName, said: MemberValue) => MemberValue | undefined;

/** USER_HZ: the kernel tells start times in /proc in hundredths of a second. */
const NS_PER_TICK = 10_000_000n;
/** The inode number of the initial pid namespace. */
const INITIAL_PID_NS = 0xeffffffc;

function asItIs(member: string): Check {
  return (record, struct, said) => {
    const recorded = readMember(record, struct, member);
    return equal(recorded, padded(said, arrayBytes(struct, member))) ? undefined : recorded;
  };
}

function inTicks(member: string): Check {
  return (record, struct, said) => {
    const ticks = (readMember(record, struct, member) as bigint) / NS_PER_TICK;
    return ticks === said ? undefined : ticks;
  };
}

/** A victim knows such a number in its own pid namespace only: it is the record's where that is the initial one. */
function ofOwnNamespace(member: string): Check {
  return (record, struct, said) =>
    readMember(record, struct, 'h.pidNs') === BigInt(INITIAL_PID_NS) ? asItIs(member)(record, struct, said) : undefined;
}

const CHECKS: Readonly<Record<string, Check>> = {
  'h.pidStartTicks': inTicks('h.pidStartNs'),
  'h.tidStartTicks': inTicks('h.tidStartNs'),
  childPidStartTicks: inTicks('childPidStartNs'),
  childTidStartTicks: inTicks('childTidStartNs'),
  'h.vppid': ofOwnNamespace('h.ppid'),
  'h.vsession': ofOwnNamespace('h.session'),
  'h.vpgid': ofOwnNamespace('h.pgid'),
  childPidSeen: ofOwnNamespace('childPid'),
  childTid: ofOwnNamespace('childTid'),
  childPid: ofOwnNamespace('childPid'),
  childPpid: ofOwnNamespace('childPpid'),
  'h.flags': (record, struct, said) => {
    const flags = (readMember(record, struct, 'h.flags') as bigint) & ~BigInt(WAYS);
    return flags === said ? undefined : flags;
  },
  'file.pathEndsWith': (record, struct, said) => {
    const path = readMember(record, struct, 'file.path') as Buffer | null;
    const end = said as Buffer;
    return path?.subarray(-end.length).equals(end) ? undefined : path;
  },
  argsBeginWith: (record, struct, said) => {
    const args = readMember(record, struct, 'args') as Buffer | null;
    const begin = said as Buffer;
    const isTrue = args !== null && args.length >= begin.length && args.subarray(0, begin.length).equals(begin);
    return isTrue ? undefined : args;
  },
};

/** Whoever says nothing of flags says that nothing was cut, left out or unreadable. */
function unexpectedFlags(record: Buffer, struct: StructName): Difference[] {
  const flags = readMember(record, struct, 'h.flags') as bigint;
  const unexpected = flags & BigInt(~(eventFlags.userMemory | eventFlags.filesShared | WAYS) & 0xffff_ffff);
  return unexpected === 0n ? [] : [{ member: 'h.flags', said: 'nothing amiss', recorded: show(flags) }];
}

/** By which way the kernel was asked: a 64-bit call, a 32-bit one, io_uring. */
const WAYS = eventFlags.compat | eventFlags.ioUring;

function wrongWay({ isCompat, isUring }: Testimony, record: Buffer, struct: StructName): Difference[] {
  const said = (isCompat ? eventFlags.compat : 0) | (isUring ? eventFlags.ioUring : 0);
  const recorded = Number(readMember(record, struct, 'h.flags')) & WAYS;
  return recorded === said ? [] : [{ member: 'h.flags', said: String(said), recorded: String(recorded) }];
}

const LIFECYCLE: readonly CollectedKind[] = ['fork', 'exit'];
/** Kinds of which some victim tells the lane itself, since success alone does not decide it. */
const LANE_IS_TOLD: readonly CollectedKind[] = ['setuid', 'setgid', 'ptrace', 'bpf', 'mount', 'setns', 'unshare'];

function wrongLane({ kind, members }: Testimony, record: Buffer, struct: StructName): Difference[] {
  if (members.has('h.lane') || LANE_IS_TOLD.includes(kind)) return [];
  const isRare = kind === 'exec' && (members.get('h.result') as bigint) >= 0n;
  const lane = LIFECYCLE.includes(kind) ? eventLane.lifecycle : isRare ? eventLane.rare : eventLane.bulk;
  const recorded = readMember(record, struct, 'h.lane');
  return recorded === BigInt(lane) ? [] : [{ member: 'h.lane', said: show(BigInt(lane)), recorded: show(recorded) }];
}

function padded(value: MemberValue, width: number): MemberValue {
  if (!Buffer.isBuffer(value) || value.length >= width) return value;
  return Buffer.concat([value, Buffer.alloc(width - value.length)]);
}

function equal(a: MemberValue, b: MemberValue): boolean {
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : a === b;
}

function show(value: MemberValue): string {
  if (value === null) return 'absent';
  return Buffer.isBuffer(value) ? JSON.stringify(value.toString('latin1')) : String(value);
}

/** True where the numbers that this process knows are those of the kernel. */
export function isInInitialPidNamespace(): boolean {
  return statSync('/proc/self/ns/pid').ino === INITIAL_PID_NS;
}
