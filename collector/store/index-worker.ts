import { existsSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { type Database, openSqlite, type Statement } from '../../agent/storage/sqlite.ts';
import { readOutput } from '../../proto/head.ts';
import { indexedTo, openIndex } from './index-schema.ts';
import { withoutPreamble } from './search-text.ts';

/** What the thread is told. `fill`: there may be more in a partition. `forget`: close it; `anew`: and begin its index anew. */
export interface IndexOrder {
  readonly kind: 'fill' | 'forget' | 'anew';
  readonly path: string;
  readonly indexPath: string;
}

/** What it tells. */
export type IndexReport =
  | { readonly kind: 'forgotten'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly message: string };

/** Rows of one transaction. */
const SLICE_ROWS = 500;

interface Row {
  readonly id: number;
  readonly uuid: string;
  readonly body: Uint8Array;
}

/** Fills one index from its partition, slice by slice. */
class Filler {
  private readonly records: Database;
  private readonly index: Database;
  private readonly select: Statement<Row>;
  private readonly last: Statement<{ id: number | null }>;
  private readonly insertText: Statement<never>;
  private readonly insertAlert: Statement<never>;
  private readonly setIndexed: Statement<never>;
  private indexed: number;

  constructor({ path, indexPath }: IndexOrder) {
    this.records = openSqlite(path);
    this.index = openIndex(indexPath);
    this.indexed = indexedTo(this.index);
    this.last = this.records.prepare('SELECT max(id) AS id FROM record');
    this.select = this.records.prepare(
      'SELECT id, uuid, body FROM record WHERE id > ? AND id <= ? AND kind = 10 ORDER BY id LIMIT ?',
    );
    this.insertText = this.index.prepare('INSERT INTO output (rowid, text) VALUES (?, ?)');
    this.insertAlert = this.index.prepare('INSERT OR REPLACE INTO alert VALUES (?, ?)');
    this.setIndexed = this.index.prepare("UPDATE meta SET value = ? WHERE name = 'indexed'");
  }

  /** Gives whether there is more. */
  slice(): boolean {
    const last = this.last.get()?.id ?? 0;
    if (last <= this.indexed) return false;
    const rows = this.select.all(this.indexed, last, SLICE_ROWS);
    const whole = rows.length < SLICE_ROWS;
    const indexed = whole ? last : (rows.at(-1)?.id ?? last);
    this.index.transaction(() => {
      for (const row of rows) this.insert(row);
      this.setIndexed.run(indexed);
    });
    this.indexed = indexed;
    return !whole;
  }

  close(): void {
    this.records.close();
    this.index.close();
  }

  private insert({ id, uuid, body }: Row): void {
    this.insertText.run(id, withoutPreamble(outputOf(body)));
    this.insertAlert.run(uuid, id);
  }
}

function outputOf(body: Uint8Array): string {
  try {
    return readOutput(body);
  } catch {
    return '';
  }
}

const fillers = new Map<string, Filler>();
const waiting = new Map<string, IndexOrder>();
let scheduled = false;

function take(order: IndexOrder): void {
  const { kind, path, indexPath } = order;
  if (kind === 'fill') {
    waiting.set(path, order);
    schedule();
    return;
  }
  close(path);
  waiting.delete(path);
  if (kind === 'anew') {
    for (const suffix of ['', '-wal', '-shm']) rmSync(indexPath + suffix, { force: true });
    take({ ...order, kind: 'fill' });
  }
  report({ kind: 'forgotten', path });
}

function close(path: string): void {
  fillers.get(path)?.close();
  fillers.delete(path);
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    work();
  });
}

/** One slice of the partition that was named first; orders have their turn between slices. */
function work(): void {
  const [next] = waiting;
  if (next === undefined) return;
  const [path, order] = next;
  try {
    if (!fill(order)) waiting.delete(path);
  } catch (error) {
    waiting.delete(path);
    close(path);
    report({ kind: 'failed', path, message: error instanceof Error ? error.message : String(error) });
  }
  if (waiting.size > 0) schedule();
}

function fill(order: IndexOrder): boolean {
  // One that was dropped meanwhile must not come into being again.
  if (!existsSync(order.path)) return false;
  const filler = fillers.get(order.path) ?? new Filler(order);
  fillers.set(order.path, filler);
  const more = filler.slice();
  // Only the newest partition gets more: others are closed when they are done.
  if (!more) for (const path of [...fillers.keys()].slice(0, -1)) close(path);
  return more;
}

function report(message: IndexReport): void {
  parentPort?.postMessage(message);
}

// On Linux this is for the calling thread alone: it has what the collector itself leaves.
try {
  setPriority(0, constants.priority.PRIORITY_LOW);
} catch {
  // Not allowed everywhere, and only a courtesy.
}
parentPort?.on('message', take);
