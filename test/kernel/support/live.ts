import { test } from 'vitest';

const isRoot = process.getuid?.() === 0;

/**
 * A test that needs eBPF of this machine. Without root it is skipped by name, but not under CI: there its absence is a
 * failure.
 */
export const liveTest = test.skipIf(!isRoot && process.env['CI'] === undefined);
