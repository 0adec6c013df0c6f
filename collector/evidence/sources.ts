import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { readSqlite, sqliteCode } from '../../agent/storage/sqlite.ts';
import { decodeHead } from '../../proto/head.ts';
import { EXPORT_FORMAT, EXPORT_SUFFIX, type ExportEnd, type ExportHead, type ExportLine } from './export-format.ts';
import type { Evidence } from './verifier.ts';

/** A record, or what is wrong with the file in that place. */
export type Found = { readonly evidence: Evidence } | { readonly place: string; readonly what: string };

const PARTITION = /^\d{4}-\d\d-\d\d(\.\d{1,6})?\.db$/;

/**
 * The records at a path, in the order of their storing: a collector's data folder, its folder of partitions, one of these,
 * a folder of exported files or one of these. Throws E_DATABASE or E_DATA_DIR.
 */
export async function* recordsAt(path: string): AsyncGenerator<Found, void, undefined> {
  for (const file of filesAt(path)) {
    if (file.endsWith(EXPORT_SUFFIX)) yield* exported(file);
    else yield* partition(file);
  }
}

function filesAt(path: string): string[] {
  if (!existsSync(path)) throw new AtalayaError('E_DATA_DIR', `${path} is not there`);
  if (!statSync(path).isDirectory()) return [path];
  const folder = existsSync(join(path, 'collector-records')) ? join(path, 'collector-records') : path;
  const names = readdirSync(folder).filter((name) => PARTITION.test(name) || name.endsWith(EXPORT_SUFFIX));
  if (names.length === 0) {
    throw new AtalayaError(
      'E_DATA_DIR',
      `${path} has no records; expected a collector's data folder or exported files`,
    );
  }
  return names.sort(byDayAndNumber).map((name) => join(folder, name));
}

/** 2026-01-02.db comes before 2026-01-02.2.db, and that before 2026-01-02.10.db. */
function byDayAndNumber(a: string, b: string): number {
  const [dayA = '', dayB = ''] = [a.slice(0, 10), b.slice(0, 10)];
  if (dayA !== dayB) return dayA < dayB ? -1 : 1;
  const numberOf = (name: string): number => Number(/^.{10}\.(\d+)\./.exec(name)?.[1] ?? 1);
  return numberOf(a) - numberOf(b);
}

interface Row {
  readonly id: bigint;
  readonly stored_ns: bigint;
  readonly agent: string;
  readonly epoch: bigint;
  readonly sequence: bigint;
  readonly kind: bigint;
  readonly time_ns: bigint;
  readonly priority: bigint;
  readonly rule: string;
  readonly uuid: string;
  readonly body: Uint8Array;
}

function* partition(path: string): Generator<Found, void, undefined> {
  try {
    const database = readSqlite(path);
    try {
      const rows = database
        .prepare<Row>(
          'SELECT id, stored_ns, agent, epoch, sequence, kind, time_ns, priority, rule, uuid, body FROM record ORDER BY id',
          { bigints: true },
        )
        .iterate();
      let last = 0n;
      for (const row of rows) {
        const place = `${basename(path)}, id ${row.id}`;
        if (last !== 0n && row.id !== last + 1n) {
          yield { place, what: `ids ${last + 1n} to ${row.id - 1n} are missing` };
        }
        last = row.id;
        const what = columnTrouble(row);
        if (what !== undefined) yield { place, what };
        yield { evidence: { place, storedNs: row.stored_ns, bytes: row.body } };
      }
    } finally {
      database.close();
    }
  } catch (cause) {
    throw readError(path, cause);
  }
}

/** The columns are copies of what the record says: queries use them, so that they must say the same. */
function columnTrouble(row: Row): string | undefined {
  try {
    const head = decodeHead(row.body);
    const { agentId, epoch, sequence, kind, timeNs, rule, uuid } = head;
    const same =
      agentId === row.agent &&
      epoch === BigInt.asUintN(64, row.epoch) &&
      BigInt(sequence) === row.sequence &&
      BigInt(kind) === row.kind &&
      rule === row.rule &&
      (uuid === '' || (uuid === row.uuid && timeNs === row.time_ns)) &&
      (head.priority < 0 || head.priority > 8 || BigInt(head.priority) === row.priority);
    return same ? undefined : 'the columns say something else than the record';
  } catch {
    // The verifier says what is wrong with the bytes.
    return undefined;
  }
}

function readError(path: string, cause: unknown): AtalayaError {
  const why = cause instanceof Error ? cause.message : String(cause);
  if ((sqliteCode(cause) ?? '').startsWith('SQLITE_BUSY')) {
    return new AtalayaError('E_DATA_DIR', `${path} is in use by a collector: ask that one, with --address`, { cause });
  }
  return new AtalayaError('E_DATABASE', `${path} cannot be read: ${why}`, { cause });
}

async function* exported(path: string): AsyncGenerator<Found, void, undefined> {
  const name = basename(path);
  let line = 0;
  let records = 0;
  let end: ExportEnd | undefined;
  try {
    const input = createReadStream(path).pipe(createGunzip());
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      const place = `${name}, line ${line}`;
      const value = parse(text);
      if (line === 1) {
        if ((value as Partial<ExportHead> | undefined)?.format !== EXPORT_FORMAT) {
          throw new Error(`line 1 is not the head of an export (format ${EXPORT_FORMAT})`);
        }
      } else if (end !== undefined) yield { place, what: 'something follows the last line' };
      else if (value !== undefined && 'end' in value) end = value as unknown as ExportEnd;
      else {
        const { envelope, stored_ns } = (value ?? {}) as Partial<ExportLine>;
        if (typeof envelope !== 'string' || !/^-?\d{1,19}$/.test(String(stored_ns))) {
          yield { place, what: 'the line is no record' };
          continue;
        }
        records++;
        yield { evidence: { place, storedNs: BigInt(String(stored_ns)), bytes: Buffer.from(envelope, 'base64') } };
      }
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_DATABASE', `${path} cannot be read: ${why}`, { cause });
  }
  if (end === undefined) yield { place: name, what: 'the file has no last line: it was cut short' };
  else if (end.end.records !== records) {
    yield { place: name, what: `${records} records; the last line tells of ${end.end.records}` };
  }
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
