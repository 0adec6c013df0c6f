import protobuf from 'protobufjs/minimal.js';
import { fromInt64, fromUint64 } from './int64.ts';

/** What a store needs of an envelope, read without decoding the rest (a sixth of the time of a full decode). */
export interface Head {
  agentId: string;
  bootId: string;
  epoch: bigint;
  sequence: number;
  previousHash: Uint8Array;
  /** Number of the body's field in Envelope; 0 = none. */
  kind: number;
  /** Of alerts; of other kinds the defaults of proto3. */
  uuid: string;
  timeNs: bigint;
  rule: string;
  /** Wire number: syslog severity plus one. */
  priority: number;
  source: string;
  hostname: string;
  tags: string[];
  /** Kubernetes' namespace (k8s.ns.name of the context); empty where there is none. */
  namespace: string;
}

export const KIND_ALERT = 10;
export const KIND_AMENDMENT = 11;
export const KIND_GAP = 12;
export const KIND_HEARTBEAT = 13;
export const KIND_TRIAGE = 16;
export const KIND_ANCHOR = 17;

/** Numbers of the oneof `body` begin here; a later version may have more of them than this one knows. */
const FIRST_BODY = 10;
/** Alert's fields that are columns have the numbers below this; our encoder writes them first, so the rest is one jump. */
const FIRST_UNINDEXED = 9;
/** Tags of Alert's `output` and of an entry of its `context`. */
const OUTPUT_TAG = 0x4a;
const CONTEXT_TAG = 0x5a;
const NAMESPACE_FIELD = Buffer.from('k8s.ns.name');

/** Reads the head of an encoded Envelope. Throws (protobufjs's errors) when the bytes are no envelope. */
export function decodeHead(bytes: Uint8Array): Head {
  // proto3 leaves default values out of the bytes, so every field is preset.
  const head: Head = {
    agentId: '',
    bootId: '',
    epoch: 0n,
    sequence: 0,
    previousHash: new Uint8Array(),
    kind: 0,
    uuid: '',
    timeNs: 0n,
    rule: '',
    priority: 0,
    source: '',
    hostname: '',
    tags: [],
    namespace: '',
  };
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) readEnvelopeField(reader, head, reader.uint32());
  return head;
}

function readEnvelopeField(reader: protobuf.Reader, head: Head, tag: number): void {
  switch (tag) {
    case 0x0a:
      head.agentId = reader.string();
      return;
    case 0x12:
      head.bootId = reader.string();
      return;
    case 0x18:
      head.epoch = fromUint64(reader.uint64());
      return;
    case 0x20:
      head.sequence = Number(fromUint64(reader.uint64()));
      return;
    case 0x2a:
      head.previousHash = reader.bytes();
      return;
  }
  const number = tag >>> 3;
  if (number >= FIRST_BODY) head.kind = number;
  if (tag === 0x52) readAlert(reader, head, reader.uint32() + reader.pos);
  else reader.skipType(tag & 7);
}

function readAlert(reader: protobuf.Reader, head: Head, end: number): void {
  if (end > reader.len) throw new RangeError('index out of range');
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === CONTEXT_TAG) head.namespace = readNamespace(reader) ?? head.namespace;
    else if (tag >>> 3 >= FIRST_UNINDEXED) reader.skipType(tag & 7);
    else readAlertField(reader, head, tag);
  }
  if (reader.pos !== end) throw new RangeError('index out of range');
}

function readAlertField(reader: protobuf.Reader, head: Head, tag: number): void {
  switch (tag) {
    case 0x0a:
      head.uuid = reader.string();
      return;
    case 0x10:
      head.timeNs = fromInt64(reader.int64());
      return;
    case 0x22:
      head.rule = reader.string();
      return;
    case 0x28:
      head.priority = reader.int32();
      return;
    case 0x32:
      head.source = reader.string();
      return;
    case 0x3a:
      head.hostname = reader.string();
      return;
    case 0x42:
      head.tags.push(reader.string());
      return;
    default:
      reader.skipType(tag & 7);
  }
}

/** Reads over an entry of the context, and gives its value where it is the namespace. */
function readNamespace(reader: protobuf.Reader): string | undefined {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('index out of range');
  const key = reader.pos + 2;
  const found = reader.buf[reader.pos + 1] === NAMESPACE_FIELD.length && isNamespaceField(reader.buf, key);
  const value = found ? textOf(reader.buf.subarray(key + NAMESPACE_FIELD.length, end)) : undefined;
  reader.pos = end;
  return value;
}

function isNamespaceField(bytes: Uint8Array, at: number): boolean {
  return NAMESPACE_FIELD.every((byte, index) => bytes[at + index] === byte);
}

/** What follows the key in an entry: field 2, a Value whose field 1 is text. Undefined where it is another kind of value. */
function textOf(entry: Uint8Array): string | undefined {
  const reader = protobuf.Reader.create(entry);
  if (reader.len === 0 || reader.uint32() !== 0x12) return undefined;
  reader.uint32();
  return reader.pos < reader.len && reader.uint32() === 0x0a ? reader.string() : undefined;
}

/** The text line of an encoded Envelope with an alert, without decoding the rest; empty for others. Throws as decodeHead does. */
export function readOutput(bytes: Uint8Array): string {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag !== 0x52) reader.skipType(tag & 7);
    else return outputOf(reader, reader.uint32() + reader.pos);
  }
  return '';
}

function outputOf(reader: protobuf.Reader, end: number): string {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === OUTPUT_TAG) return reader.string();
    reader.skipType(tag & 7);
  }
  return '';
}
