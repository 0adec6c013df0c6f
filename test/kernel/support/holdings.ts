import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { openSensor } from '../../../native/index.ts';
import { planFor } from './sensor.ts';

/** What a process has of the kernel. */
interface Holdings {
  readonly descriptors: number;
  readonly mappings: number;
  readonly threads: number;
  readonly rssBytes: number;
}

function holdings(): Holdings {
  const status = readFileSync('/proc/self/status', 'utf8');
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    // Maps of BPF that are mapped live on without a descriptor.
    mappings: maps.filter((line) => line.includes('bpf')).length,
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]),
    rssBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024,
  };
}

/** Growth that is the allocator's and the garbage collector's own. */
const RSS_PLAY_BYTES = 16 << 20;

/** One sensor from open to close. */
export async function liveOnce(objectPath: string): Promise<void> {
  const sensor = openSensor({ objectPath, poolBytes: 1 << 20, batchBytes: 65_536, delayMs: 0 });
  sensor.load();
  sensor.setPlan(planFor(['open']));
  sensor.attach();
  sensor.start((batch) => batch.release(), fail);
  await sensor.stop();
  sensor.close();
}

function fail(error: Error): void {
  throw error;
}

/** Fails when the cycles leave a descriptor, a mapping, a thread, or memory behind. */
export async function expectNoLeak(cycles: number, cycle: () => void | Promise<void>): Promise<void> {
  for (let i = 0; i < cycles / 20; i++) await cycle();
  const before = holdings();
  for (let i = 0; i < cycles; i++) await cycle();
  const after = holdings();
  expect({ ...after, rssBytes: 0 }).toEqual({ ...before, rssBytes: 0 });
  expect(after.rssBytes - before.rssBytes).toBeLessThan(RSS_PLAY_BYTES);
}
