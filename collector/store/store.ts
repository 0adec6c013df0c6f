import { randomBytes } from 'node:crypto';
import { dirname, join, parse } from 'node:path';
import { greatest } from '../../agent/lib/bigint.ts';
import { openDataFile } from '../../agent/storage/data-file.ts';
import type { Database, Statement } from '../../agent/storage/sqlite.ts';
import { KIND_TRIAGE } from '../../proto/head.ts';
import { fromInt64 } from '../../proto/int64.ts';
import { AlertIndex } from './alert-index.ts';
import { type DurationFigures, type DurationKind, figuresOf } from './durations.ts';
import { mergeNewest, type Source, type SourceGroup } from './merge.ts';
import { type AgentPosition, type KeptPosition, type PositionChange, sizeOf } from './partition.ts';
import { dayOf, dayOfName, type Entry, extended, isLater, Partitions } from './partitions.ts';
import type { TimePlace, Wanted } from './question.ts';
import { RecentRecords } from './recent.ts';
import { type Columns, StoredRecord } from './record.ts';
import { type CountCell, type CountQuestion, minuteOf } from './rollup.ts';
import { formatOf, makeSchema } from './schema.ts';
import { TriageBook } from './triage-book.ts';
import { oldPositions, oldRecords } from './upgrade.ts';

export interface Retention {
  /** Records are kept for so many days after they were stored; whole partitions go. */
  readonly days: number;
  /** Above this the oldest partitions go, whatever their age. The newest always stays. */
  readonly bytes: number;
}

export interface StoreOptions {
  readonly retention?: Retention;
  readonly onNotice?: (notice: StoreNotice) => void;
}

export type StoreNotice =
  /** A damaged file was moved away; the rest goes on. */
  | { readonly kind: 'damaged'; readonly setAside: string }
  /** A database of an earlier format is being taken over; it may take a while. */
  | { readonly kind: 'upgrading'; readonly path: string }
  /** What can be done without (the search of texts) does not work. */
  | { readonly kind: 'hampered'; readonly reason: string }
  /** A partition went, for its age or for the limit of size. */
  | { readonly kind: 'dropped'; readonly name: string; readonly records: number };

/** A file of records. */
export interface PartitionInfo {
  readonly name: string;
  readonly path: string;
  readonly firstId: number;
  readonly lastId: number;
  readonly firstStoredNs: bigint;
  readonly lastStoredNs: bigint;
  /** Nothing is added to it any more. */
  readonly closed: boolean;
}

export interface SearchResult {
  readonly records: readonly StoredRecord[];
  /** Where to go on: the id before which to look; undefined = there is no more. */
  readonly beforeId: number | undefined;
}

/** What the collector keeps. Ids grow in the order of storing. */
export interface Store {
  /** Random name of this database: part of every cursor. */
  readonly name: string;
  /** What is not a record: nodes and named subscriptions are kept in here by their owners. */
  readonly catalog: Database;
  readonly triage: TriageBook;
  /** Id of the newest record; 0 = none. */
  head(): number;
  /** The id before the oldest record that is still there. */
  tail(): number;
  /** Stores records and positions in one transaction; on disk when it returns. */
  append(records: readonly Columns[], positions: readonly PositionChange[]): StoredRecord[];
  position(agentId: string, epoch: bigint): AgentPosition | undefined;
  /** Records after an id, oldest first. */
  after(id: number, limit: number): StoredRecord[];
  /** The last id that was stored before a time (ns since 1970); 0 = none. */
  lastBefore(storedNs: bigint): number;
  /** Alerts that happened at `fromNs` or later and come before `place`, newest first. */
  newest(fromNs: bigint, place: TimePlace, limit: number, wanted?: Wanted): StoredRecord[];
  /** Alerts below an id in whose output `match` (FTS5) is found, in the reverse order of storing. */
  search(match: string, beforeId: number, limit: number): SearchResult;
  /** Records at the end that the search does not know yet. */
  unindexed(): number;
  /** An alert by its uuid. */
  find(uuid: string): StoredRecord | undefined;
  /** Alerts counted by time and one dimension. */
  cells(question: CountQuestion): CountCell[];
  /** How long things took that were stored in a range of time. */
  durations(kind: DurationKind, fromNs: bigint, toNs: bigint): DurationFigures;
  /** How many records there are. */
  count(): number;
  /** Size of all files. */
  bytes(): number;
  partitions(): PartitionInfo[];
  /** Drops what is too old or too much. `mayDrop` can hold a partition back. */
  retain(nowNs: bigint, mayDrop?: (partition: PartitionInfo) => boolean): void;
  /** Closed when this returns; resolves when nothing touches the files any more. */
  close(): Promise<void>;
}

/** Records of the upgrade and appends go into one partition until its day ends or it is this large. */
const PARTITION_BYTES_MAX = 4 * 1024 ** 3;
const PARTITION_BYTES_MIN = 16 * 1024 ** 2;
/** A partition is at most this share of the limit of size, so that the limit can be kept. */
const PARTITION_SHARE = 16;
/** Positions of runs of which nothing came for so long are not taken into a new partition. */
const POSITION_NS = 30n * 86_400_000_000_000n;
const DAY_NS = 86_400_000_000_000n;
/** Ids are set aside in blocks, so that none is given twice when the newest partition is lost. */
const ID_BLOCK = 1_000_000;

/**
 * Opens the database at `path` and the partitions in the folder beside it; what is damaged is set aside. Throws E_DATA_DIR
 * or E_DATABASE.
 */
export function openStore(
  path: string,
  options: StoreOptions = {},
): { readonly store: Store; readonly setAside?: string } {
  const { value, ...rest } = openDataFile(path, true, (database) => new PartitionedStore(database, path, options));
  return { store: value, ...rest };
}

class PartitionedStore implements Store {
  readonly name: string;
  readonly catalog: Database;
  readonly triage: TriageBook;
  private readonly path: string;
  private readonly options: StoreOptions;
  private readonly files: Partitions;
  private readonly index: AlertIndex;
  private readonly recent = new RecentRecords();
  private readonly setMeta: Statement<never>;
  private readonly partitionBytes: number;
  private last = 0;
  private ceiling = 0;
  private triageBehind = false;

  constructor(database: Database, path: string, options: StoreOptions) {
    this.catalog = database;
    this.path = path;
    this.options = options;
    const format = formatOf(database);
    if (format === 0) database.transaction(() => makeSchema(database));
    this.setMeta = database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
    const { bytes = Number.POSITIVE_INFINITY } = options.retention ?? {};
    this.partitionBytes = Math.max(PARTITION_BYTES_MIN, Math.min(bytes / PARTITION_SHARE, PARTITION_BYTES_MAX));
    this.index = new AlertIndex((reason) => options.onNotice?.({ kind: 'hampered', reason }));
    const damaged: string[] = [];
    const folder = join(dirname(path), `${parse(path).name}-records`);
    this.files = new Partitions(folder, (setAside, { name }) => {
      damaged.push(name);
      this.lost(setAside);
    });
    const newest = this.files.newest();
    this.name = nameOf(database, newest && this.files.use(newest, (partition) => partition.owner()));
    this.ceiling = Number(this.meta('ceiling') ?? 0);
    this.last = Math.max(this.files.newest()?.extent?.lastId ?? 0, Number(this.meta('least') ?? 0));
    if (damaged.some((name) => newest === undefined || isLater(name, newest.name))) this.skipIds();
    if (format === 1) this.upgrade();
    this.triage = new TriageBook(database);
    this.catchUp();
    for (const entry of this.files.all()) this.index.fill(entry);
  }

  head(): number {
    return this.last;
  }

  tail(): number {
    const first = this.files.all()[0]?.extent?.firstId;
    return first === undefined ? this.last : first - 1;
  }

  append(records: readonly Columns[], positions: readonly PositionChange[]): StoredRecord[] {
    const stored = records.map((columns, index) => new StoredRecord(this.last + 1 + index, columns));
    const storedNs = stored.at(-1)?.columns.storedNs ?? 0n;
    if (stored.length === 0 && positions.length === 0) return stored;
    this.reserve(this.last + stored.length);
    this.write(
      stored,
      positions.map((position) => ({ ...position, storedNs })),
    );
    this.last += stored.length;
    this.recent.add(stored);
    if (this.triageBehind || stored.some(({ columns }) => columns.kind === KIND_TRIAGE)) this.tryCatchUp();
    return stored;
  }

  position(agentId: string, epoch: bigint): AgentPosition | undefined {
    const newest = this.files.newest();
    return newest && this.files.use(newest, (partition) => partition.position(agentId, epoch));
  }

  after(id: number, limit: number): StoredRecord[] {
    const recent = this.recent.after(id, limit);
    if (recent !== undefined) return recent;
    const records: StoredRecord[] = [];
    for (const entry of [...this.files.all()]) {
      if (records.length >= limit) break;
      if ((entry.extent?.lastId ?? 0) <= id) continue;
      records.push(...(this.files.use(entry, (partition) => partition.after(id, limit - records.length)) ?? []));
    }
    return records;
  }

  lastBefore(storedNs: bigint): number {
    for (const entry of [...this.files.all()].reverse()) {
      const { extent } = entry;
      if (extent === undefined || extent.firstStoredNs >= storedNs) continue;
      if (extent.lastStoredNs < storedNs) return extent.lastId;
      return this.files.use(entry, (partition) => partition.lastBefore(storedNs, extent)) ?? extent.lastId;
    }
    return this.tail();
  }

  newest(fromNs: bigint, place: TimePlace, limit: number, wanted: Wanted = {}): StoredRecord[] {
    const groups = this.files.all().flatMap((entry): SourceGroup<Entry>[] => {
      const times = entry.extent?.times;
      if (times === undefined || times.greatest < fromNs || times.least > place.timeNs) return [];
      const open = () => this.sourcesOf(entry, fromNs, wanted);
      return [{ owner: entry, greatest: times.greatest, open }];
    });
    return mergeNewest(groups, place, limit).flatMap(({ owner, place: { id } }) => this.one(owner, id) ?? []);
  }

  search(match: string, beforeId: number, limit: number): SearchResult {
    const records: StoredRecord[] = [];
    for (const entry of [...this.files.all()].reverse()) {
      if (records.length >= limit) break;
      if ((entry.extent?.firstId ?? 0) >= beforeId) continue;
      const { ids } = this.index.matches(entry, match, beforeId, limit - records.length);
      records.push(...ids.flatMap((id) => this.one(entry, id) ?? []));
    }
    return { records, beforeId: records.length < limit ? undefined : records.at(-1)?.id };
  }

  unindexed(): number {
    const newest = this.files.newest();
    if (newest?.extent === undefined) return 0;
    const { indexedTo } = this.index.find(newest, '');
    return newest.extent.lastId - Math.max(indexedTo, newest.extent.firstId - 1);
  }

  find(uuid: string): StoredRecord | undefined {
    for (const entry of [...this.files.all()].reverse()) {
      const { id, indexedTo } = this.index.find(entry, uuid);
      const found = id === undefined ? this.findUnindexed(entry, indexedTo, uuid) : this.one(entry, id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  cells(question: CountQuestion): CountCell[] {
    const total = new Map<string, CountCell>();
    for (const entry of [...this.files.all()]) {
      const times = entry.extent?.times;
      if (times === undefined) continue;
      if (minuteOf(times.greatest) < question.fromMinute || minuteOf(times.least) >= question.toMinute) continue;
      for (const cell of this.files.use(entry, (partition) => partition.cells(question)) ?? []) {
        const at = `${cell.bucket}\n${cell.key}`;
        total.set(at, { ...cell, count: cell.count + (total.get(at)?.count ?? 0) });
      }
    }
    return [...total.values()].sort((a, b) => a.bucket - b.bucket || (a.key < b.key ? -1 : 1));
  }

  durations(kind: DurationKind, fromNs: bigint, toNs: bigint): DurationFigures {
    const entries = this.files.all().filter(({ extent }) => {
      return extent !== undefined && extent.lastStoredNs >= fromNs && extent.firstStoredNs < toNs;
    });
    return figuresOf(entries.flatMap((entry) => this.files.use(entry, (each) => each.durationBuckets(kind)) ?? []));
  }

  count(): number {
    return this.files.all().reduce((sum, { extent }) => sum + (extent ? extent.lastId - extent.firstId + 1 : 0), 0);
  }

  bytes(): number {
    const catalog = sizeOf(this.path) + sizeOf(`${this.path}-wal`);
    return this.files.all().reduce((sum, entry) => sum + this.files.bytesOf(entry), catalog);
  }

  partitions(): PartitionInfo[] {
    const newest = this.files.newest();
    return this.files.all().flatMap(({ name, path, extent }) => {
      return extent === undefined ? [] : [{ name, path, ...extent, closed: path !== newest?.path }];
    });
  }

  retain(nowNs: bigint, mayDrop: (partition: PartitionInfo) => boolean = () => true): void {
    const { retention } = this.options;
    if (retention === undefined) return;
    const oldestNs = nowNs - BigInt(Math.floor(retention.days * Number(DAY_NS)));
    let bytes = this.bytes();
    for (const info of this.partitions()) {
      const entry = this.files.all().find(({ name }) => name === info.name);
      if (info.closed !== true || entry === undefined) return;
      if (info.lastStoredNs >= oldestNs && bytes <= retention.bytes) return;
      if (!mayDrop(info)) return;
      bytes -= this.files.bytesOf(entry);
      this.index.forget(entry);
      this.files.drop(entry);
      this.recent.clear();
      this.triage.forgetTo(info.lastId);
      this.options.onNotice?.({ kind: 'dropped', name: info.name, records: info.lastId - info.firstId + 1 });
    }
  }

  async close(): Promise<void> {
    const stopped = this.index.stop();
    this.files.close();
    this.catalog.close();
    await stopped;
  }

  /** A damaged partition is replaced by a new one, once. */
  private write(stored: readonly StoredRecord[], positions: readonly KeptPosition[]): void {
    const respondedNs = stored.flatMap((record) => Number(fromInt64(record.triage()?.responseNs)) || []);
    for (let attempt = 0; attempt < 2; attempt++) {
      const entry = this.target(stored.at(-1)?.columns.storedNs ?? positions[0]?.storedNs ?? 0n);
      const written = this.files.use(entry, (partition) => {
        partition.append(stored, positions, respondedNs);
        return true;
      });
      if (written === undefined) continue;
      entry.extent = extended(entry.extent, stored);
      this.index.fill(entry);
      return;
    }
    throw new Error('a new partition was damaged at once');
  }

  /** The partition for what is stored now; a new one with a new day, or when the present one is large. */
  private target(storedNs: bigint): Entry {
    const newest = this.files.newest();
    const day = dayOf(storedNs);
    if (newest !== undefined && dayOfName(newest.name) >= day && sizeOf(newest.path) < this.partitionBytes)
      return newest;
    const since = storedNs - POSITION_NS;
    const positions = newest && this.files.use(newest, (partition) => partition.positionsSince(since));
    const entry = this.files.begin(newest === undefined || dayOfName(newest.name) < day ? day : dayOfName(newest.name));
    try {
      this.files.use(entry, (partition) => {
        partition.setOwner(this.name);
        partition.append([], positions ?? []);
      });
      return entry;
    } catch (error) {
      // Without the positions it would not know how far agents had come.
      this.files.drop(entry);
      throw error;
    }
  }

  private one(entry: Entry, id: number): StoredRecord | undefined {
    return this.files.use(entry, (partition) => partition.one(id));
  }

  /** Each read asks for the partition anew: its connection may have been closed for others. */
  private sourcesOf(entry: Entry, fromNs: bigint, wanted: Wanted): readonly Source[] {
    const parts = this.files.use(entry, (partition) => partition.wanted(wanted)) ?? [];
    return parts.map((part) => (before, limit) => {
      return this.files.use(entry, (partition) => partition.newest(part, fromNs, before, limit)) ?? [];
    });
  }

  private findUnindexed(entry: Entry, indexedTo: number, uuid: string): StoredRecord | undefined {
    const { extent } = entry;
    if (extent === undefined || indexedTo >= extent.lastId) return undefined;
    return this.files.use(entry, (partition) => partition.findAfter(indexedTo, uuid));
  }

  /** The records are stored, whatever becomes of this. */
  private tryCatchUp(): void {
    this.triageBehind = true;
    try {
      this.catchUp();
      this.triageBehind = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.options.onNotice?.({ kind: 'hampered', reason: `where alerts stand cannot be written: ${reason}` });
    }
  }

  private catchUp(): void {
    const seen = this.triage.seenTo();
    for (const entry of [...this.files.all()]) {
      if ((entry.extent?.lastId ?? 0) <= seen) continue;
      this.triage.add(this.files.use(entry, (partition) => partition.triageAfter(seen)) ?? []);
    }
  }

  /** No id up to this one will be given again. */
  private reserve(id: number): void {
    if (id <= this.ceiling) return;
    const ceiling = id + ID_BLOCK;
    this.setMeta.run('ceiling', String(ceiling));
    this.ceiling = ceiling;
  }

  /** The newest partition is lost, and with it the last id. */
  private skipIds(): void {
    this.last = Math.max(this.last, this.ceiling);
    this.setMeta.run('least', String(this.last));
  }

  private lost(setAside: string): void {
    this.recent.clear();
    if (this.last > 0) this.setMeta.run('least', String(this.last));
    this.options.onNotice?.({ kind: 'damaged', setAside });
  }

  private meta(name: string): string | undefined {
    return this.catalog.prepare<{ value: string }>('SELECT value FROM meta WHERE name = ?').get(name)?.value;
  }

  /** Records of format 1 leave the file for partitions. Interrupted, it goes on where it was. */
  private upgrade(): void {
    this.options.onNotice?.({ kind: 'upgrading', path: this.path });
    let storedNs = 0n;
    for (const records of oldRecords(this.catalog, this.last)) {
      for (const part of byDay(records)) {
        this.write(part, []);
        storedNs = greatest(storedNs, part.at(-1)?.columns.storedNs ?? 0n);
        this.last = part.at(-1)?.id ?? this.last;
      }
    }
    const newest = this.files.newest()?.extent?.lastStoredNs ?? storedNs;
    const positions = oldPositions(this.catalog, newest);
    if (positions.length > 0) this.write([], positions);
    this.catalog.transaction(() => {
      this.catalog.exec('DROP TABLE record; DROP TABLE position;');
      makeSchema(this.catalog);
    });
    this.catalog.exec('VACUUM');
  }
}

/** Upgraded records of one day go into one partition. */
function byDay(records: readonly StoredRecord[]): StoredRecord[][] {
  const parts = new Map<string, StoredRecord[]>();
  for (const record of records) {
    const day = dayOf(record.columns.storedNs);
    const part = parts.get(day) ?? [];
    part.push(record);
    parts.set(day, part);
  }
  return [...parts.values()];
}

/**
 * Made once: a cursor of another database must not be taken for one of this. Where the file with the name was lost, the
 * partitions still know it.
 */
function nameOf(database: Database, known: string | undefined): string {
  const name = known ?? randomBytes(6).toString('hex');
  database.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)').run('name', name);
  return database.prepare<{ value: string }>("SELECT value FROM meta WHERE name = 'name'").get()?.value ?? '';
}
