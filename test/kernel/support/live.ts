import { test } from 'vitest';

const isRoot = process.getuid?.() === 0;

/**
 * A test that needs eBPF of this machine. Without root it is skipped by name, but not under CI: there its absence is a
 * failure.
 */
export function liveTest(name: string, run: () => void | Promise<void>, timeoutMs?: number): void {
  test.skipIf(!isRoot && process.env['CI'] === undefined)(name, run, timeoutMs);
}
