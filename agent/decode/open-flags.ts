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

/** Falco's flags of an open, from its flags argument. */
export function openFlagsOf(machine: Machine, flags: number): number {
  // The access mode is a number of two bits, not two flags: 0 reads, 1 writes, 2 does both (3 neither).
  const access = flags & 3;
  let falco = access === 0 ? OPEN_READ : access === 1 ? OPEN_WRITE : access === 2 ? OPEN_READ | OPEN_WRITE : 0;
  const bits = BITS[machine];
  for (let i = 0; i < bits.length; i++) {
    const [kernel, own] = bits[i] as readonly [number, number];
    if ((flags & kernel) === kernel) falco |= own;
  }
  return falco;
}
