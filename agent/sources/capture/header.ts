import { createHash } from 'node:crypto';
import { abi, eventFlags, eventKind, STRUCTS } from '../../decode/layout.gen.ts';
import type { Machine } from '../../decode/syscalls.ts';
import type { TaskFacts, Unsigned64 } from '../../events/event.ts';
import type { Plan } from '../../events/plan.ts';

/** What the first block of a capture says: all that the events' meaning hangs on beside their bytes. */
export interface CaptureHeader {
  /** Of the records (native/bpf/events.h). */
  readonly abi: number;
  /** SHA-256 of their layout. */
  readonly layout: string;
  /** Of the program that wrote it. */
  readonly version: string;
  readonly machine: Machine;
  readonly kernel: string;
  readonly hostname: string;
  readonly bootId: string;
  /** Wall clock, ns since 1970. */
  readonly startedNs: bigint;
  /** Minutes that local time was ahead of UTC. */
  readonly utcOffsetMinutes: number;
  /** What was collected, and why. */
  readonly plan: Plan;
  /** The account and service tables as byte strings. */
  readonly passwd: string;
  readonly group: string;
  readonly services: string;
}

/** What was learned beside the events, before events that need it. */
export type Fact =
  | { readonly kind: 'process'; readonly task: TaskFacts }
  | { readonly kind: 'cgroup'; readonly id: Unsigned64; readonly path: string };

/** Digest of how records are laid out in this build: captures of another one cannot be read. */
export function layoutDigest(): string {
  return createHash('sha256')
    .update(JSON.stringify([abi, eventKind, eventFlags, STRUCTS]))
    .digest('hex');
}
