import { createHash } from 'node:crypto';
import { decodeHead, type Head, KIND_ANCHOR, KIND_GAP } from '../../proto/head.ts';
import { fromUint64 } from '../../proto/int64.ts';
import { v1 } from '../../proto/messages.ts';
import { type Anchor, fromAnchorMessage, isGenuine } from './anchor.ts';

/** One stored record as it is read back. */
export interface Evidence {
  /** Where it stands, for people: file and id, or cursor. */
  readonly place: string;
  /** When it was stored, ns since 1970. */
  readonly storedNs: bigint;
  readonly bytes: Uint8Array;
}

/** What is not as it was stored. */
export interface Break {
  readonly place: string;
  readonly what: string;
}

export interface Verdict {
  readonly records: number;
  /** Runs of agents. */
  readonly runs: number;
  readonly anchors: number;
  /** Records that came after the last anchor of their run: their chain holds, but nobody has signed their end. */
  readonly unanchored: number;
  /** Records that agents had to drop, and told. */
  readonly toldLost: number;
  /** Public keys that signed, in hexadecimal. */
  readonly keys: readonly string[];
  /** In the order in which they were found; the first hundred. */
  readonly breaks: readonly Break[];
  readonly breakCount: number;
}

interface Run {
  readonly agentId: string;
  readonly epoch: bigint;
  last: number;
  hash: Uint8Array;
  anchored: number;
  /** Hashes of records that an anchor may still name. */
  readonly recent: Map<number, Uint8Array>;
}

interface Loss {
  missing: number;
  told: number;
  first: Break | undefined;
}

const BREAKS_KEPT = 100;
/** An anchor comes within a minute of what it signs: one so close to the begin may name what lies before it. */
const BEGIN_NS = 150_000_000_000n;

/** Holds records, in the order of their storing, against the chains of their agents and the collector's anchors. */
export class Verifier {
  private readonly pinned: string | undefined;
  private readonly runs = new Map<string, Run>();
  private readonly losses = new Map<string, Loss>();
  private readonly keys = new Set<string>();
  private readonly breaks: Break[] = [];
  private breakCount = 0;
  private records = 0;
  private anchors = 0;
  private beginNs: bigint | undefined;

  /** `key`: the only public key (hexadecimal) whose anchors count. */
  constructor(key?: string) {
    this.pinned = key;
  }

  add(evidence: Evidence): void {
    this.records++;
    this.beginNs ??= evidence.storedNs;
    let head: Head;
    try {
      head = decodeHead(evidence.bytes);
    } catch {
      this.broken(evidence.place, 'bytes that are no record');
      return;
    }
    this.follow(evidence, head);
    if (head.kind === KIND_ANCHOR && head.agentId.startsWith('@')) this.anchor(evidence);
    if (head.kind === KIND_GAP) this.gap(evidence, head.agentId);
  }

  finish(): Verdict {
    let toldLost = 0;
    for (const { missing, told, first } of this.losses.values()) {
      toldLost += Math.min(missing, told);
      if (missing > told && first !== undefined) {
        this.broken(first.place, `${first.what}; ${missing} are missing in all, of which the agent told ${told}`);
      }
    }
    let unanchored = 0;
    for (const { recent } of this.runs.values()) unanchored += recent.size;
    const { records, anchors, breaks, breakCount } = this;
    return { records, runs: this.runs.size, anchors, unanchored, toldLost, keys: [...this.keys], breaks, breakCount };
  }

  private follow({ place, bytes }: Evidence, head: Head): void {
    const { agentId, epoch, sequence, previousHash } = head;
    const key = `${epoch}/${agentId}`;
    const name = `record ${sequence} of ${agentId} (run ${epoch})`;
    const hash = createHash('sha256').update(bytes).digest();
    const run = this.runs.get(key);
    if (run === undefined) {
      if (sequence === 1 && previousHash.length > 0) this.broken(place, `${name} is the first and names one before it`);
      this.runs.set(key, { agentId, epoch, last: sequence, hash, anchored: 0, recent: new Map([[sequence, hash]]) });
      return;
    }
    if (sequence <= run.last) {
      this.broken(place, `${name} comes after record ${run.last}`);
      return;
    }
    if (sequence > run.last + 1) this.hole(place, agentId, epoch, run.last, sequence);
    else if (Buffer.compare(previousHash, run.hash) !== 0) {
      this.broken(place, `${name} does not follow the one before it: one of the two was altered`);
    }
    run.last = sequence;
    run.hash = hash;
    run.recent.set(sequence, hash);
  }

  private hole(place: string, agentId: string, epoch: bigint, last: number, next: number): void {
    const loss = this.loss(agentId);
    loss.missing += next - last - 1;
    loss.first ??= { place, what: `records ${last + 1} to ${next - 1} of ${agentId} (run ${epoch}) are missing` };
  }

  /** What the agent dropped for its limit of space it says in its own chain. */
  private gap({ bytes }: Evidence, agentId: string): void {
    const { gap } = v1.Envelope.decode(bytes);
    if (gap?.stage === 'spool' && gap.cause === 'spool-limit') this.loss(agentId).told += Number(fromUint64(gap.count));
  }

  private anchor({ place, bytes }: Evidence): void {
    const message = v1.Envelope.decode(bytes).anchor;
    if (!message) return;
    const anchor = fromAnchorMessage(message);
    const key = Buffer.from(anchor.publicKey).toString('hex');
    if (!isGenuine(anchor)) {
      this.broken(place, 'the signature of an anchor is wrong');
      return;
    }
    if (this.pinned !== undefined && key !== this.pinned) {
      this.broken(place, `an anchor is signed with the key ${key}`);
      return;
    }
    this.keys.add(key);
    this.anchors++;
    this.holdAgainst(anchor, place);
  }

  private holdAgainst({ runs, timeNs }: Anchor, place: string): void {
    for (const { agentId, epoch, sequence, hash } of runs) {
      const run = this.runs.get(`${epoch}/${agentId}`);
      const name = `record ${sequence} of ${agentId} (run ${epoch})`;
      const known = run?.recent.get(sequence);
      if (known !== undefined && Buffer.compare(known, hash) !== 0)
        this.broken(place, `${name} was altered: it was signed with another hash`);
      // What is older than the begin of the range is not in it.
      const inRange = this.beginNs !== undefined && timeNs - this.beginNs > BEGIN_NS;
      if (known === undefined && (inRange || (run !== undefined && run.last < sequence))) {
        this.broken(place, `${name} was signed and is missing`);
      }
      if (run === undefined) continue;
      run.anchored = Math.max(run.anchored, sequence);
      for (const each of run.recent.keys()) {
        if (each > sequence) break;
        run.recent.delete(each);
      }
    }
  }

  private loss(agentId: string): Loss {
    const loss = this.losses.get(agentId) ?? { missing: 0, told: 0, first: undefined };
    this.losses.set(agentId, loss);
    return loss;
  }

  private broken(place: string, what: string): void {
    this.breakCount++;
    if (this.breaks.length < BREAKS_KEPT) this.breaks.push({ place, what });
  }
}
