import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { encodeEnvelope, type OwnBody } from '../../proto/envelope.ts';
import type { Committer, Sender } from './committer.ts';

/** The collector's own name as an agent. No agent may have one that begins so. */
export const OWN_AGENT_ID = '@collector';
const RETRY_MS = 500;
const RANDOM_BITS = 20n;

interface Waiting {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly done: () => void;
}

/**
 * Records that the collector itself makes: silence of nodes, triage. They take the way of all records, with a run and a
 * chain of their own, and are tried again until they are stored.
 */
export class OwnRun {
  private readonly committer: Committer;
  private readonly owner = { agentId: OWN_AGENT_ID, bootId: bootId(), epoch: newEpoch() };
  private sender: Sender;
  private waiting: Waiting[] = [];
  private sequence = 0;
  private hash: Uint8Array = new Uint8Array();
  private retry: NodeJS.Timeout | undefined;

  constructor(committer: Committer) {
    this.committer = committer;
    this.sender = this.newSender();
  }

  /** Resolves when the record is stored. */
  raise(body: OwnBody): Promise<void> {
    const sequence = ++this.sequence;
    const bytes = encodeEnvelope({ ...this.owner, sequence, previousHash: this.hash }, body);
    this.hash = createHash('sha256').update(bytes).digest();
    return new Promise((done) => {
      this.waiting.push({ sequence, bytes, done });
      if (this.retry === undefined) this.committer.add(this.sender, [bytes]);
    });
  }

  stop(): void {
    clearTimeout(this.retry);
  }

  private newSender(): Sender {
    return {
      agentId: OWN_AGENT_ID,
      acknowledge: (_, sequence) => this.acknowledged(sequence),
      refuse: () => this.tryAgain(),
      unavailable: () => this.tryAgain(),
    };
  }

  private acknowledged(sequence: number): void {
    const stored = this.waiting.filter((each) => each.sequence <= sequence);
    this.waiting = this.waiting.filter((each) => each.sequence > sequence);
    for (const { done } of stored) done();
  }

  private tryAgain(): void {
    if (this.retry !== undefined) return;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      this.sender = this.newSender();
      this.committer.add(
        this.sender,
        this.waiting.map(({ bytes }) => bytes),
      );
    }, RETRY_MS);
    this.retry.unref();
  }
}

/** Number of this run, as agents make theirs: time and chance, never from the disk. */
function newEpoch(): bigint {
  const random = BigInt(randomBytes(3).readUIntBE(0, 3)) & ((1n << RANDOM_BITS) - 1n);
  return (BigInt(Date.now()) << RANDOM_BITS) | random;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
