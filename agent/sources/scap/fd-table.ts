import { changed, type FdEntry } from './fd-entry.ts';
import type { Revisions } from './revisions.ts';

/** The last of the descriptors that are told of a process by themselves: standard error. */
const STANDARD_MAX = 2;

/** Descriptors of one process, by number. Bounded: above the limit new ones are not kept. */
export class FdTable {
  readonly entries: Map<number, FdEntry>;
  /** When descriptors 0 to 2 last changed. */
  stamp = 0;
  readonly #budget: FdBudget;
  readonly #revisions: Revisions;

  constructor(budget: FdBudget, revisions: Revisions, from?: FdTable) {
    this.#budget = budget;
    this.#revisions = revisions;
    this.entries = from !== undefined && budget.take(from.entries.size) ? new Map(from.entries) : new Map();
  }

  get(fd: number): FdEntry | undefined {
    return this.entries.get(fd);
  }

  set(fd: number, entry: FdEntry): void {
    if (!this.entries.has(fd) && !this.#budget.take(1)) return;
    this.entries.set(fd, entry);
    if (fd <= STANDARD_MAX) this.stamp = this.#revisions.next();
  }

  remove(fd: number): void {
    if (!this.entries.delete(fd)) return;
    this.#budget.give(1);
    if (fd <= STANDARD_MAX) this.stamp = this.#revisions.next();
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    const entry = this.entries.get(fd);
    if (entry !== undefined && entry.closeOnExec !== closeOnExec) this.entries.set(fd, changed(entry, { closeOnExec }));
  }

  /** What an exec does. */
  closeOnExec(): void {
    for (const [fd, entry] of this.entries) if (entry.closeOnExec) this.remove(fd);
  }

  clear(): void {
    this.#budget.give(this.entries.size);
    this.entries.clear();
  }

  /** Some descriptor has this as its server port. */
  isBoundTo(port: number): boolean {
    for (const entry of this.entries.values()) {
      if (entry.type === 'ipv4' && entry.tuple?.serverPort === port) return true;
    }
    return false;
  }
}

/** How many descriptors all tables together may hold. */
export class FdBudget {
  /** Descriptors that were not kept. */
  refused = 0;
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  take(count: number): boolean {
    if (count > this.#left) {
      this.refused += count;
      return false;
    }
    this.#left -= count;
    return true;
  }

  give(count: number): void {
    this.#left += count;
  }
}
