import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { greatest, least } from '../../agent/lib/bigint.ts';
import { isDamage, moveAside, openDataFile } from '../../agent/storage/data-file.ts';
import { openSqlite } from '../../agent/storage/sqlite.ts';
import { KIND_ALERT } from '../../proto/head.ts';
import { type Extent, Partition, sizeOf } from './partition.ts';
import { preparePartition } from './partition-schema.ts';
import type { StoredRecord } from './record.ts';

/** One file of records. Its name is the day (UTC) on which they were stored, with a number where a day has several. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  /** Beside it; filled behind. */
  readonly indexPath: string;
  /** Undefined while it is empty. */
  extent: Extent | undefined;
}

const NAME = /^(\d{4}-\d\d-\d\d)(?:\.(\d{1,6}))?\.db$/;
/** Connections kept open: a week and some more. */
const OPEN_MAX = 16;
const SUFFIXES = ['', '-wal', '-shm'];

/** The partitions of a store, in the order of their ids. A damaged one is set aside when that is found, and told. */
export class Partitions {
  private readonly folder: string;
  private readonly onDamage: (setAside: string, entry: Entry) => void;
  private readonly list: Entry[] = [];
  /** By last use, oldest first. */
  private readonly open = new Map<Entry, Partition>();

  constructor(folder: string, onDamage: (setAside: string, entry: Entry) => void) {
    this.folder = folder;
    this.onDamage = onDamage;
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    for (const name of namesIn(folder)) this.adopt(name);
    this.list.sort((a, b) => (a.extent?.firstId ?? 0) - (b.extent?.firstId ?? 0));
  }

  all(): readonly Entry[] {
    return this.list;
  }

  newest(): Entry | undefined {
    return this.list.at(-1);
  }

  /** Works on a partition; undefined when it proved damaged and was set aside. */
  use<T>(entry: Entry, work: (partition: Partition) => T): T | undefined {
    try {
      return work(this.connect(entry));
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.setAside(entry);
      return undefined;
    }
  }

  /** A new one, which comes last. */
  begin(day: string): Entry {
    const taken = new Set(readdirSync(this.folder).map((name) => name.replace(/\.damaged-.*$/, '')));
    let name = `${day}.db`;
    for (let number = 2; taken.has(name); number++) name = `${day}.${number}.db`;
    const entry = this.entryOf(name);
    this.connect(entry);
    this.list.push(entry);
    return entry;
  }

  /** Removes one with all that it holds. */
  drop(entry: Entry): void {
    this.forget(entry);
    remove(entry.path);
    remove(entry.indexPath);
  }

  bytesOf({ path, indexPath }: Entry): number {
    return [path, `${path}-wal`, indexPath, `${indexPath}-wal`].reduce((sum, each) => sum + sizeOf(each), 0);
  }

  close(): void {
    for (const partition of this.open.values()) partition.close();
    this.open.clear();
  }

  private adopt(name: string): void {
    const entry = this.entryOf(name);
    const { value, setAside } = openDataFile(entry.path, false, (database) => {
      preparePartition(database);
      const partition = new Partition(database);
      entry.extent = partition.extent();
      return partition;
    });
    value.close();
    if (setAside !== undefined) this.onDamage(setAside, entry);
    if (entry.extent === undefined) this.drop(entry);
    else this.list.push(entry);
  }

  private entryOf(name: string): Entry {
    const path = join(this.folder, name);
    return { name, path, indexPath: `${path.slice(0, -3)}.index`, extent: undefined };
  }

  private connect(entry: Entry): Partition {
    const partition = this.open.get(entry) ?? this.openAnew(entry);
    this.open.delete(entry);
    this.open.set(entry, partition);
    if (this.open.size > OPEN_MAX) this.closeOldest();
    return partition;
  }

  private openAnew(entry: Entry): Partition {
    const database = openSqlite(entry.path);
    try {
      preparePartition(database);
      return new Partition(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private closeOldest(): void {
    const [oldest] = this.open;
    if (oldest === undefined) return;
    this.open.delete(oldest[0]);
    oldest[1].close();
  }

  private setAside(entry: Entry): void {
    this.forget(entry);
    remove(entry.indexPath);
    this.onDamage(moveAside(entry.path), entry);
  }

  private forget(entry: Entry): void {
    this.open.get(entry)?.close();
    this.open.delete(entry);
    const index = this.list.indexOf(entry);
    if (index >= 0) this.list.splice(index, 1);
  }
}

/** The extent with what was just stored. */
export function extended(extent: Extent | undefined, stored: readonly StoredRecord[]): Extent | undefined {
  const first = stored[0];
  const last = stored.at(-1);
  if (first === undefined || last === undefined) return extent;
  let times = extent?.times;
  for (const { columns } of stored) {
    if (columns.kind !== KIND_ALERT) continue;
    const { timeNs } = columns;
    times = { least: least(times?.least ?? timeNs, timeNs), greatest: greatest(times?.greatest ?? timeNs, timeNs) };
  }
  return {
    firstId: extent?.firstId ?? first.id,
    lastId: last.id,
    firstStoredNs: extent?.firstStoredNs ?? first.columns.storedNs,
    lastStoredNs: last.columns.storedNs,
    times,
  };
}

/** The day (UTC) of a time, as partitions are named. */
export function dayOf(storedNs: bigint): string {
  const days = storedNs / 86_400_000_000_000n;
  // Beyond the year 9999, which no clock shows, names would have another form.
  return new Date(Math.min(Number(days), 2_932_896) * 86_400_000).toISOString().slice(0, 10);
}

/** Whether a file was begun after another: by day, then by number. */
export function isLater(name: string, other: string): boolean {
  const [day, otherDay] = [dayOfName(name), dayOfName(other)];
  return day === otherDay ? numberOfName(name) > numberOfName(other) : day > otherDay;
}

export function dayOfName(name: string): string {
  return NAME.exec(name)?.[1] ?? '';
}

function numberOfName(name: string): number {
  return Number(NAME.exec(name)?.[2] ?? 1);
}

function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort();
}

function remove(path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
}
