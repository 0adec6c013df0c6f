import type { Alert, Heartbeat } from '../../agent/events/alert.ts';
import type { Gap } from '../../agent/events/gap.ts';
import { type Envelope, fromEnvelopeMessage } from '../../proto/envelope.ts';
import { KIND_ALERT, KIND_TRIAGE } from '../../proto/head.ts';
import { type EnvelopeMessage, type TriageRecordMessage, v1 } from '../../proto/messages.ts';

/** An envelope with the columns that are read from its head. */
export interface Columns {
  /** Clock of the collector, ns since 1970; never smaller than that of the record before. */
  readonly storedNs: bigint;
  readonly agentId: string;
  readonly epoch: bigint;
  readonly sequence: number;
  /** Number of the body's field in Envelope. */
  readonly kind: number;
  /** The following are of alerts; of other kinds 0 and empty. */
  readonly timeNs: bigint;
  /** Wire number: syslog severity plus one. */
  readonly priority: number;
  readonly rule: string;
  readonly source: string;
  readonly hostname: string;
  readonly uuid: string;
  readonly tags: readonly string[];
  /** Of Kubernetes; empty where the alert has none. */
  readonly namespace: string;
  /** The envelope's bytes, as the agent made them. */
  readonly body: Uint8Array;
}

/** A record that is on disk. The body is decoded when somebody asks, once for all who do. */
export class StoredRecord {
  readonly id: number;
  readonly columns: Columns;
  private message: EnvelopeMessage | null | undefined;
  private decoded: Envelope | undefined;

  constructor(id: number, columns: Columns) {
    this.id = id;
    this.columns = columns;
  }

  get isAlert(): boolean {
    return this.columns.kind === KIND_ALERT;
  }

  /** False when the body behind a good head is damaged: no receiver could read it. */
  isReadable(): boolean {
    if (this.message === undefined) this.message = tryDecode(this.columns.body);
    return this.message !== null;
  }

  alert(): Alert | undefined {
    const body = this.body();
    return body?.type === 'alert' ? body.alert : undefined;
  }

  gap(): Gap | undefined {
    const body = this.body();
    return body?.type === 'gap' ? body.gap : undefined;
  }

  /** Of a triage record: what was said. */
  triage(): TriageRecordMessage | undefined {
    if (this.columns.kind !== KIND_TRIAGE || !this.isReadable()) return undefined;
    return this.message?.triage ?? undefined;
  }

  /** Kernel's boot id of the node at that time. */
  bootId(): string {
    return this.isReadable() ? (this.message?.bootId ?? '') : '';
  }

  /** Of an amendment: the alert's. */
  amendedUuid(): string {
    return this.isReadable() ? (this.message?.amendment?.uuid ?? '') : '';
  }

  /** Of a heartbeat. */
  heartbeat(): Heartbeat | undefined {
    const body = this.body();
    return body?.type === 'heartbeat' ? body.heartbeat : undefined;
  }

  private body(): Envelope['body'] | undefined {
    if (!this.isReadable()) return undefined;
    this.decoded ??= fromEnvelopeMessage(this.message ?? {});
    return this.decoded.body;
  }
}

function tryDecode(bytes: Uint8Array): EnvelopeMessage | null {
  try {
    return v1.Envelope.decode(bytes);
  } catch {
    return null;
  }
}
