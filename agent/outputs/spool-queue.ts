import type { EnvelopeBody } from '../events/alert.ts';
import type { Gap } from '../events/gap.ts';
import { AtalayaError } from '../lib/errors.ts';
import { rankOf, timeOf } from './rank.ts';

/** What one call of append brought: committed together or not at all. */
export interface Append {
  readonly bodies: readonly EnvelopeBody[];
  resolve(): void;
  reject(error: Error): void;
}

/** What goes into one transaction. */
export interface Batch {
  readonly appends: readonly Append[];
  readonly gaps: readonly Gap[];
  readonly bodies: readonly EnvelopeBody[];
}

/** What waits for the next transaction: appends, and losses that no record tells of yet. */
export class SpoolQueue {
  private appends: Append[] = [];
  private gaps: Gap[] = [];
  private records = 0;

  get length(): number {
    return this.records + this.gaps.length;
  }

  push(append: Append): void {
    this.appends.push(append);
    this.records += append.bodies.length;
  }

  /** Gaps of one cause that nobody has been told of are one gap. */
  pushGap(gap: Gap): void {
    const last = this.gaps.at(-1);
    if (last?.cause !== gap.cause) this.gaps.push(gap);
    else this.gaps[this.gaps.length - 1] = { ...last, toNs: gap.toNs, count: last.count + gap.count };
  }

  /** Takes whole appends until there are `maxRecords` or more, and all gaps. */
  take(maxRecords: number): Batch {
    let taken = 0;
    let count = 0;
    while (count < maxRecords && taken < this.appends.length) count += this.appends[taken++]?.bodies.length ?? 0;
    const appends = this.appends.splice(0, taken);
    const gaps = this.gaps.splice(0);
    this.records -= count;
    const bodies = appends.flatMap((append) => append.bodies);
    return { appends, gaps, bodies: bodies.concat(gaps.map((gap) => ({ type: 'gap', gap }))) };
  }

  /** After a transaction that failed. */
  putBack(batch: Batch): void {
    this.appends = [...batch.appends, ...this.appends];
    this.gaps = [...batch.gaps, ...this.gaps];
    for (const append of batch.appends) this.records += append.bodies.length;
  }

  /** Gives up the oldest appends until at most `maxRecords` wait; a gap will tell. `onLost` is called for each record. */
  shed(maxRecords: number, onLost: (rank: number) => void): void {
    const lost: EnvelopeBody[] = [];
    while (this.records > maxRecords) {
      const append = this.appends.shift();
      if (append === undefined) break;
      this.records -= append.bodies.length;
      lost.push(...append.bodies);
      append.reject(new AtalayaError('E_SPOOL_FULL', 'the spool cannot be written and its memory is full'));
    }
    const times = lost.map(timeOf);
    const [fromNs, toNs] = [times[0], times.at(-1)];
    if (fromNs === undefined || toNs === undefined) return;
    for (const body of lost) onLost(rankOf(body));
    this.pushGap({ stage: 'spool', cause: 'spool-unwritable', fromNs, toNs, count: BigInt(lost.length) });
  }

  /** Gives up all that waits. What was never raised: alerts that waited, and records that were given up before. */
  rejectAll(error: Error): { readonly alerts: number; readonly shed: number } {
    let alerts = 0;
    for (const append of this.appends.splice(0)) {
      alerts += append.bodies.filter(({ type }) => type === 'alert').length;
      append.reject(error);
    }
    const shed = this.gaps.filter(({ cause }) => cause === 'spool-unwritable');
    this.records = 0;
    return { alerts, shed: shed.reduce((sum, { count }) => sum + Number(count), 0) };
  }
}
