import type { Machine } from './syscalls.ts';

/** Bits of an open's flags argument and Falco's; four of them differ between the architectures. */
type Bits = readonly (readonly [kernel: number, falco: number])[];

const COMMON: Bits = [
  [0x40, 4], // O_CREAT
  [0x80, 32], // O_EXCL
  [0x200, 256], // O_TRUNC
  [0x400, 8], // O_APPEND
  [0x800, 64], // O_NONBLOCK
  [0x1000, 16], // O_DSYNC
  [0x10_1000, 128], // O_SYNC
  [0x40_0000, 8192], // __O_TMPFILE, which is set with O_DIRECTORY only
  [0x8_0000, 4096], // O_CLOEXEC
];
const BITS: Record<Machine, Bits> = {
  x86_64: [...COMMON, [0x4000, 512], [0x8000, 2048], [0x1_0000, 1024]], // O_DIRECT, O_LARGEFILE, O_DIRECTORY
  arm64: [...COMMON, [0x1_0000, 512], [0x2_0000, 2048], [0x4000, 1024]],
};

export const OPEN_READ = 1;
export const OPEN_WRITE = 2;
export const OPEN_CREATED = 16384;
export const OPEN_UPPER_LAYER = 32768;
export const OPEN_LOWER_LAYER = 65536;

/** All known bits are below this. */
const KNOWN_BITS = 23;
const LOW_BITS = 12;
const LOW_MASK = (1 << LOW_BITS) - 1;
const HIGH_MASK = (1 << (KNOWN_BITS - LOW_BITS)) - 1;

/** Falco's flags by the low and by the high bits of the argument; O_SYNC is the only flag of two bits, both high. */
const TABLES: Record<Machine, { readonly low: Uint32Array; readonly high: Uint32Array }> = {
  x86_64: tablesOf('x86_64'),
  arm64: tablesOf('arm64'),
};

function tablesOf(machine: Machine) {
  const falco = (flags: number): number =>
    BITS[machine].reduce((all, [kernel, own]) => ((flags & kernel) === kernel ? all | own : all), 0);
  return {
    low: Uint32Array.from({ length: LOW_MASK + 1 }, (_, flags) => accessOf(flags) | falco(flags)),
    high: Uint32Array.from({ length: HIGH_MASK + 1 }, (_, flags) => falco(flags << LOW_BITS)),
  };
}

/** The access mode is a number of two bits, not two flags: 0 reads, 1 writes, 2 does both (3 neither). */
function accessOf(flags: number): number {
  const access = flags & 3;
  if (access === 2) return OPEN_READ | OPEN_WRITE;
  return access === 0 ? OPEN_READ : access === 1 ? OPEN_WRITE : 0;
}

/** Falco's flags of an open, from its flags argument. */
export function openFlagsOf(machine: Machine, flags: number): number {
  const { low, high } = TABLES[machine];
  return (low[flags & LOW_MASK] as number) | (high[(flags >>> LOW_BITS) & HIGH_MASK] as number);
}
