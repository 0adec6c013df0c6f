import type { TimePlace } from './question.ts';

/** Places in order, newest first, a helping at a time. */
export type Source = (before: TimePlace, limit: number) => readonly TimePlace[];

/** Sources that together have nothing newer than `greatest`: they are not opened before that is of interest. */
export interface SourceGroup<Owner> {
  readonly owner: Owner;
  readonly greatest: bigint;
  open(): readonly Source[];
}

export interface Found<Owner> {
  readonly owner: Owner;
  readonly place: TimePlace;
}

/** The first helping of a source; later ones are twice as large each. */
const FIRST_CHUNK = 32;

/** The newest places before `before` of all groups, newest first. */
export function mergeNewest<Owner>(
  groups: readonly SourceGroup<Owner>[],
  before: TimePlace,
  limit: number,
): Found<Owner>[] {
  const closed = [...groups].sort((a, b) => compare(b.greatest, a.greatest));
  const heap = new NewestFirst<Owner>();
  const found: Found<Owner>[] = [];
  while (found.length < limit) {
    for (let next = closed[0]; next !== undefined && heap.olderThan(next.greatest); next = closed[0]) {
      closed.shift();
      for (const source of next.open()) heap.add(new Cursor(next.owner, source, before, limit));
    }
    const newest = heap.take();
    if (newest === undefined) return found;
    found.push(newest);
  }
  return found;
}

class Cursor<Owner> {
  readonly owner: Owner;
  private readonly source: Source;
  private readonly limit: number;
  private before: TimePlace;
  private chunk: readonly TimePlace[] = [];
  private at = 0;
  private size = FIRST_CHUNK;
  private ended = false;

  constructor(owner: Owner, source: Source, before: TimePlace, limit: number) {
    this.owner = owner;
    this.source = source;
    this.before = before;
    this.limit = limit;
  }

  get head(): TimePlace | undefined {
    if (this.at === this.chunk.length && !this.ended) this.read();
    return this.chunk[this.at];
  }

  advance(): void {
    this.at++;
  }

  private read(): void {
    const size = Math.min(this.size, this.limit);
    this.chunk = this.source(this.before, size);
    this.at = 0;
    this.before = this.chunk.at(-1) ?? this.before;
    this.ended = this.chunk.length < size;
    this.size *= 2;
  }
}

/** A binary heap of cursors that have a head, the newest on top. */
class NewestFirst<Owner> {
  private readonly cursors: { readonly cursor: Cursor<Owner>; head: TimePlace }[] = [];

  olderThan(timeNs: bigint): boolean {
    const top = this.cursors[0];
    return top === undefined || top.head.timeNs <= timeNs;
  }

  add(cursor: Cursor<Owner>): void {
    const { head } = cursor;
    if (head === undefined) return;
    this.cursors.push({ cursor, head });
    for (let at = this.cursors.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfNewer(at, parent)) return;
      at = parent;
    }
  }

  take(): Found<Owner> | undefined {
    const top = this.cursors[0];
    if (top === undefined) return undefined;
    const found = { owner: top.cursor.owner, place: top.head };
    top.cursor.advance();
    const { head } = top.cursor;
    if (head === undefined) this.removeTop();
    else top.head = head;
    this.sink();
    return found;
  }

  private removeTop(): void {
    const last = this.cursors.pop();
    if (last !== undefined && this.cursors.length > 0) this.cursors[0] = last;
  }

  private sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = right < this.cursors.length && this.isNewer(right, left) ? right : left;
      if (child >= this.cursors.length || !this.swapIfNewer(child, at)) return;
      at = child;
    }
  }

  private swapIfNewer(a: number, b: number): boolean {
    const [one, other] = [this.cursors[a], this.cursors[b]];
    if (one === undefined || other === undefined || !this.isNewer(a, b)) return false;
    this.cursors[a] = other;
    this.cursors[b] = one;
    return true;
  }

  private isNewer(a: number, b: number): boolean {
    const [one, other] = [this.cursors[a]?.head, this.cursors[b]?.head];
    if (one === undefined || other === undefined) return false;
    return one.timeNs > other.timeNs || (one.timeNs === other.timeNs && one.id > other.id);
  }
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
