import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchQueries } from './delivery-queries.ts';
import { benchSubscribers } from './delivery-subscribers.ts';
import type { Figure } from './support/table.ts';

/** What a collector gives: to many subscribers at once, and to who asks about a million stored alerts (ten with --large). */
export async function benchDelivery(root: string): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-bench-delivery-'));
  try {
    const subscribers = await benchSubscribers(root, join(folder, 'subscribers'));
    const queries = await benchQueries(
      join(folder, 'queries'),
      process.env['BENCH_LARGE'] === '1' ? 10_000_000 : 1_000_000,
    );
    return [...subscribers, ...queries];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
