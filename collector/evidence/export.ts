import { createWriteStream, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Alert } from '../../agent/events/alert.ts';
import { isoTime } from '../../agent/lib/iso-time.ts';
import { jsonText } from '../../agent/lib/json-text.ts';
import type { StoredRecord } from '../store/record.ts';
import type { PartitionInfo, Store } from '../store/store.ts';
import { EXPORT_FORMAT, EXPORT_SUFFIX } from './export-format.ts';

const PAGE_ROWS = 500;

/** Name of a partition's exported file. */
export function exportName({ name }: Pick<PartitionInfo, 'name'>): string {
  return name.replace(/\.db$/, '') + EXPORT_SUFFIX;
}

export function isExported(partition: PartitionInfo, folder: string): boolean {
  return existsSync(join(folder, exportName(partition)));
}

/**
 * Writes a partition as compressed JSON lines, chain and anchors included. The file has its name when it is whole and on
 * disk. Resolves to its path and the number of records.
 */
export async function exportPartition(
  store: Pick<Store, 'after'>,
  partition: PartitionInfo,
  folder: string,
): Promise<{ readonly path: string; readonly records: number }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, exportName(partition));
  const part = `${path}.part`;
  rmSync(part, { force: true });
  const counted = { records: 0 };
  const file = createWriteStream(part, { fd: openSync(part, 'wx', 0o600), flush: true });
  await pipeline(Readable.from(lines(store, partition, counted)), createGzip(), file);
  renameSync(part, path);
  return { path, records: counted.records };
}

async function* lines(store: Pick<Store, 'after'>, partition: PartitionInfo, counted: { records: number }) {
  const { name, firstId, lastId } = partition;
  yield `${JSON.stringify({ format: EXPORT_FORMAT, partition: name, first_id: firstId, last_id: lastId })}\n`;
  for (let after = firstId - 1; after < lastId; ) {
    const page = store.after(after, PAGE_ROWS).filter(({ id }) => id <= lastId);
    after = page.at(-1)?.id ?? lastId;
    counted.records += page.length;
    yield page.map((record) => `${lineOf(record)}\n`).join('');
    // Others have their turn between two pages.
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield `${JSON.stringify({ end: counted })}\n`;
}

function lineOf(record: StoredRecord): string {
  const { storedNs, agentId, epoch, sequence, body } = record.columns;
  const alert = record.alert();
  return jsonText({
    id: record.id,
    stored_ns: String(storedNs),
    agent: agentId,
    epoch: String(epoch),
    sequence,
    ...(alert === undefined ? {} : { alert: readable(alert) }),
    envelope: Buffer.from(body).toString('base64'),
  });
}

/** What a reader without our schema wants to see of an alert. */
function readable({ uuid, timeNs, rule, priority, source, hostname, tags, output, outputFields }: Alert) {
  return { uuid, time: isoTime(timeNs), rule, priority, source, hostname, tags, output, output_fields: outputFields };
}
