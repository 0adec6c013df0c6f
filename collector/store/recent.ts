import type { StoredRecord } from './record.ts';

/** What is kept; a decoded alert takes several times the bytes of its record. */
const RECORDS_MAX = 8000;
const BYTES_MAX = 8 * 1024 * 1024;

/**
 * The newest records, as they were stored: subscribers that are a little behind read the same objects, which are decoded
 * once for all, instead of each its own from the disk.
 */
export class RecentRecords {
  private records: StoredRecord[] = [];
  /** The first of `records` that still counts: the others are cut off now and then. */
  private first = 0;
  private bytes = 0;

  add(stored: readonly StoredRecord[]): void {
    const last = this.records.at(-1);
    // Ids that were skipped mean that a partition was lost.
    if (last !== undefined && stored[0] !== undefined && stored[0].id !== last.id + 1) this.clear();
    for (const record of stored) {
      this.records.push(record);
      this.bytes += record.columns.body.length;
    }
    while (this.records.length - this.first > RECORDS_MAX || this.bytes > BYTES_MAX) {
      this.bytes -= this.records[this.first++]?.columns.body.length ?? 0;
    }
    if (this.first < RECORDS_MAX) return;
    this.records = this.records.slice(this.first);
    this.first = 0;
  }

  /** Records after an id, if all of them are here. */
  after(id: number, limit: number): StoredRecord[] | undefined {
    const oldest = this.records[this.first];
    if (oldest === undefined || id + 1 < oldest.id) return undefined;
    const start = this.first + (id + 1 - oldest.id);
    return this.records.slice(start, start + limit);
  }

  clear(): void {
    this.records = [];
    this.first = 0;
    this.bytes = 0;
  }
}
