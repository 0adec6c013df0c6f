import type { Committer } from './ingest/committer.ts';
import type { NodeRegistry } from './ingest/nodes.ts';
import type { PartitionInfo, Retention, Store } from './store/store.ts';

const TICK_MS = 500;
/** Node states are written and old partitions looked for so often, in ticks. */
const SAVE_TICKS = 2;
const RETAIN_TICKS = 120;

export interface UpkeepOptions {
  readonly store: Store;
  readonly nodes: NodeRegistry;
  readonly committer: Committer;
  readonly retention: Retention;
  /** False for partitions that must not go yet. */
  readonly mayDrop: (partition: PartitionInfo) => boolean;
  readonly nowNs: () => bigint;
}

/** What the collector does by the clock: notices silent nodes, writes their states, drops what is too old. */
export function startUpkeep({ store, nodes, committer, retention, mayDrop, nowNs }: UpkeepOptions): { stop(): void } {
  let ticks = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // While nothing can be stored nodes are not heard, which is not their silence.
    if (committer.failing === undefined) nodes.tick(now - last);
    last = now;
    ticks++;
    if (ticks % SAVE_TICKS === 0) quietly(() => nodes.save());
    if (ticks % RETAIN_TICKS !== 0) return;
    quietly(() => store.retain(nowNs(), mayDrop));
    quietly(() => nodes.forget(nowNs() - BigInt(retention.days) * 86_400_000_000_000n));
  }, TICK_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      quietly(() => nodes.save());
    },
  };
}

/** A disk that is full is told by the committer, which meets it with every batch; here the next tick tries again. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // See above.
  }
}
