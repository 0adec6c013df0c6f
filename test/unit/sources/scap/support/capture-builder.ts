/** Bytes of a capture, block by block, for tests. Numbers are little-endian. */

export type Part = Buffer | string;

export function u8(value: number): Buffer {
  return Buffer.from([value]);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function s64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

/** Text with its length before it. */
export function s16(text: string): Buffer {
  return Buffer.concat([u16(text.length), Buffer.from(text, 'latin1')]);
}

/** Text as a parameter has it. */
export function cstr(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'latin1');
}

export function block(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const padding = Buffer.alloc((4 - (body.length % 4)) % 4);
  const length = u32(body.length + padding.length + 12);
  return Buffer.concat([u32(type), length, body, padding, length]);
}

export function section(minor = 2, ...options: readonly Buffer[]): Buffer {
  return block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(minor), s64(-1), ...options);
}

export function machine(hostname = 'box', bootNs = 1_000_000_000_000n): Buffer {
  const name = Buffer.alloc(128);
  name.write(hostname);
  return block(0x201, u32(4), s64(1 << 30), s64(4_194_304), name, s64(bootNs), s64(0), s64(0), s64(0));
}

export interface EventParts {
  readonly code: number;
  readonly tid?: number;
  readonly timeNs?: bigint;
  readonly cpu?: number;
  readonly params?: readonly Buffer[];
  /** Version 1 blocks have no number of parameters. */
  readonly version?: 1 | 2;
  /** A word of flags before the event. */
  readonly flags?: number;
  readonly large?: boolean;
  /** After the event, in its block. */
  readonly options?: Buffer;
}

export function eventBytes({
  code,
  tid = 100,
  timeNs = 2_000_000_000_000n,
  params = [],
  version = 2,
}: EventParts): Buffer {
  const wide = [322, 324, 402].includes(code);
  const lengths = params.map((param) => (wide ? u32(param.length) : u16(param.length)));
  const rest = Buffer.concat([...(version === 2 ? [u32(params.length)] : []), ...lengths, ...params]);
  return Buffer.concat([s64(timeNs), s64(tid), u32(22 + rest.length), u16(code), rest]);
}

export function event(parts: EventParts): Buffer {
  const { version = 2, flags, large = false, cpu = 0, options = Buffer.alloc(0) } = parts;
  const plain = version === 1 ? 0x204 : large ? 0x221 : 0x216;
  const flagged = version === 1 ? 0x208 : large ? 0x222 : 0x217;
  const head = flags === undefined ? [u16(cpu)] : [u16(cpu), u32(flags)];
  return block(flags === undefined ? plain : flagged, ...head, eventBytes(parts), options);
}

/** Everything that a process record of any version can have. */
export interface ProcessParts {
  readonly tid: number;
  readonly pid?: number;
  readonly ptid?: number;
  readonly comm?: string;
  readonly exe?: string;
  readonly exePath?: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly flags?: number;
  readonly uid?: number;
  readonly cgroups?: string;
}

/** One record of a process list of a version; of version 9 with its length, and as much of its tail as is asked for. */
export function processRecord(parts: ProcessParts, version = 9, tail: 'none' | 'short' | 'full' = 'full'): Buffer {
  const {
    tid,
    pid = tid,
    ptid = 1,
    comm = 'sh',
    exe = 'sh',
    exePath = '/bin/sh',
    args = [],
    cwd = '/',
    flags = 0,
  } = parts;
  const { uid = 0, cgroups = '' } = parts;
  const since = (first: number, ...bytes: Buffer[]) => (version >= first ? bytes : []);
  const short = [u32(uid), u8(1), s64(1), s64(2), s64(3)];
  const full = [s64(7), u32(34816), ...short, u8(1), s64(11), s64(12), s64(13), u8(1), u8(0), s64(pid)];
  const body = Buffer.concat([
    ...[s64(tid), s64(pid), s64(ptid)],
    ...since(6, s64(5)),
    ...since(8, s64(6)),
    ...[s16(comm), s16(exe)],
    ...since(7, s16(exePath)),
    ...[s16(args.map((arg) => `${arg}\0`).join('')), s16(cwd), s64(1024), u32(flags), u32(uid), u32(uid)],
    ...since(2, u32(1), u32(2), u32(3), s64(4), s64(5)),
    ...since(3, s16('A=1\0')),
    ...since(4, s64(tid), s64(pid), s16(cgroups)),
    ...since(5, s16('/')),
    ...(tail === 'none' || version < 9 ? [] : tail === 'short' ? short : full),
  ]);
  return version < 9 ? body : Buffer.concat([u32(body.length + 4), body]);
}

/** Block numbers of process lists, by version. */
export const PROCESS_LISTS = [0, 0x202, 0x207, 0x209, 0x210, 0x211, 0x212, 0x213, 0x214, 0x215] as const;

export function processList(...records: readonly Buffer[]): Buffer {
  return block(0x215, ...records);
}
