import type { Database } from '../../agent/storage/sqlite.ts';
import { decodeHead } from '../../proto/head.ts';
import type { KeptPosition } from './partition.ts';
import { StoredRecord } from './record.ts';

const CHUNK_ROWS = 2000;

interface OldRow {
  readonly id: bigint;
  readonly stored_ns: bigint;
  readonly agent: string;
  readonly epoch: bigint;
  readonly sequence: bigint;
  readonly kind: bigint;
  readonly time_ns: bigint;
  readonly priority: bigint;
  readonly rule: string;
  readonly source: string;
  readonly host: string;
  readonly uuid: string;
  readonly tags: string;
  readonly body: Uint8Array;
}

/**
 * The records of a database of format 1 after an id, in helpings. Whoever takes them can be interrupted: they leave the
 * old table only when all have been taken.
 */
export function* oldRecords(database: Database, afterId: number): Generator<StoredRecord[]> {
  const select = database.prepare<OldRow>('SELECT * FROM record WHERE id > ? ORDER BY id LIMIT ?', { bigints: true });
  for (let last = afterId; ; ) {
    const rows = select.all(last, CHUNK_ROWS);
    if (rows.length === 0) return;
    yield rows.map(fromOldRow);
    last = Number(rows.at(-1)?.id ?? last);
  }
}

export function oldPositions(database: Database, storedNs: bigint): KeptPosition[] {
  return database
    .prepare<{ agent: string; epoch: bigint; sequence: bigint; hash: Uint8Array }>('SELECT * FROM position', {
      bigints: true,
    })
    .all()
    .map(({ agent, epoch, sequence, hash }) => ({
      agentId: agent,
      epoch: BigInt.asUintN(64, epoch),
      sequence: Number(sequence),
      hash,
      storedNs,
    }));
}

function fromOldRow(row: OldRow): StoredRecord {
  return new StoredRecord(Number(row.id), {
    storedNs: row.stored_ns,
    agentId: row.agent,
    epoch: BigInt.asUintN(64, row.epoch),
    sequence: Number(row.sequence),
    kind: Number(row.kind),
    timeNs: row.time_ns,
    priority: Number(row.priority),
    rule: row.rule,
    source: row.source,
    hostname: row.host,
    namespace: namespaceOf(row.body),
    uuid: row.uuid,
    tags: JSON.parse(row.tags) as string[],
    body: row.body,
  });
}

function namespaceOf(body: Uint8Array): string {
  try {
    return decodeHead(body).namespace;
  } catch {
    return '';
  }
}
