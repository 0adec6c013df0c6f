import { AtalayaError } from '../../agent/lib/errors.ts';
import { safeLine } from '../../agent/lib/safe-text.ts';
import type { Database, Statement } from '../../agent/storage/sqlite.ts';

/** A subscription that outlives its streams. */
export interface Named {
  readonly name: string;
  /** Id of the last record that was acknowledged. */
  readonly recordId: number;
  readonly createdNs: bigint;
  readonly acknowledgedNs: bigint;
}

interface Row {
  readonly name: string;
  readonly record: bigint;
  readonly created_ns: bigint;
  readonly acknowledged_ns: bigint;
}

const MAX_NAME = 100;
/** Of one client. */
const MAX_NAMED = 1000;
const BIGINTS = { bigints: true };

/** Named subscriptions of all clients, and how far each was acknowledged. */
export class NamedSubscriptions {
  private readonly select: Statement<Row>;
  private readonly list: Statement<Row>;
  private readonly insert: Statement<never>;
  private readonly move: Statement<never>;
  private readonly remove: Statement<never>;
  private readonly nowNs: () => bigint;
  /** What ends the stream that is open. */
  private readonly open = new Map<string, () => void>();

  constructor(database: Database, nowNs: () => bigint) {
    this.nowNs = nowNs;
    const columns = 'SELECT name, record, created_ns, acknowledged_ns FROM subscription';
    this.select = database.prepare(`${columns} WHERE client = ? AND name = ?`, BIGINTS);
    this.list = database.prepare(`${columns} WHERE client = ? ORDER BY name`, BIGINTS);
    this.insert = database.prepare('INSERT INTO subscription VALUES (?, ?, ?, ?, ?)');
    this.move = database.prepare(
      'UPDATE subscription SET record = ?, acknowledged_ns = ? WHERE client = ? AND name = ? AND record < ?',
    );
    this.remove = database.prepare('DELETE FROM subscription WHERE client = ? AND name = ?');
  }

  /** Where a stream of it begins; `firstId` when there is none of that name yet. Throws E_REQUEST or E_TOO_MANY. */
  begin(client: string, name: string, firstId: () => number): number {
    if (name.length > MAX_NAME) throw new AtalayaError('E_REQUEST', `a name longer than ${MAX_NAME} characters`);
    const known = this.select.get(client, name);
    if (known !== undefined) return Number(known.record);
    if (this.list.all(client).length >= MAX_NAMED) {
      throw new AtalayaError('E_TOO_MANY', `${MAX_NAMED} named subscriptions; forget one of them first`);
    }
    const id = firstId();
    this.insert.run(client, name, id, this.nowNs(), 0n);
    return id;
  }

  /** A stream is open; the one before it ends. Gives what to call at its end. */
  connect(client: string, name: string, end: () => void): () => void {
    const key = keyOf(client, name);
    this.open.get(key)?.();
    this.open.set(key, end);
    return () => {
      if (this.open.get(key) === end) this.open.delete(key);
    };
  }

  /** On disk when it returns; an earlier place than before changes nothing. Throws E_NOT_FOUND. */
  acknowledge(client: string, name: string, id: number): void {
    if (this.move.run(id, this.nowNs(), client, name, id) === 0 && this.select.get(client, name) === undefined) {
      throw notFound(name);
    }
  }

  all(client: string): readonly (Named & { readonly connected: boolean })[] {
    return this.list.all(client).map((row) => ({
      name: row.name,
      recordId: Number(row.record),
      createdNs: row.created_ns,
      acknowledgedNs: row.acknowledged_ns,
      connected: this.open.has(keyOf(client, row.name)),
    }));
  }

  /** An open stream of it ends. Throws E_NOT_FOUND. */
  forget(client: string, name: string): void {
    if (this.remove.run(client, name) === 0) throw notFound(name);
    this.open.get(keyOf(client, name))?.();
  }
}

function keyOf(client: string, name: string): string {
  return `${client}\n${name}`;
}

function notFound(name: string): AtalayaError {
  return new AtalayaError('E_NOT_FOUND', safeLine(`there is no subscription '${name}'`));
}
