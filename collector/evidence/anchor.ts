import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { fromInt64, fromUint64, toInt64 } from '../../proto/int64.ts';
import type { AnchorMessage } from '../../proto/messages.ts';

/** The last record of one run of an agent. */
export interface AnchoredRun {
  readonly agentId: string;
  readonly epoch: bigint;
  readonly sequence: number;
  /** SHA-256 of the record. */
  readonly hash: Uint8Array;
}

export interface Anchor {
  /** Ns since 1970. */
  readonly timeNs: bigint;
  readonly runs: readonly AnchoredRun[];
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

const DOMAIN = Buffer.from('atalaya anchor 1\n');
/** What stands before an Ed25519 key's 32 bytes in its SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

export function signAnchor(timeNs: bigint, runs: readonly AnchoredRun[], key: KeyObject): AnchorMessage {
  return {
    timeNs: toInt64(timeNs),
    runs: runs.map(({ agentId, epoch, sequence, hash }) => ({ agentId, epoch: toInt64(epoch), sequence, hash })),
    publicKey: rawPublicKey(createPublicKey(key)),
    signature: sign(null, signedBytes(timeNs, runs), key),
  };
}

export function fromAnchorMessage(message: AnchorMessage): Anchor {
  return {
    timeNs: fromInt64(message.timeNs),
    runs: (message.runs ?? []).map(({ agentId, epoch, sequence, hash }) => ({
      agentId: agentId ?? '',
      epoch: fromUint64(epoch),
      sequence: Number(fromUint64(sequence)),
      hash: hash ?? new Uint8Array(),
    })),
    publicKey: message.publicKey ?? new Uint8Array(),
    signature: message.signature ?? new Uint8Array(),
  };
}

/** Whether the anchor says what was signed with the key that it names. */
export function isGenuine({ timeNs, runs, publicKey, signature }: Anchor): boolean {
  try {
    return verify(null, signedBytes(timeNs, runs), publicKeyOf(publicKey), signature);
  } catch {
    return false;
  }
}

export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_HEAD.length);
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), type: 'spki', format: 'der' });
}

function signedBytes(timeNs: bigint, runs: readonly AnchoredRun[]): Buffer {
  const parts: Uint8Array[] = [DOMAIN, uint64(BigInt.asUintN(64, timeNs))];
  for (const { agentId, epoch, sequence, hash } of runs) {
    const name = Buffer.from(agentId);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(name.length);
    parts.push(length, name, uint64(epoch), uint64(BigInt(sequence)), hash);
  }
  return Buffer.concat(parts);
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
