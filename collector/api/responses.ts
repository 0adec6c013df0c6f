import protobuf from 'protobufjs/minimal.js';
import { toInt64 } from '../../proto/int64.ts';
import { type SubscribeResponseMessage, v1 } from '../../proto/messages.ts';
import type { StoredRecord } from '../store/record.ts';

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

/** An encoded QueryResponse. */
export function queryResponse(records: readonly StoredRecord[], nextPageToken: string): Buffer {
  const writer = protobuf.Writer.create();
  for (const record of records) writeRecord(writer.uint32(0x0a).fork(), record).ldelim();
  return finish(writer.uint32(0x12).string(nextPageToken));
}

/** The fields of message Record: envelope = 1, stored_ns = 2. */
function writeRecord(writer: protobuf.Writer, { columns }: StoredRecord): protobuf.Writer {
  return writer.uint32(0x0a).bytes(columns.body).uint32(0x10).int64(toInt64(columns.storedNs));
}

/** On Node.js the writer makes nothing but Buffers. */
function finish(writer: protobuf.Writer): Buffer {
  return writer.finish() as Buffer;
}
