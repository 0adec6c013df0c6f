import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import { createBackoff } from '../../agent/lib/backoff.ts';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { type Envelope, fromEnvelopeMessage } from '../../proto/envelope.ts';
import { fromInt64, fromUint64, toInt64 } from '../../proto/int64.ts';
import type { SubscribeRequestMessage, SubscribeResponseMessage } from '../../proto/messages.ts';
import { collectorService } from '../../proto/services.ts';
import { Acknowledger } from './acknowledger.ts';
import { type ConnectOptions, metadataOf, openClient } from './channel.ts';
import { toAtalayaError } from './errors.ts';
import { type Selection, toSelection } from './selection.ts';

export type {
  Action,
  AgentInfo,
  By,
  Durations,
  NamedSubscription,
  QueryPage,
  QueryResult,
  Stats,
  Status,
  Triage,
  TriageEntry,
} from './answers.ts';
export {
  type CollectorConnection,
  connect,
  type QueryOptions,
  type StatsOptions,
  type TriageOptions,
} from './connect.ts';
export type { ConnectOptions, Envelope, Selection };

export interface SubscribeOptions extends Selection, ConnectOptions {
  /**
   * Makes the subscription durable under this name: after the first time it begins behind what was last acknowledged. An
   * item is acknowledged when the next one is asked for.
   */
  readonly name?: string;
  /** Go on after the item that this cursor came with. */
  readonly cursor?: string;
  /** Begin with what the collector stored at or after this time (ns since 1970). Default: from now on. */
  readonly sinceNs?: bigint;
  /** End after the item that this cursor came with. */
  readonly untilCursor?: string;
  /** Gaps and heartbeats too. */
  readonly allKinds?: boolean;
  /** Once live: so many records behind, and the rest is dropped with a notice. Default: the collector's. */
  readonly maxLag?: number;
  /** Ends the subscription; the iteration is then done. */
  readonly signal?: AbortSignal;
  /** Connect again and resume after a break. Default true. The first connection is tried for `connectMs`. */
  readonly reconnect?: boolean;
  /** Default 5 s. */
  readonly connectMs?: number;
  readonly onNotice?: (notice: SubscribeNotice) => void;
}

export type SubscribeNotice =
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected'; readonly reason: string };

/** One step; `cursor` is where to go on after it. */
export type SubscriptionItem =
  | { readonly type: 'record'; readonly cursor: string; readonly storedNs: bigint; readonly envelope: Envelope }
  /** Too slow: `count` records were not sent; read them with cursor = fromCursor, untilCursor = toCursor. */
  | ({ readonly type: 'dropped'; readonly cursor: string } & DropRange)
  /** How far it has come; `live`: all that was stored has been looked at. */
  | { readonly type: 'progress'; readonly cursor: string; readonly live: boolean };

export interface DropRange {
  readonly fromCursor: string;
  readonly toCursor: string;
  readonly count: bigint;
  /** They are older than what the collector keeps: nobody can read them any more. */
  readonly gone: boolean;
}

const CONNECT_MS = 5000;
const BACKOFF_FIRST_MS = 50;
const BACKOFF_CAP_MS = 2000;

/** What a new attempt cannot mend. */
const FINAL = new Set([
  grpcStatus.ABORTED,
  grpcStatus.RESOURCE_EXHAUSTED,
  grpcStatus.INVALID_ARGUMENT,
  grpcStatus.UNAUTHENTICATED,
  grpcStatus.PERMISSION_DENIED,
  grpcStatus.UNIMPLEMENTED,
]);

/**
 * Records as the collector stores them, in order. After a break it connects again and goes on where it was: nothing is
 * left out and nothing comes twice; of a named subscription what was not acknowledged comes again after a restart. Throws
 * E_FILTER, E_CURSOR, E_ADDRESS, E_TLS, or E_COLLECTOR when nobody answers.
 */
export async function* subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionItem, void, undefined> {
  const session = new Session(options);
  try {
    for (let more = true; more; ) more = yield* session.run();
  } finally {
    await session.close();
  }
}

class Session {
  private readonly options: SubscribeOptions;
  private readonly client: ReturnType<typeof openClient>;
  private readonly acknowledger: Acknowledger | undefined;
  private readonly backoff = createBackoff(BACKOFF_FIRST_MS, BACKOFF_CAP_MS, Math.random);
  private readonly beganMs = Date.now();
  private readonly abort: () => void;
  private call: ReturnType<typeof openCall> | undefined;
  private cursor: string | undefined;
  private connected = false;
  private everConnected = false;

  constructor(options: SubscribeOptions) {
    this.options = options;
    this.client = openClient(options);
    this.acknowledger = options.name === undefined ? undefined : new Acknowledger(options, options.name);
    this.cursor = options.cursor;
    this.abort = () => this.call?.cancel();
    options.signal?.addEventListener('abort', this.abort);
  }

  /** One stream, from connecting to its end. Gives whether another is to follow. */
  async *run(): AsyncGenerator<SubscriptionItem, boolean, undefined> {
    if (this.options.signal?.aborted) return false;
    // Else what was dealt with before the break would come again.
    await this.acknowledger?.flush();
    const call = openCall(this.client, this.options, this.cursor);
    this.call = call;
    const timer = setTimeout(() => call.cancel(), this.options.connectMs ?? CONNECT_MS);
    try {
      for await (const message of call as AsyncIterable<SubscribeResponseMessage>) {
        clearTimeout(timer);
        this.isConnected();
        const item = toItem(message);
        this.cursor = item.cursor;
        yield item;
        this.acknowledger?.handled(item.cursor);
      }
      return false;
    } catch (error) {
      if (this.options.signal?.aborted) return false;
      this.judge(error as ServiceError);
    } finally {
      clearTimeout(timer);
      call.cancel();
    }
    await new Promise((resolve) => setTimeout(resolve, this.backoff.nextMs()));
    return true;
  }

  async close(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.abort);
    await this.acknowledger?.close();
    this.client.close();
  }

  private isConnected(): void {
    if (this.connected) return;
    this.connected = true;
    this.everConnected = true;
    this.backoff.reset();
    this.options.onNotice?.({ kind: 'connected' });
  }

  /** Throws when there is no point in another attempt. */
  private judge(error: ServiceError): void {
    const { address, connectMs = CONNECT_MS, reconnect = true } = this.options;
    const reason = error.details ?? error.message;
    if (FINAL.has(error.code)) throw toAtalayaError(error, `${address}: ${reason}`);
    const late = !this.everConnected && Date.now() - this.beganMs >= connectMs;
    if (late) throw new AtalayaError('E_COLLECTOR', `no collector answers at ${address}: ${reason}`, { cause: error });
    if (!reconnect && this.everConnected) {
      throw new AtalayaError('E_COLLECTOR', `the connection to ${address} broke: ${reason}`, { cause: error });
    }
    if (this.connected) this.options.onNotice?.({ kind: 'disconnected', reason });
    this.connected = false;
  }
}

function openCall(client: ReturnType<typeof openClient>, options: SubscribeOptions, cursor: string | undefined) {
  const { path, requestSerialize, responseDeserialize } = collectorService.subscribe;
  const request = toRequest(options, cursor);
  return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadataOf(options));
}

function toRequest(options: SubscribeOptions, cursor: string | undefined): SubscribeRequestMessage {
  return {
    selection: toSelection(options),
    ...startOf(options, cursor),
    untilCursor: options.untilCursor ?? '',
    allKinds: options.allKinds ?? false,
    maxLag: options.maxLag ?? 0,
    name: options.name ?? '',
  };
}

function startOf(options: SubscribeOptions, cursor: string | undefined): SubscribeRequestMessage {
  if (cursor !== undefined) return { cursor };
  return options.sinceNs === undefined ? {} : { sinceNs: toInt64(options.sinceNs) };
}

function toItem(message: SubscribeResponseMessage): SubscriptionItem {
  const cursor = message.cursor ?? '';
  const { record, dropped } = message;
  if (record) {
    const envelope = fromEnvelopeMessage(record.envelope ?? {});
    return { type: 'record', cursor, storedNs: fromInt64(record.storedNs), envelope };
  }
  if (dropped) {
    const { fromCursor, toCursor } = dropped;
    const count = fromUint64(dropped.count);
    return {
      type: 'dropped',
      cursor,
      fromCursor: fromCursor ?? '',
      toCursor: toCursor ?? '',
      count,
      gone: dropped.gone ?? false,
    };
  }
  return { type: 'progress', cursor, live: message.progress?.live ?? false };
}
