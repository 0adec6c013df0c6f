import type { ServerWritableStream } from '@grpc/grpc-js';
import { fromInt64, fromUint64, toInt64 } from '../../proto/int64.ts';
import type { SubscribeRequestMessage } from '../../proto/messages.ts';
import type { Store } from '../store/store.ts';
import { formatCursor, parseCursor } from '../subscribe/cursor.ts';
import type { Hub } from '../subscribe/hub.ts';
import { compileSelection, type FilterCompiler } from '../subscribe/selection.ts';
import type { Sink, SubscriptionOptions } from '../subscribe/subscription.ts';
import { toStatus } from './errors.ts';
import { recordResponse, response } from './responses.ts';

type Call = ServerWritableStream<SubscribeRequestMessage, Buffer>;

/** How far a live subscriber may lag unless it says otherwise. */
const DEFAULT_MAX_LAG = 100_000;

/** Handler of atalaya.v1.Collector/Subscribe. */
export function subscribeHandler(store: Store, hub: Hub, compile: FilterCompiler) {
  return (call: Call): void => {
    let options: SubscriptionOptions;
    try {
      options = { ...readRequest(call.request, store, compile), store, sink: sinkOf(call, store) };
    } catch (error) {
      call.emit('error', toStatus(error));
      return;
    }
    const subscription = hub.join(options);
    const leave = () => hub.leave(subscription);
    call.on('drain', () => subscription.drained());
    call.on('cancelled', leave);
    call.on('error', leave);
    call.on('close', leave);
  };
}

function readRequest(request: SubscribeRequestMessage, store: Store, compile: FilterCompiler) {
  const selected = compileSelection({ selection: request.selection, allKinds: request.allKinds === true }, compile);
  return {
    selected,
    afterId: startOf(request, store),
    ...(request.untilCursor ? { untilId: parseCursor(store.name, request.untilCursor) } : {}),
    maxLag: Number(fromUint64(request.maxLag)) || DEFAULT_MAX_LAG,
  };
}

function startOf(request: SubscribeRequestMessage, store: Store): number {
  if (request.start === 'cursor') return parseCursor(store.name, request.cursor ?? '');
  if (request.start === 'sinceNs') return store.lastBefore(fromInt64(request.sinceNs));
  return store.head();
}

function sinkOf(call: Call, store: Store): Sink {
  const cursorOf = (id: number) => formatCursor(store.name, id);
  return {
    record: (record) => call.write(recordResponse(cursorOf(record.id), record)),
    dropped: (fromId, toId) => {
      const dropped = { fromCursor: cursorOf(fromId), toCursor: cursorOf(toId), count: toInt64(BigInt(toId - fromId)) };
      return call.write(response({ cursor: cursorOf(toId), dropped }));
    },
    progress: (id, live) => call.write(response({ cursor: cursorOf(id), progress: { live } })),
    end: () => call.end(),
    fail: (error) => call.emit('error', toStatus(error)),
  };
}
