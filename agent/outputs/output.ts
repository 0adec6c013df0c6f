import type { EnvelopeBody } from '../events/alert.ts';
import type { OutputStats } from './line-writer.ts';
import type { Spool } from './spool.ts';

/** A place where alerts are shown beside the collector. */
export interface Output {
  /** 'stdout', 'file:PATH'. */
  readonly name: string;
  /** Takes the alerts among the bodies; never waits. */
  write(bodies: readonly EnvelopeBody[]): void;
  stats(): OutputStats;
  /** Resolves when what was taken is written, or cannot be. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Shows alerts when they are on disk, and not earlier. Returns what ends it. */
export function attachOutput(spool: Spool, output: Output): () => void {
  return spool.onCommit(({ bodies }) => output.write(bodies));
}
