import { createHash, type KeyObject } from 'node:crypto';
import { KIND_ANCHOR } from '../../proto/head.ts';
import type { AnchorMessage } from '../../proto/messages.ts';
import type { StoredRecord } from '../store/record.ts';
import { type AnchoredRun, signAnchor } from './anchor.ts';

export interface AnchorsOptions {
  readonly key: KeyObject;
  /** Wall clock, ns since 1970. */
  readonly nowNs: () => bigint;
  /** Stores the anchor as a record of the collector. */
  readonly raise: (anchor: AnchorMessage) => void;
  /** Default one minute. */
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;

interface Run {
  readonly agentId: string;
  readonly epoch: bigint;
  sequence: number;
  body: Uint8Array;
  /** Something but anchors came since the last one. */
  moved: boolean;
}

/** Signs how far the runs of agents have come, by the clock and at the end. */
export class Anchors {
  private readonly options: AnchorsOptions;
  private readonly runs = new Map<string, Run>();
  private readonly timer: NodeJS.Timeout;

  constructor(options: AnchorsOptions) {
    this.options = options;
    this.timer = setInterval(() => this.sign(), options.everyMs ?? EVERY_MS);
    this.timer.unref();
  }

  saw(records: readonly StoredRecord[]): void {
    for (const { columns } of records) {
      const { agentId, epoch, sequence, body, kind } = columns;
      const key = `${epoch}/${agentId}`;
      const run = this.runs.get(key) ?? { agentId, epoch, sequence, body, moved: false };
      run.sequence = sequence;
      run.body = body;
      // An anchor alone is no reason for another: else a collector to which nothing comes would write for ever.
      run.moved ||= kind !== KIND_ANCHOR;
      this.runs.set(key, run);
    }
  }

  /** Signs what has come since the last time. */
  sign(): void {
    const seen = [...this.runs.values()];
    if (!seen.some(({ moved }) => moved)) return;
    const runs = seen.map(({ agentId, epoch, sequence, body }): AnchoredRun => {
      return { agentId, epoch, sequence, hash: createHash('sha256').update(body).digest() };
    });
    this.runs.clear();
    this.options.raise(signAnchor(this.options.nowNs(), runs, this.options.key));
  }

  stop(): void {
    clearInterval(this.timer);
    this.sign();
  }
}
