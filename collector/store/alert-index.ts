import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { isDamage } from '../../agent/storage/data-file.ts';
import { isThere } from '../../agent/storage/is-there.ts';
import type { Database } from '../../agent/storage/sqlite.ts';
import { indexedTo, openIndex } from './index-schema.ts';
import type { IndexOrder, IndexReport } from './index-worker.ts';
import type { Entry } from './partitions.ts';

/** The thread is told of new records this often at most. */
const POKE_MS = 200;
const OPEN_MAX = 16;

/** Ids of alerts, newest stored first. */
export interface Matches {
  readonly ids: readonly number[];
  /** The last id that is in the index. */
  readonly indexedTo: number;
}

/**
 * Finds alerts by words and by uuid. A thread of its own fills the indices behind, with its own connections; it is started
 * with the first record.
 */
export class AlertIndex {
  private readonly open = new Map<string, Database>();
  private readonly poked = new Map<string, Entry>();
  private readonly onFailure: (message: string) => void;
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(onFailure: (message: string) => void) {
    this.onFailure = onFailure;
  }

  /** There may be more in a partition. */
  fill(entry: Entry): void {
    this.poked.set(entry.path, entry);
    this.timer ??= setTimeout(() => this.poke(), POKE_MS).unref();
  }

  /** Alerts with ids below `beforeId` in whose output `match` (FTS5) is found. */
  matches(entry: Entry, match: string, beforeId: number, limit: number): Matches {
    const found = this.use(entry, (database) => ({
      ids: database
        .prepare<{ rowid: number }>(
          'SELECT rowid FROM output WHERE output MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
        )
        .all(match, beforeId, limit)
        .map(({ rowid }) => rowid),
      indexedTo: indexedTo(database),
    }));
    return found ?? { ids: [], indexedTo: 0 };
  }

  /** The id of an alert, if it is in the index. */
  find(entry: Entry, uuid: string): { readonly id: number | undefined; readonly indexedTo: number } {
    const found = this.use(entry, (database) => ({
      id: database.prepare<{ id: number }>('SELECT id FROM alert WHERE uuid = ?').get(uuid)?.id,
      indexedTo: indexedTo(database),
    }));
    return found ?? { id: undefined, indexedTo: 0 };
  }

  /** Before the partition's files are removed. */
  forget({ path, indexPath }: Entry): void {
    this.poked.delete(path);
    this.close(indexPath);
    this.order({ kind: 'forget', path, indexPath });
  }

  /** Resolves when the thread has ended and touches no file any more. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    for (const database of this.open.values()) database.close();
    this.open.clear();
    await this.worker?.terminate();
  }

  private use<T>(entry: Entry, work: (database: Database) => T): T | undefined {
    if (!existsSync(entry.indexPath)) return undefined;
    try {
      return work(this.connect(entry.indexPath));
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.close(entry.indexPath);
      this.start();
      this.order({ kind: 'anew', path: entry.path, indexPath: entry.indexPath });
      return undefined;
    }
  }

  private connect(path: string): Database {
    const database = this.open.get(path) ?? openIndex(path);
    this.open.delete(path);
    this.open.set(path, database);
    const [oldest] = this.open.keys();
    if (this.open.size > OPEN_MAX && oldest !== undefined) this.close(oldest);
    return database;
  }

  private close(path: string): void {
    this.open.get(path)?.close();
    this.open.delete(path);
  }

  private poke(): void {
    this.timer = undefined;
    this.start();
    for (const { path, indexPath } of this.poked.values()) this.order({ kind: 'fill', path, indexPath });
    this.poked.clear();
  }

  private start(): void {
    if (this.worker !== undefined) return;
    const worker = new Worker(workerFile());
    worker.unref();
    worker.on('message', (report: IndexReport) => {
      if (report.kind === 'failed') this.onFailure(`the index of ${report.path} cannot be filled: ${report.message}`);
    });
    worker.on('error', (error) => {
      this.onFailure(`the thread that fills indices ended: ${error.message}`);
      if (this.worker === worker) this.worker = undefined;
    });
    this.worker = worker;
  }

  private order(order: IndexOrder): void {
    this.worker?.postMessage(order);
  }
}

/** Threads run what was compiled: beside this file, or, when this file is a source, in dist/. */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./index-worker.js', import.meta.url));
  return isThere(beside)
    ? beside
    : fileURLToPath(new URL('../../dist/collector/store/index-worker.js', import.meta.url));
}
