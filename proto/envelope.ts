import type { Amendment, EnvelopeBody, Heartbeat } from '../agent/events/alert.ts';
import type { Gap } from '../agent/events/gap.ts';
import { fromAlertMessage, toAlertMessage } from './alert.ts';
import { fromInt64, fromUint64, toInt64 } from './int64.ts';
import {
  type AmendmentMessage,
  type AnchorMessage,
  type EnvelopeMessage,
  type GapMessage,
  type HeartbeatMessage,
  type TriageRecordMessage,
  v1,
} from './messages.ts';
import { fromValues, toValues } from './value.ts';

/** Where a record stands: number within one run (epoch) of one agent. */
export interface Position {
  readonly agentId: string;
  readonly bootId: string;
  readonly epoch: bigint;
  /** From 1. */
  readonly sequence: number;
  /** SHA-256 of the envelope before; empty for the first. */
  readonly previousHash: Uint8Array;
}

/** What somebody said of an alert: a record of a collector's own. */
export interface TriageBody {
  readonly type: 'triage';
  readonly triage: TriageRecordMessage;
}

/** How far runs of agents had come, signed by a collector. */
export interface AnchorBody {
  readonly type: 'anchor';
  readonly anchor: AnchorMessage;
}

/** What a collector's own records say. */
export type OwnBody = EnvelopeBody | TriageBody | AnchorBody;

export interface Envelope extends Position {
  /** 'unknown': a kind of record of a later version. */
  readonly body: OwnBody | { readonly type: 'unknown' };
}

export function encodeEnvelope(position: Position, body: OwnBody): Uint8Array {
  const message: EnvelopeMessage = {
    agentId: position.agentId,
    bootId: position.bootId,
    epoch: toInt64(position.epoch),
    sequence: position.sequence,
    previousHash: position.previousHash,
  };
  if (body.type === 'alert') message.alert = toAlertMessage(body.alert);
  else if (body.type === 'amendment') message.amendment = toAmendmentMessage(body.amendment);
  else if (body.type === 'gap') message.gap = toGapMessage(body.gap);
  else if (body.type === 'triage') message.triage = body.triage;
  else if (body.type === 'anchor') message.anchor = body.anchor;
  else message.heartbeat = toHeartbeatMessage(body.heartbeat);
  return v1.Envelope.encode(message).finish();
}

/** Throws (protobufjs's errors) when the bytes are no envelope. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  return fromEnvelopeMessage(v1.Envelope.decode(bytes));
}

export function fromEnvelopeMessage(message: EnvelopeMessage): Envelope {
  return {
    agentId: message.agentId ?? '',
    bootId: message.bootId ?? '',
    epoch: fromUint64(message.epoch),
    sequence: Number(fromUint64(message.sequence)),
    previousHash: message.previousHash ?? new Uint8Array(),
    body: fromBody(message),
  };
}

function fromBody(message: EnvelopeMessage): Envelope['body'] {
  if (message.alert) return { type: 'alert', alert: fromAlertMessage(message.alert) };
  if (message.amendment) return { type: 'amendment', amendment: fromAmendmentMessage(message.amendment) };
  if (message.gap) return { type: 'gap', gap: fromGapMessage(message.gap) };
  if (message.heartbeat) return { type: 'heartbeat', heartbeat: fromHeartbeatMessage(message.heartbeat) };
  if (message.triage) return { type: 'triage', triage: message.triage };
  if (message.anchor) return { type: 'anchor', anchor: message.anchor };
  return { type: 'unknown' };
}

function toAmendmentMessage({ uuid, revision, timeNs, context }: Amendment): AmendmentMessage {
  return { uuid, revision, timeNs: toInt64(timeNs), context: toValues(context) };
}

export function fromAmendmentMessage(message: AmendmentMessage): Amendment {
  return {
    uuid: message.uuid ?? '',
    revision: message.revision ?? 0,
    timeNs: fromInt64(message.timeNs),
    context: fromValues(message.context),
  };
}

function toGapMessage(gap: Gap): GapMessage {
  return {
    stage: gap.stage,
    kind: gap.kind ?? '',
    cause: gap.cause,
    lane: gap.lane ?? '',
    cpu: gap.cpu ?? null,
    cgroupId: toOptional(gap.cgroupId),
    fromNs: toInt64(gap.fromNs),
    toNs: toInt64(gap.toNs),
    count: toInt64(gap.count),
    fromSequence: toOptional(gap.fromSequence),
    toSequence: toOptional(gap.toSequence),
  };
}

function fromGapMessage(message: GapMessage): Gap {
  return {
    stage: (message.stage ?? '') as Gap['stage'],
    ...(message.kind ? { kind: message.kind } : {}),
    cause: message.cause ?? '',
    ...(message.lane ? { lane: message.lane } : {}),
    ...(message.cpu == null ? {} : { cpu: message.cpu }),
    ...(message.cgroupId == null ? {} : { cgroupId: fromUint64(message.cgroupId) }),
    fromNs: fromInt64(message.fromNs),
    toNs: fromInt64(message.toNs),
    count: fromUint64(message.count),
    ...(message.fromSequence == null ? {} : { fromSequence: fromUint64(message.fromSequence) }),
    ...(message.toSequence == null ? {} : { toSequence: fromUint64(message.toSequence) }),
  };
}

function toHeartbeatMessage(heartbeat: Heartbeat): HeartbeatMessage {
  return {
    ...heartbeat,
    timeNs: toInt64(heartbeat.timeNs),
    kinds: [...heartbeat.kinds],
    produced: toInt64(heartbeat.produced),
    lost: toInt64(heartbeat.lost),
  };
}

function fromHeartbeatMessage(message: HeartbeatMessage): Heartbeat {
  return {
    timeNs: fromInt64(message.timeNs),
    version: message.version ?? '',
    ruleSetDigest: message.ruleSetDigest ?? '',
    hookPlan: message.hookPlan ?? '',
    kinds: message.kinds ?? [],
    produced: fromUint64(message.produced),
    lost: fromUint64(message.lost),
    ...(message.intervalMs ? { intervalMs: message.intervalMs } : {}),
  };
}

function toOptional(value: bigint | undefined) {
  return value === undefined ? null : toInt64(value);
}
