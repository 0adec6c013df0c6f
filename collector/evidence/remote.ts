import type { ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { openChannel, type Security } from '../../proto/channel.ts';
import { fromInt64, toInt64 } from '../../proto/int64.ts';
import { collectorService } from '../../proto/services.ts';
import type { Evidence } from './verifier.ts';

/** Tags of SubscribeResponse (cursor, record, dropped, progress), of Record and of Progress. */
const TAG = { cursor: 0x0a, record: 0x12, dropped: 0x1a, progress: 0x22, envelope: 0x0a, storedNs: 0x10, live: 0x08 };

interface Response {
  cursor: string;
  envelope: Uint8Array | undefined;
  storedNs: bigint;
  live: boolean;
}

/**
 * All records of a running collector in the order of their storing, as bytes: decoded and encoded again they would have
 * another hash. Throws E_ADDRESS, E_TLS, E_COLLECTOR.
 */
export async function* recordsOf(address: string, security: Security): AsyncGenerator<Evidence, void, undefined> {
  const client = openChannel(address, security);
  const { path, requestSerialize } = collectorService.subscribe;
  const request = { sinceNs: toInt64(0n), start: 'sinceNs' as const, allKinds: true };
  const call = client.makeServerStreamRequest(path, requestSerialize, readResponse, request);
  try {
    for await (const { cursor, envelope, storedNs, live } of call as AsyncIterable<Response>) {
      if (envelope !== undefined) yield { place: `cursor ${cursor}`, storedNs, bytes: envelope };
      else if (live) return;
    }
  } catch (cause) {
    const { details, message } = cause as ServiceError;
    throw new AtalayaError('E_COLLECTOR', `${address}: ${details ?? message}`, { cause });
  } finally {
    call.cancel();
    client.close();
  }
}

function readResponse(bytes: Buffer): Response {
  const response: Response = { cursor: '', envelope: undefined, storedNs: 0n, live: false };
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === TAG.cursor) response.cursor = reader.string();
    else if (tag === TAG.record) readRecord(reader, reader.uint32() + reader.pos, response);
    else if (tag === TAG.progress) readProgress(reader, reader.uint32() + reader.pos, response);
    else reader.skipType(tag & 7);
  }
  return response;
}

function readRecord(reader: protobuf.Reader, end: number, response: Response): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === TAG.envelope) response.envelope = reader.bytes();
    else if (tag === TAG.storedNs) response.storedNs = fromInt64(reader.int64());
    else reader.skipType(tag & 7);
  }
}

function readProgress(reader: protobuf.Reader, end: number, response: Response): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === TAG.live) response.live = reader.bool();
    else reader.skipType(tag & 7);
  }
}
