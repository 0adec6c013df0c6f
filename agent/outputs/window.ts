import { Fifo } from '../lib/fifo.ts';
import type { SpoolRecord } from './spool-store.ts';

/** What is on its way and not acknowledged, in the order in which it was sent. */
export class Window {
  /** Everything in the spool up to this id is stored by the collector. */
  acknowledgedId = 0;
  private readonly maxRecords: number;
  private readonly maxBytes: number;
  private readonly sent = new Fifo<SpoolRecord>();
  private bytes = 0;

  constructor(maxRecords: number, maxBytes: number) {
    this.maxRecords = maxRecords;
    this.maxBytes = maxBytes;
  }

  get records(): number {
    return this.sent.length;
  }

  /** How many records may follow now. */
  room(): number {
    return this.bytes >= this.maxBytes ? 0 : this.maxRecords - this.sent.length;
  }

  add(record: SpoolRecord): void {
    this.sent.push(record);
    this.bytes += record.bytes.byteLength;
  }

  /** Takes out what a cumulative acknowledgement covers and gives how many that were. */
  acknowledge(epoch: bigint, sequence: number): number {
    let count = 0;
    for (let first = this.sent.peek(); first !== undefined; first = this.sent.peek()) {
      if (first.epoch !== epoch || first.sequence > sequence) break;
      this.sent.shift();
      this.bytes -= first.bytes.byteLength;
      this.acknowledgedId = first.id;
      count++;
    }
    return count;
  }

  /** The stream is gone: nothing is on its way any more. */
  clear(): void {
    this.sent.clear();
    this.bytes = 0;
  }
}
