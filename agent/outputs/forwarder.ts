import type { ClientDuplexStream } from '@grpc/grpc-js';
import { openChannel, type Security } from '../../proto/channel.ts';
import { fromUint64 } from '../../proto/int64.ts';
import type { AgentMessage, CollectorMessage } from '../../proto/messages.ts';
import { ingestService } from '../../proto/services.ts';
import { createBackoff } from '../lib/backoff.ts';
import { Feed } from './feed.ts';
import type { Spool } from './spool.ts';
import { Window } from './window.ts';

export interface ForwarderOptions extends Security {
  readonly spool: Spool;
  /** The collector's: HOST:PORT or unix:PATH. */
  readonly address: string;
  /** As the spool's. */
  readonly agentId: string;
  readonly hostname: string;
  /** Of the agent. */
  readonly version: string;
  /** Unacknowledged records on their way. Default 16,000 or 16 MiB: with 4,000, bursts of 20,000/s pile up. */
  readonly windowRecords?: number;
  readonly windowBytes?: number;
  /** Told once for each change. */
  readonly onNotice?: (notice: ForwarderNotice) => void;
}

export type ForwarderNotice =
  | { readonly kind: 'connected' }
  /** `reason` is gRPC's status and its text. */
  | { readonly kind: 'disconnected'; readonly reason: string };

export interface ForwarderStats {
  readonly connected: boolean;
  /** Streams opened after the first. */
  readonly reconnects: number;
  readonly inFlight: number;
  readonly sent: number;
  readonly acknowledged: number;
  /** Sequence of this epoch that the collector has; 0n = none yet. */
  readonly acknowledgedSequence: bigint;
}

export interface Forwarder {
  stats(): ForwarderStats;
  /** Waits up to `drainMs` (default 0) until all is acknowledged, then closes the stream. What is left stays spooled. */
  stop(drainMs?: number): Promise<void>;
}

/** Version of the protocol in proto/atalaya/v1/ingest.proto. */
const PROTOCOL = 1;
const BATCH_RECORDS = 500;
const BATCH_BYTES = 1024 * 1024;
const WINDOW_RECORDS = 16_000;
const WINDOW_BYTES = 16 * 1024 * 1024;
const BACKOFF_FIRST_MS = 50;
const BACKOFF_CAP_MS = 2000;

/** Sends what the spool holds to a collector and acknowledges to the spool what is stored there. Throws E_ADDRESS, E_TLS. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  return new StreamForwarder(options);
}

type Call = ClientDuplexStream<AgentMessage, CollectorMessage>;

class StreamForwarder implements Forwarder {
  private readonly options: ForwarderOptions;
  private readonly spool: Spool;
  private readonly client: ReturnType<typeof openChannel>;
  private readonly feed: Feed;
  private readonly window: Window;
  private readonly backoff = createBackoff(BACKOFF_FIRST_MS, BACKOFF_CAP_MS, Math.random);
  private readonly unsubscribe: () => void;
  private call: Call | undefined;
  private retry: NodeJS.Timeout | undefined;
  private next: NodeJS.Immediate | undefined;
  /** The collector said welcome on the present stream. */
  private welcome = false;
  private blocked = false;
  private told: ForwarderNotice['kind'] | undefined;
  private streams = 0;
  private sent = 0;
  private acknowledged = 0;
  private acknowledgedSequence = 0n;
  private whenIdle: (() => void) | undefined;
  private stopped = false;

  constructor(options: ForwarderOptions) {
    this.options = options;
    this.spool = options.spool;
    this.client = openChannel(options.address, options);
    const windowBytes = options.windowBytes ?? WINDOW_BYTES;
    this.feed = new Feed(this.spool, windowBytes);
    this.window = new Window(options.windowRecords ?? WINDOW_RECORDS, windowBytes);
    this.unsubscribe = this.spool.onCommit(() => this.pump());
    this.connect();
  }

  stats(): ForwarderStats {
    return {
      connected: this.welcome,
      reconnects: Math.max(0, this.streams - 1),
      inFlight: this.window.records,
      sent: this.sent,
      acknowledged: this.acknowledged,
      acknowledgedSequence: this.acknowledgedSequence,
    };
  }

  async stop(drainMs = 0): Promise<void> {
    if (drainMs > 0 && !this.idle()) await this.waitIdle(drainMs);
    this.stopped = true;
    clearTimeout(this.retry);
    this.unsubscribe();
    this.feed.close();
    this.leave();
    this.client.close();
  }

  private waitIdle(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private idle(): boolean {
    return this.window.records === 0 && this.feed.lastId >= this.spool.lastId();
  }

  private connect(): void {
    const { path, requestSerialize, responseDeserialize } = ingestService.stream;
    const call = this.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.call = call;
    this.streams++;
    call.on('data', (message: CollectorMessage) => this.receive(call, message));
    call.on('drain', () => this.drained(call));
    // gRPC reports every end of a stream, by whatever cause, as a status; errors say the same once more.
    call.on('error', () => {});
    call.on('status', (status) => this.broken(call, `${status.details} (status ${status.code})`));
    const { agentId, hostname, version } = this.options;
    call.write({ hello: { protocol: PROTOCOL, agentId, hostname, version, capabilities: [] } });
  }

  private receive(call: Call, message: CollectorMessage): void {
    if (call !== this.call) return;
    if (message.welcome) this.begin();
    if (message.ack) this.acked(fromUint64(message.ack.epoch), fromUint64(message.ack.sequence));
  }

  /** Everything that is not acknowledged is sent (again). */
  private begin(): void {
    this.welcome = true;
    this.feed.rewind(this.window.acknowledgedId);
    this.window.clear();
    this.tell({ kind: 'connected' });
    this.pump();
  }

  private acked(epoch: bigint, sequence: bigint): void {
    this.backoff.reset();
    const count = this.window.acknowledge(epoch, Number(sequence));
    if (count === 0) return;
    this.acknowledged += count;
    if (epoch === this.spool.epoch) this.acknowledgedSequence = sequence;
    this.spool.acknowledge(this.window.acknowledgedId);
    if (this.idle()) this.whenIdle?.();
    this.pump();
  }

  private drained(call: Call): void {
    if (call !== this.call) return;
    this.blocked = false;
    this.pump();
  }

  /** Sends one batch and comes back for the next in a later turn of the loop, so that others have theirs. */
  private pump(): void {
    if (this.next !== undefined || !this.ready()) return;
    this.next = setImmediate(() => {
      this.next = undefined;
      if (this.ready() && this.sendBatch()) this.pump();
    });
  }

  private ready(): boolean {
    return this.welcome && !this.blocked && !this.stopped && this.window.room() > 0;
  }

  private sendBatch(): boolean {
    const records = this.feed.take(Math.min(BATCH_RECORDS, this.window.room()), BATCH_BYTES);
    if (records.length === 0) return false;
    for (const record of records) this.window.add(record);
    this.spool.protect(this.feed.lastId);
    this.sent += records.length;
    this.blocked = this.call?.write({ batch: { envelopes: records.map((record) => record.bytes) } }) === false;
    return true;
  }

  private broken(call: Call, reason: string): void {
    if (call !== this.call || this.stopped) return;
    this.leave();
    this.tell({ kind: 'disconnected', reason });
    this.retry = setTimeout(() => this.connect(), this.backoff.nextMs());
  }

  private leave(): void {
    const call = this.call;
    this.call = undefined;
    this.welcome = false;
    this.blocked = false;
    clearImmediate(this.next);
    this.next = undefined;
    this.spool.protect(0);
    call?.cancel();
  }

  private tell(notice: ForwarderNotice): void {
    if (this.told === notice.kind) return;
    this.told = notice.kind;
    this.options.onNotice?.(notice);
  }
}
