import type { Database, Statement } from '../../agent/storage/sqlite.ts';
import { type TriageRecordMessage, type TriageStateMessage, v1 } from '../../proto/messages.ts';
import type { StoredRecord } from './record.ts';

const { TriageAction, TriageStatus } = v1;

/** What an action makes of an alert's status; others leave it. */
const STATUS_AFTER: Readonly<Record<number, number>> = {
  [TriageAction.TRIAGE_ACTION_ACKNOWLEDGE]: TriageStatus.TRIAGE_STATUS_ACKNOWLEDGED,
  [TriageAction.TRIAGE_ACTION_TRUE_POSITIVE]: TriageStatus.TRIAGE_STATUS_TRUE_POSITIVE,
  [TriageAction.TRIAGE_ACTION_FALSE_POSITIVE]: TriageStatus.TRIAGE_STATUS_FALSE_POSITIVE,
  [TriageAction.TRIAGE_ACTION_REOPEN]: TriageStatus.TRIAGE_STATUS_OPEN,
};

/**
 * Where alerts stand. The truth are triage records in the partitions; this is what follows from them, kept at hand, and
 * brought up to date from the last id that it has seen.
 */
export class TriageBook {
  private readonly database: Database;
  private readonly insertRecord: Statement<never>;
  private readonly upsertStanding: Statement<never>;
  private readonly selectStanding: Statement<{ status: number; assignee: string }>;
  private readonly selectRecords: Statement<{ body: Uint8Array }>;

  constructor(database: Database) {
    this.database = database;
    this.insertRecord = database.prepare('INSERT OR IGNORE INTO triage VALUES (?, ?, ?)');
    this.upsertStanding = database.prepare('INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?)');
    this.selectStanding = database.prepare('SELECT status, assignee FROM standing WHERE uuid = ?');
    this.selectRecords = database.prepare('SELECT body FROM triage WHERE uuid = ? ORDER BY record');
  }

  /** Records up to this id are in here. */
  seenTo(): number {
    const row = this.database.prepare<{ value: string }>("SELECT value FROM meta WHERE name = 'triage'").get();
    return Number(row?.value ?? 0);
  }

  /** Takes in triage records, in the order of their ids. */
  add(records: readonly StoredRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.database.transaction(() => {
      for (const record of records) {
        const triage = record.triage();
        if (triage !== undefined) this.addOne(record.id, triage);
      }
      this.database.prepare("INSERT OR REPLACE INTO meta VALUES ('triage', ?)").run(String(last.id));
    });
  }

  /** Undefined while nobody has said anything. */
  state(uuid: string): TriageStateMessage | undefined {
    const standing = this.selectStanding.get(uuid);
    if (standing === undefined) return undefined;
    const records = this.selectRecords.all(uuid).map(({ body }) => v1.TriageRecord.decode(body));
    return { ...standing, records };
  }

  status(uuid: string): number {
    return this.selectStanding.get(uuid)?.status ?? TriageStatus.TRIAGE_STATUS_OPEN;
  }

  /** How many alerts stand how, of those of which something was said. */
  counts(): readonly { readonly status: number; readonly count: number }[] {
    return this.database
      .prepare<{ status: number; count: number }>(
        'SELECT status, count(*) AS count FROM standing GROUP BY status ORDER BY status',
      )
      .all();
  }

  /** Forgets alerts of which the last was said at or before an id. */
  forgetTo(id: number): void {
    this.database.transaction(() => {
      this.database.prepare('DELETE FROM triage WHERE uuid IN (SELECT uuid FROM standing WHERE record <= ?)').run(id);
      this.database.prepare('DELETE FROM standing WHERE record <= ?').run(id);
    });
  }

  private addOne(id: number, triage: TriageRecordMessage): void {
    const uuid = triage.uuid ?? '';
    const action = triage.action ?? 0;
    const before = this.selectStanding.get(uuid);
    const status = STATUS_AFTER[action] ?? before?.status ?? TriageStatus.TRIAGE_STATUS_OPEN;
    const assigned = action === TriageAction.TRIAGE_ACTION_ASSIGN ? triage.assignee : before?.assignee;
    this.insertRecord.run(uuid, id, v1.TriageRecord.encode(triage).finish());
    this.upsertStanding.run(uuid, status, assigned ?? '', id);
  }
}
