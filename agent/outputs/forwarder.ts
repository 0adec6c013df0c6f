import { type Client, type ClientDuplexStream, status } from '@grpc/grpc-js';
import { NO_COMPRESS, openChannel, type Security } from '../../proto/channel.ts';
import { fromUint64 } from '../../proto/int64.ts';
import type { AgentMessage, CollectorMessage } from '../../proto/messages.ts';
import { ingestService } from '../../proto/services.ts';
import { createBackoff } from '../lib/backoff.ts';
import { isLocalEndpoint, parseEndpoint } from '../lib/endpoint.ts';
import { AtalayaError } from '../lib/errors.ts';
import { createBreakReader } from './break-reason.ts';
import { Feed } from './feed.ts';
import type { Spool } from './spool.ts';
import { Window } from './window.ts';

export interface ForwarderOptions extends Security {
  readonly spool: Spool;
  /** The collector's: HOST:PORT or unix:PATH. Several with commas between: when one breaks, the next is taken. */
  readonly address: string;
  /** Whether records are compressed on their way (gzip). Default auto: where they leave this machine. */
  readonly compression?: 'auto' | 'gzip' | 'none';
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
  | { readonly kind: 'connected'; readonly address: string }
  /** `reason`: what is wrong, for people. */
  | { readonly kind: 'disconnected'; readonly address: string; readonly reason: string };

export interface ForwarderStats {
  readonly connected: boolean;
  /** Of the collector that is connected, or tried. */
  readonly address: string;
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
/** Whoever is refused is refused again until somebody mends that. */
const REFUSED_FIRST_MS = 1000;
const REFUSED_CAP_MS = 30_000;
/** Statuses that say so. */
const REFUSED: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.UNIMPLEMENTED,
]);
/** How long a collector may take to answer the hello before the next one is tried. */
const WELCOME_MS = 10_000;
const GZIP = 'gzip';

/** Sends what the spool holds to a collector and acknowledges to the spool what is stored there. Throws E_ADDRESS, E_TLS. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  return new StreamForwarder(options);
}

type Call = ClientDuplexStream<AgentMessage, CollectorMessage>;

interface Target {
  readonly address: string;
  readonly client: Client;
  /** Records are compressed where the collector can read that. */
  readonly gzip: boolean;
}

class StreamForwarder implements Forwarder {
  private readonly options: ForwarderOptions;
  private readonly spool: Spool;
  private readonly targets: readonly Target[];
  private readonly readBreak: (status: { readonly code: number; readonly details: string }) => string;
  private readonly feed: Feed;
  private readonly window: Window;
  private readonly backoff = createBackoff(BACKOFF_FIRST_MS, BACKOFF_CAP_MS, Math.random);
  private readonly refusedBackoff = createBackoff(REFUSED_FIRST_MS, REFUSED_CAP_MS, Math.random);
  private readonly unsubscribe: () => void;
  private call: Call | undefined;
  private target: Target;
  /** How many of the targets failed since one said welcome. */
  private failed = 0;
  private late: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private next: NodeJS.Immediate | undefined;
  /** The collector said welcome on the present stream. */
  private welcome = false;
  private blocked = false;
  private gzip = false;
  /** What was said since the last welcome. */
  private readonly told = new Set<string>();
  private streams = 0;
  private sent = 0;
  private acknowledged = 0;
  private acknowledgedSequence = 0n;
  private whenIdle: (() => void) | undefined;
  private stopped = false;

  constructor(options: ForwarderOptions) {
    this.options = options;
    this.spool = options.spool;
    this.targets = targetsOf(options);
    this.target = firstOf(this.targets);
    this.readBreak = createBreakReader(options.tls);
    const windowBytes = options.windowBytes ?? WINDOW_BYTES;
    this.feed = new Feed(this.spool, windowBytes);
    this.window = new Window(options.windowRecords ?? WINDOW_RECORDS, windowBytes);
    this.unsubscribe = this.spool.onCommit(() => this.pump());
    this.connect();
  }

  stats(): ForwarderStats {
    return {
      connected: this.welcome,
      address: this.target.address,
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
    for (const { client } of this.targets) client.close();
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
    const call = this.target.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.call = call;
    this.streams++;
    call.on('data', (message: CollectorMessage) => this.receive(call, message));
    call.on('drain', () => this.drained(call));
    // gRPC reports every end of a stream, by whatever cause, as a status; errors say the same once more.
    call.on('error', () => {});
    call.on('status', (end) => this.broken(call, end));
    this.late = setTimeout(() => {
      this.broken(call, { code: status.DEADLINE_EXCEEDED, details: `no answer within ${WELCOME_MS / 1000} s` });
    }, WELCOME_MS);
    const { agentId, hostname, version } = this.options;
    const capabilities = this.target.gzip ? [GZIP] : [];
    call.write({ hello: { protocol: PROTOCOL, agentId, hostname, version, capabilities } }, NO_COMPRESS);
  }

  private receive(call: Call, message: CollectorMessage): void {
    if (call !== this.call) return;
    if (message.welcome) this.begin(message.welcome.capabilities ?? []);
    if (message.ack) this.acked(fromUint64(message.ack.epoch), fromUint64(message.ack.sequence));
  }

  /** Everything that is not acknowledged is sent (again). */
  private begin(capabilities: readonly string[]): void {
    clearTimeout(this.late);
    this.welcome = true;
    this.failed = 0;
    this.gzip = this.target.gzip && capabilities.includes(GZIP);
    this.feed.rewind(this.window.acknowledgedId);
    this.window.clear();
    this.told.clear();
    this.options.onNotice?.({ kind: 'connected', address: this.target.address });
    this.pump();
  }

  private acked(epoch: bigint, sequence: bigint): void {
    this.backoff.reset();
    this.refusedBackoff.reset();
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
    const batch = { envelopes: records.map((record) => record.bytes) };
    this.blocked = this.call?.write({ batch }, this.gzip ? undefined : NO_COMPRESS) === false;
    return true;
  }

  private broken(call: Call, end: { readonly code: number; readonly details: string }): void {
    if (call !== this.call || this.stopped) return;
    this.leave();
    this.tell(this.readBreak(end));
    this.failed++;
    this.target = this.targets[(this.targets.indexOf(this.target) + 1) % this.targets.length] ?? this.target;
    this.retry = setTimeout(() => this.connect(), this.waitMs(end.code));
  }

  /** The next of several is tried at once, until all have failed. */
  private waitMs(code: number): number {
    if (this.failed < this.targets.length) return 0;
    this.failed = 0;
    return (REFUSED.has(code) ? this.refusedBackoff : this.backoff).nextMs();
  }

  private leave(): void {
    const call = this.call;
    this.call = undefined;
    this.welcome = false;
    this.blocked = false;
    clearTimeout(this.late);
    clearImmediate(this.next);
    this.next = undefined;
    this.spool.protect(0);
    call?.cancel();
  }

  /** Each trouble once until the next welcome. */
  private tell(reason: string): void {
    const { address } = this.target;
    const said = `${address} ${reason}`;
    if (this.told.has(said) || this.told.size >= TOLD_MAX) return;
    this.told.add(said);
    this.options.onNotice?.({ kind: 'disconnected', address, reason });
  }
}

/** Reasons that are told for one loss of connection. */
const TOLD_MAX = 20;

function targetsOf(options: ForwarderOptions): Target[] {
  const { compression = 'auto' } = options;
  return addressesOf(options.address).map((address) => {
    const away = !isLocalEndpoint(parseEndpoint(address));
    const gzip = compression === 'gzip' || (compression === 'auto' && away);
    return { address, client: openChannel(address, options, { gzip }), gzip };
  });
}

/** The addresses in a list with commas. */
export function addressesOf(list: string): string[] {
  return list.split(',').map((address) => address.trim());
}

function firstOf(targets: readonly Target[]): Target {
  const [first] = targets;
  if (first === undefined) throw new AtalayaError('E_ADDRESS', 'no address of a collector');
  return first;
}
