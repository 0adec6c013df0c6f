import { createHash } from 'node:crypto';
import { greatest } from '../../agent/lib/bigint.ts';
import { decodeHead, type Head } from '../../proto/head.ts';
import type { AgentPosition, PositionChange } from '../store/partition.ts';
import type { Columns, StoredRecord } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { judge, refusal } from './check.ts';

/** Who sent a batch and wants to hear of it. */
export interface Sender {
  readonly agentId: string;
  /** Everything of the epoch up to the sequence is on disk. */
  acknowledge(epoch: bigint, sequence: number): void;
  /** The batch, and with it the sender, is refused: it is not what an agent sends, or not what it sent before. */
  refuse(reason: string, kind: 'wrong' | 'altered'): void;
  /** Nothing of the batch was stored: try again later, as another sender. Nothing more is taken of this one. */
  unavailable(reason: string): void;
}

export interface IngestCounts {
  stored: number;
  duplicates: number;
  /** Envelopes that follow a hole in their run's numbers. */
  holes: number;
  brokenChains: number;
  refused: number;
  /** Another record than the stored one under the same number. */
  forged: number;
  failures: number;
}

interface Batch {
  readonly sender: Sender;
  readonly envelopes: readonly Uint8Array[];
}

interface Refusal {
  readonly kind: 'wrong' | 'altered';
  readonly reason: string;
}

/** What one transaction will hold, until it is on disk. */
interface Draft {
  readonly columns: Columns[];
  readonly positions: Map<string, PositionChange>;
  readonly acks: Map<Sender, Map<bigint, number>>;
  readonly counts: IngestCounts;
  readonly wrong: Parameters<NonNullable<CommitterOptions['onWrong']>>[];
  storedNs: bigint;
}

export interface CommitterOptions {
  readonly store: Store;
  /** Wall clock, ns since 1970. */
  readonly nowNs: () => bigint;
  /** These are on disk, in this order. */
  readonly onStored: (records: readonly StoredRecord[]) => void;
  /** Numbers or chain of an agent's records are not as they should be. */
  readonly onWrong?: (agentId: string, what: 'hole' | 'broken-chain', epoch: bigint, sequence: number) => void;
  /** Storing begins to fail, or works again (undefined). */
  readonly onState: (failing: Error | undefined) => void;
}

/** How many envelopes share a transaction at most. */
const TRANSACTION_RECORDS = 5000;

/** Turns of the loop without a batch after which there is none at hand. */
const QUIET_TURNS = 3;
const GATHER_MAX_MS = 20;
/** Breaks that are remembered until they come again. */
const BREAKS_KEPT = 10_000;
/** Wire number of Debug; what no agent of this version sends counts as that. */
const LEAST_URGENT = 8;

export function noCounts(): IngestCounts {
  return { stored: 0, duplicates: 0, holes: 0, brokenChains: 0, refused: 0, forged: 0, failures: 0 };
}

/**
 * Stores what streams bring: one transaction for all batches at hand, acknowledged when it is on disk. Positions are
 * shared by all streams of an agent, for a dead stream and its successor exist together for a moment.
 */
export class Committer {
  readonly counts = noCounts();
  /** The last transaction failed. */
  failing: Error | undefined;
  private readonly options: CommitterOptions;
  private readonly store: Store;
  private readonly positions = new Map<string, AgentPosition>();
  /** Breaks of chains that were refused once. */
  private readonly breaks = new Set<string>();
  /** Those that were refused or not served: what is still on its way from them would come behind a hole. */
  private readonly ended = new WeakSet<Sender>();
  private waiting: Batch[] = [];
  private waitingRecords = 0;
  /** How long the last transaction took. */
  private commitMs = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private lastStoredNs: bigint;
  private closed = false;

  constructor(options: CommitterOptions) {
    const { store } = options;
    this.options = options;
    this.store = store;
    this.lastStoredNs = store.after(store.head() - 1, 1)[0]?.columns.storedNs ?? 0n;
  }

  add(sender: Sender, envelopes: readonly Uint8Array[]): void {
    if (this.closed || this.ended.has(sender)) return;
    this.waiting.push({ sender, envelopes });
    this.waitingRecords += envelopes.length;
    if (this.scheduled === undefined) this.gather(performance.now(), 0, 0);
  }

  /**
   * Commits when for some turns of the loop nothing has come, or when gathering has taken half of what the last commit took:
   * streams give one batch a turn, and a disk that is slow would else be waited for once for each.
   */
  private gather(beganMs: number, seen: number, quiet: number): void {
    this.scheduled = setImmediate(() => {
      const { length } = this.waiting;
      const turns = length > seen ? 0 : quiet + 1;
      const full = this.waitingRecords >= TRANSACTION_RECORDS;
      const late = performance.now() - beganMs > Math.min(this.commitMs / 2, GATHER_MAX_MS);
      if (turns >= QUIET_TURNS || full || late) this.flush();
      else this.gather(beganMs, length, turns);
    });
  }

  /** Stores what waits and takes nothing more. */
  close(): void {
    this.closed = true;
    while (this.waiting.length > 0) this.flush();
    clearImmediate(this.scheduled);
  }

  /** Stores what is at hand (one transaction's worth). Comes by itself in the next turn of the loop. */
  flush(): void {
    const batches = this.takeBatches();
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    if (this.waiting.length > 0) this.gather(Number.NEGATIVE_INFINITY, 0, 0);
    const draft = this.draft(batches);
    const stored = this.tryAppend(draft);
    if (stored !== undefined) this.committed(draft, stored);
  }

  private tryAppend(draft: Draft): readonly StoredRecord[] | undefined {
    const beganMs = performance.now();
    try {
      return this.store.append(draft.columns, [...draft.positions.values()]);
    } catch (error) {
      this.failed(error, draft);
      return undefined;
    } finally {
      this.commitMs = performance.now() - beganMs;
    }
  }

  private takeBatches(): Batch[] {
    let count = 0;
    let taken = 0;
    while (taken < this.waiting.length && count < TRANSACTION_RECORDS) {
      count += this.waiting[taken++]?.envelopes.length ?? 0;
    }
    this.waitingRecords -= count;
    return this.waiting.splice(0, taken);
  }

  private draft(batches: readonly Batch[]): Draft {
    const storedNs = greatest(this.options.nowNs(), this.lastStoredNs);
    const draft: Draft = {
      columns: [],
      positions: new Map(),
      acks: new Map(),
      counts: noCounts(),
      wrong: [],
      storedNs,
    };
    for (const { sender, envelopes } of batches) {
      for (const envelope of envelopes) {
        if (this.ended.has(sender)) break;
        const refusal = this.draftOne(draft, sender, envelope);
        if (refusal === undefined) continue;
        this.ended.add(sender);
        draft.counts.refused++;
        sender.refuse(refusal.reason, refusal.kind);
      }
    }
    return draft;
  }

  private draftOne(draft: Draft, sender: Sender, envelope: Uint8Array): Refusal | undefined {
    const head = tryDecode(envelope);
    if (head === undefined) return { kind: 'wrong', reason: 'bytes that are no envelope' };
    const reason = refusal(head, sender.agentId);
    if (reason !== undefined) return { kind: 'wrong', reason };
    const { agentId, epoch, sequence } = head;
    const key = `${epoch}/${agentId}`;
    const last = draft.positions.get(key) ?? this.position(key, agentId, epoch);
    const verdict = judge(head, last);
    if (verdict === 'duplicate') {
      if (isForged(envelope, sequence, last)) return this.forged(draft, sequence);
      draft.counts.duplicates++;
    } else {
      if (verdict === 'broken-chain' && this.isNewBreak(`${key}/${sequence}`)) return this.broken(draft, head);
      if (verdict === 'after-hole') {
        draft.counts.holes++;
        draft.wrong.push([agentId, 'hole', epoch, sequence]);
      }
      const hash = sha256(envelope);
      draft.positions.set(key, { agentId, epoch, sequence, hash });
      const priority = Math.min(Math.max(head.priority, 0), LEAST_URGENT);
      draft.columns.push({ ...head, priority, storedNs: draft.storedNs, body: envelope });
    }
    noteAck(draft.acks, sender, epoch, sequence);
    return undefined;
  }

  private forged(draft: Draft, sequence: number): Refusal {
    draft.counts.forged++;
    return { kind: 'altered', reason: `another record is stored under the number ${sequence} of this run` };
  }

  private broken(draft: Draft, { agentId, epoch, sequence }: Head): Refusal {
    draft.counts.brokenChains++;
    draft.wrong.push([agentId, 'broken-chain', epoch, sequence]);
    return { kind: 'altered', reason: `record ${sequence} of this run was made after another one than is stored` };
  }

  /**
   * A break is refused the first time that it is seen, and told. An agent that sends the same again gets it stored, as
   * evidence: else whoever breaks a chain would silence the node, for its spool cannot go on.
   */
  private isNewBreak(place: string): boolean {
    if (this.breaks.delete(place)) return false;
    if (this.breaks.size >= BREAKS_KEPT) this.breaks.clear();
    this.breaks.add(place);
    return true;
  }

  private position(key: string, agentId: string, epoch: bigint): AgentPosition | undefined {
    const known = this.positions.get(key) ?? this.store.position(agentId, epoch);
    if (known !== undefined) this.positions.set(key, known);
    return known;
  }

  private committed(draft: Draft, stored: readonly StoredRecord[]): void {
    this.setFailing(undefined);
    this.lastStoredNs = draft.storedNs;
    draft.counts.stored = stored.length;
    addCounts(this.counts, draft.counts);
    for (const [key, position] of draft.positions) this.positions.set(key, position);
    for (const [sender, epochs] of draft.acks) {
      for (const [epoch, sequence] of epochs) sender.acknowledge(epoch, sequence);
    }
    if (stored.length > 0) this.options.onStored(stored);
    for (const wrong of draft.wrong) this.options.onWrong?.(...wrong);
  }

  private failed(error: unknown, draft: Draft): void {
    const failing = error instanceof Error ? error : new Error(String(error));
    this.counts.failures++;
    this.counts.refused += draft.counts.refused;
    this.setFailing(failing);
    for (const sender of draft.acks.keys()) {
      this.ended.add(sender);
      sender.unavailable(`cannot store: ${failing.message}`);
    }
  }

  private setFailing(failing: Error | undefined): void {
    const changed = (failing === undefined) !== (this.failing === undefined);
    this.failing = failing;
    if (changed) this.options.onState(failing);
  }
}

/** A number that came before must have come with the same record; only the last one's hash is at hand. */
function isForged(envelope: Uint8Array, sequence: number, last: AgentPosition | undefined): boolean {
  return last?.sequence === sequence && Buffer.compare(sha256(envelope), last.hash) !== 0;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function tryDecode(envelope: Uint8Array): Head | undefined {
  try {
    return decodeHead(envelope);
  } catch {
    return undefined;
  }
}

/** A sequence seen again may be lower than the last stored; the highest of the batch is what counts. */
function noteAck(acks: Draft['acks'], sender: Sender, epoch: bigint, sequence: number): void {
  const epochs = acks.get(sender) ?? new Map<bigint, number>();
  acks.set(sender, epochs);
  epochs.set(epoch, Math.max(epochs.get(epoch) ?? 0, sequence));
}

function addCounts(total: IngestCounts, part: IngestCounts): void {
  for (const name of Object.keys(part) as (keyof IngestCounts)[]) total[name] += part[name];
}
