import { createHash, randomBytes } from 'node:crypto';
import { encodeEnvelope, type Position } from '../../proto/envelope.ts';
import type { EnvelopeBody } from '../events/alert.ts';

/** The end of a chain: what the next envelope refers to. A value, so that a failed commit changes nothing. */
export interface ChainTail {
  /** Sequence of the last envelope; 0 = none yet. */
  readonly sequence: number;
  /** SHA-256 of its bytes; empty = none yet. */
  readonly hash: Uint8Array;
}

export interface ChainOwner {
  readonly agentId: string;
  readonly bootId: string;
  readonly epoch: bigint;
}

export const CHAIN_START: ChainTail = { sequence: 0, hash: new Uint8Array() };

/** Encodes a body as the next link. */
export function link(
  owner: ChainOwner,
  tail: ChainTail,
  body: EnvelopeBody,
): { readonly bytes: Uint8Array; readonly tail: ChainTail } {
  const position: Position = { ...owner, sequence: tail.sequence + 1, previousHash: tail.hash };
  const bytes = encodeEnvelope(position, body);
  return { bytes, tail: { sequence: position.sequence, hash: sha256(bytes) } };
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

const RANDOM_BITS = 20n;

/**
 * Number of a run of the agent: milliseconds since 1970, then 20 random bits. Later runs get higher numbers while the
 * clock does not step back; two runs never the same one.
 */
export function newEpoch(nowMs: number, random: Uint8Array = randomBytes(3)): bigint {
  const bits = ((random[0] ?? 0) << 16) | ((random[1] ?? 0) << 8) | (random[2] ?? 0);
  return (BigInt(nowMs) << RANDOM_BITS) | (BigInt(bits) & ((1n << RANDOM_BITS) - 1n));
}
