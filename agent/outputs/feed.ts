import { Fifo } from '../lib/fifo.ts';
import type { Spool } from './spool.ts';
import type { SpoolRecord } from './spool-store.ts';
import type { Commit } from './spool-writer.ts';

/**
 * The spool's records in their order, from memory while the reader keeps up, from the disk when it does not. Memory is
 * only a shortcut: whenever it may lack something it is emptied, and the disk is asked.
 */
export class Feed {
  private readonly spool: Spool;
  private readonly maxBytes: number;
  private readonly memory = new Fifo<SpoolRecord>();
  private memoryBytes = 0;
  /** Every record after this id is in memory. */
  private memoryFrom: number;
  private position: number;
  private readonly unsubscribe: () => void;

  /** `maxBytes`: what may wait in memory. */
  constructor(spool: Spool, maxBytes: number) {
    this.spool = spool;
    this.maxBytes = maxBytes;
    this.position = 0;
    this.memoryFrom = spool.lastId();
    this.unsubscribe = spool.onCommit((commit) => this.add(commit));
  }

  /** The last id that was taken. */
  get lastId(): number {
    return this.position;
  }

  /** What `take` gives next is the record after this id. */
  rewind(id: number): void {
    this.position = id;
    this.forget();
  }

  /** At most so many; none when all were taken. */
  take(maxRows: number, maxBytes: number): SpoolRecord[] {
    if (this.position >= this.spool.lastId()) return [];
    const records =
      this.position >= this.memoryFrom
        ? this.fromMemory(maxRows, maxBytes)
        : this.spool.page(this.position, maxRows, maxBytes);
    if (records === undefined) return [];
    const last = records.at(-1);
    // Nothing there although ids are ahead: they were dropped for the limit.
    this.position = last === undefined ? this.spool.lastId() : last.id;
    return records;
  }

  close(): void {
    this.unsubscribe();
    this.forget();
  }

  private add(commit: Commit): void {
    if (commit.dropped !== undefined) {
      this.forget();
      return;
    }
    for (const record of commit.records) {
      this.memory.push(record);
      this.memoryBytes += record.bytes.byteLength;
    }
    while (this.memoryBytes > this.maxBytes) this.evict();
  }

  private fromMemory(maxRows: number, maxBytes: number): SpoolRecord[] {
    const records: SpoolRecord[] = [];
    let bytes = 0;
    for (let next = this.memory.peek(); next !== undefined; next = this.memory.peek()) {
      if (next.id > this.position) {
        bytes += next.bytes.byteLength;
        if (records.length >= maxRows || (records.length > 0 && bytes > maxBytes)) break;
        records.push(next);
      }
      this.evict();
    }
    return records;
  }

  /** Takes the oldest out of memory. */
  private evict(): void {
    const record = this.memory.shift();
    if (record === undefined) return;
    this.memoryBytes -= record.bytes.byteLength;
    this.memoryFrom = record.id;
  }

  private forget(): void {
    this.memory.clear();
    this.memoryBytes = 0;
    this.memoryFrom = this.spool.lastId();
  }
}
