import type Long from 'long';

/** What generated code takes for a 64-bit field, and what it gives. */
type Int64 = number | Long;
type Int64Bits = number | { readonly low: number; readonly high: number };

/**
 * A bigint as generated code takes it. It reads only low, high and unsigned of a Long, so a plain object will do, and
 * no number on the way is rounded. Modulo 2^64, as the wire is.
 */
export function toInt64(value: bigint): Int64 {
  const low = Number(value & 0xffff_ffffn) | 0;
  const high = Number((value >> 32n) & 0xffff_ffffn) | 0;
  return { low, high, unsigned: value >= 0n } as Long;
}

/** A decoded int64 field; absent is 0, as proto3 has it. */
export function fromInt64(value: Int64Bits | null | undefined): bigint {
  return BigInt.asIntN(64, bits(value));
}

/** A decoded uint64 field. */
export function fromUint64(value: Int64Bits | null | undefined): bigint {
  return BigInt.asUintN(64, bits(value));
}

function bits(value: Int64Bits | null | undefined): bigint {
  if (value === null || value === undefined) return 0n;
  if (typeof value === 'number') return BigInt(value);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}
