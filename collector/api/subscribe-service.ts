import { type ServerWritableStream, status } from '@grpc/grpc-js';
import { fromInt64, fromUint64, toInt64 } from '../../proto/int64.ts';
import type { SubscribeRequestMessage } from '../../proto/messages.ts';
import type { Access, Client } from '../access/access.ts';
import { restrict } from '../access/restrict.ts';
import type { StoredRecord } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { formatCursor, parseCursor } from '../subscribe/cursor.ts';
import type { Hub } from '../subscribe/hub.ts';
import type { NamedSubscriptions } from '../subscribe/named.ts';
import { compileSelection, type FilterCompiler } from '../subscribe/selection.ts';
import type { Sink, SubscriptionOptions } from '../subscribe/subscription.ts';
import { toStatus } from './errors.ts';
import { recordResponse, response } from './responses.ts';

type Call = ServerWritableStream<SubscribeRequestMessage, Buffer>;

export interface SubscribeParts {
  readonly store: Store;
  readonly hub: Hub;
  readonly named: NamedSubscriptions;
  readonly access: Access;
  readonly compile: FilterCompiler;
}

/** How far a live subscriber may lag unless it says otherwise. */
const DEFAULT_MAX_LAG = 100_000;
/** How long a client whose token has expired may go on. */
const LOOK_MS = 1000;

/** Handler of atalaya.v1.Collector/Subscribe. */
export function subscribeHandler(parts: SubscribeParts) {
  return (call: Call): void => {
    try {
      begin(call, parts);
    } catch (error) {
      call.emit('error', toStatus(error));
    }
  };
}

/** Throws what is wrong with the request or its client. */
function begin(call: Call, parts: SubscribeParts): void {
  const { store, hub, named, access } = parts;
  const { name = '' } = call.request;
  const client = access.admit(call, 'subscribe');
  const options = readRequest(call.request, client, parts);
  const sink = sinkOf(call, store);
  const subscription = hub.join({ ...options, store, sink }, client.key);
  const ends = [() => hub.leave(subscription)];
  if (name) {
    const replaced = { code: status.ABORTED, details: 'another stream of this name has begun, or it was forgotten' };
    ends.push(named.connect(client.name, name, () => call.emit('error', replaced)));
  }
  ends.push(watch(call, client));
  const leave = () => {
    for (const end of ends.splice(0)) end();
  };
  call.on('drain', () => subscription.drained());
  call.on('cancelled', leave);
  call.on('error', leave);
  call.on('close', leave);
}

/** Ends the stream of a client that is no longer known or allowed. */
function watch(call: Call, client: Client): () => void {
  const timer = setInterval(() => {
    try {
      client.assertStill();
    } catch (error) {
      call.emit('error', toStatus(error));
    }
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function readRequest(request: SubscribeRequestMessage, client: Client, parts: SubscribeParts): ReadRequest {
  const { store, named, compile } = parts;
  const wanted = compileSelection({ selection: request.selection, allKinds: request.allKinds === true }, compile);
  const untilId = request.untilCursor ? parseCursor(store.name, request.untilCursor) : undefined;
  const start = () => startOf(request, store);
  return {
    selected: restrict(wanted, client, store),
    afterId: request.name ? named.begin(client.name, request.name, start) : start(),
    ...(untilId === undefined ? {} : { untilId }),
    maxLag: Number(fromUint64(request.maxLag)) || DEFAULT_MAX_LAG,
  };
}

type ReadRequest = Omit<SubscriptionOptions, 'store' | 'sink'>;

function startOf(request: SubscribeRequestMessage, store: Store): number {
  if (request.start === 'cursor') return parseCursor(store.name, request.cursor ?? '');
  if (request.start === 'sinceNs') return store.lastBefore(fromInt64(request.sinceNs));
  return store.head();
}

function sinkOf(call: Call, store: Store): Sink {
  const cursorOf = (id: number) => formatCursor(store.name, id);
  return {
    record: (record) => call.write(encodedOnce(record, cursorOf)),
    dropped: (fromId, toId, gone) => {
      const count = toInt64(BigInt(toId - fromId));
      const dropped = { fromCursor: cursorOf(fromId), toCursor: cursorOf(toId), count, gone };
      return call.write(response({ cursor: cursorOf(toId), dropped }));
    },
    progress: (id, live) => call.write(response({ cursor: cursorOf(id), progress: { live } })),
    end: () => call.end(),
    fail: (error) => call.emit('error', toStatus(error)),
  };
}

/** Messages by record: all subscribers get the same bytes. */
const encoded = new WeakMap<StoredRecord, Buffer>();

function encodedOnce(record: StoredRecord, cursorOf: (id: number) => string): Buffer {
  const known = encoded.get(record) ?? recordResponse(cursorOf(record.id), record);
  encoded.set(record, known);
  return known;
}
