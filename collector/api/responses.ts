import protobuf from 'protobufjs/minimal.js';
import { toInt64 } from '../../proto/int64.ts';
import { type SubscribeResponseMessage, type TriageStateMessage, v1 } from '../../proto/messages.ts';
import type { StoredRecord } from '../store/record.ts';
import type { QueryPage } from './query.ts';

/**
 * An encoded SubscribeResponse with a record. Written by hand so that the envelope goes out as the bytes that the agent
 * made: decoding and encoding again would cost twenty times as much, and lose what this version does not know.
 */
export function recordResponse(cursor: string, record: StoredRecord): Buffer {
  const writer = protobuf.Writer.create().uint32(0x0a).string(cursor).uint32(0x12);
  return finish(writeRecord(writer.fork(), record).ldelim());
}

export function response(message: SubscribeResponseMessage): Buffer {
  return finish(v1.SubscribeResponse.encode(message));
}

/** An encoded QueryResponse; `triageOf` gives where an alert stands. */
export function queryResponse(page: QueryPage, triageOf: (uuid: string) => TriageStateMessage | undefined): Buffer {
  const writer = protobuf.Writer.create();
  for (const record of page.records) {
    writeRecord(writer.uint32(0x0a).fork(), record);
    const triage = triageOf(record.columns.uuid);
    if (triage !== undefined) v1.TriageState.encode(triage, writer.uint32(0x1a).fork()).ldelim();
    writer.ldelim();
  }
  return finish(writer.uint32(0x12).string(page.nextPageToken).uint32(0x18).uint64(page.unindexed));
}

/** The fields of message Record: envelope = 1, stored_ns = 2. */
function writeRecord(writer: protobuf.Writer, { columns }: StoredRecord): protobuf.Writer {
  return writer.uint32(0x0a).bytes(columns.body).uint32(0x10).int64(toInt64(columns.storedNs));
}

/** On Node.js the writer makes nothing but Buffers. */
function finish(writer: protobuf.Writer): Buffer {
  return writer.finish() as Buffer;
}
