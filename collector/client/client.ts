import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import type { Priority } from '../../agent/events/alert.ts';
import { createBackoff } from '../../agent/lib/backoff.ts';
import { AtalayaError, ERROR_CODES, type ErrorCode } from '../../agent/lib/errors.ts';
import { toPriority } from '../../proto/alert.ts';
import { ERROR_CODE_KEY, openChannel, type Security } from '../../proto/channel.ts';
import { type Envelope, fromEnvelopeMessage } from '../../proto/envelope.ts';
import { fromInt64, fromUint64, toInt64 } from '../../proto/int64.ts';
import type { SelectionMessage, SubscribeRequestMessage, SubscribeResponseMessage } from '../../proto/messages.ts';
import { collectorService } from '../../proto/services.ts';

export interface Selection {
  /** Conditions in the rule language over the fields of an alert's context; all must hold. */
  readonly filters?: readonly string[];
  /** Agent ids or host names. */
  readonly nodes?: readonly string[];
  readonly rules?: readonly string[];
  /** At least one of them. */
  readonly tags?: readonly string[];
  /** This one and more urgent ones. */
  readonly priority?: Priority;
}

export interface SubscribeOptions extends Selection, Security {
  /** The collector's: HOST:PORT or unix:PATH. */
  readonly address: string;
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
}

const CONNECT_MS = 5000;
const BACKOFF_FIRST_MS = 50;
const BACKOFF_CAP_MS = 2000;

/** What a new attempt cannot mend. */
const FINAL = new Set([
  grpcStatus.INVALID_ARGUMENT,
  grpcStatus.UNAUTHENTICATED,
  grpcStatus.PERMISSION_DENIED,
  grpcStatus.UNIMPLEMENTED,
]);

/**
 * Records as the collector stores them, in order. After a break it connects again and goes on where it was: nothing is
 * left out and nothing comes twice. Throws E_FILTER, E_CURSOR, E_ADDRESS, E_TLS, or E_COLLECTOR when nobody answers.
 */
export async function* subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionItem, void, undefined> {
  const session = new Session(options);
  try {
    for (let more = true; more; ) more = yield* session.run();
  } finally {
    session.close();
  }
}

class Session {
  private readonly options: SubscribeOptions;
  private readonly client: ReturnType<typeof openChannel>;
  private readonly backoff = createBackoff(BACKOFF_FIRST_MS, BACKOFF_CAP_MS, Math.random);
  private readonly beganMs = Date.now();
  private readonly abort: () => void;
  private call: ReturnType<typeof openCall> | undefined;
  private cursor: string | undefined;
  private connected = false;
  private everConnected = false;

  constructor(options: SubscribeOptions) {
    this.options = options;
    this.client = openChannel(options.address, options);
    this.cursor = options.cursor;
    this.abort = () => this.call?.cancel();
    options.signal?.addEventListener('abort', this.abort);
  }

  /** One stream, from connecting to its end. Gives whether another is to follow. */
  async *run(): AsyncGenerator<SubscriptionItem, boolean, undefined> {
    if (this.options.signal?.aborted) return false;
    const call = openCall(this.client, toRequest(this.options, this.cursor));
    this.call = call;
    const timer = setTimeout(() => call.cancel(), this.options.connectMs ?? CONNECT_MS);
    try {
      for await (const message of call as AsyncIterable<SubscribeResponseMessage>) {
        clearTimeout(timer);
        this.isConnected();
        const item = toItem(message);
        this.cursor = item.cursor;
        yield item;
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

  close(): void {
    this.options.signal?.removeEventListener('abort', this.abort);
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

function openCall(client: ReturnType<typeof openChannel>, request: SubscribeRequestMessage) {
  const { path, requestSerialize, responseDeserialize } = collectorService.subscribe;
  return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
}

function toRequest(options: SubscribeOptions, cursor: string | undefined): SubscribeRequestMessage {
  return {
    selection: toSelection(options),
    ...startOf(options, cursor),
    untilCursor: options.untilCursor ?? '',
    allKinds: options.allKinds ?? false,
    maxLag: options.maxLag ?? 0,
  };
}

function startOf(options: SubscribeOptions, cursor: string | undefined): SubscribeRequestMessage {
  if (cursor !== undefined) return { cursor };
  return options.sinceNs === undefined ? {} : { sinceNs: toInt64(options.sinceNs) };
}

function toSelection(selection: Selection): SelectionMessage {
  const { filters = [], nodes = [], rules = [], tags = [], priority } = selection;
  return {
    filters: [...filters],
    nodes: [...nodes],
    rules: [...rules],
    tags: [...tags],
    priority: priority === undefined ? 0 : toPriority(priority),
  };
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
    return { type: 'dropped', cursor, fromCursor: fromCursor ?? '', toCursor: toCursor ?? '', count };
  }
  return { type: 'progress', cursor, live: message.progress?.live ?? false };
}

function toAtalayaError(error: ServiceError, message: string): AtalayaError {
  const code = error.metadata?.get(ERROR_CODE_KEY)[0];
  const known = typeof code === 'string' && code in ERROR_CODES ? (code as ErrorCode) : 'E_COLLECTOR';
  return new AtalayaError(known, message, { cause: error });
}
