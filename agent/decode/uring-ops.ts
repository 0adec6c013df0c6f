import { EVENT_TYPES, type EventTypeName } from '../events/event-types.ts';
import { type CollectedKind, EVENT_KINDS } from '../events/kinds.ts';

/** An operation of io_uring and the system call that does the same, whose name and number its records have. */
export interface UringOp {
  /** enum io_uring_op (linux/io_uring.h; never reused). */
  readonly op: number;
  readonly name: EventTypeName;
  readonly kind: CollectedKind;
}

/** Numbers of operations are below this (native/bpf/maps.h). */
export const URING_OPS_MAX = 64;

const KIND_OF_TYPE = new Map<EventTypeName, CollectedKind>(
  EVENT_KINDS.flatMap((kind) => EVENT_TYPES[kind].map((type) => [type, kind] as const)),
);

const uringOp = (op: number, name: EventTypeName): UringOp => ({
  op,
  name,
  // Every name of the type is in the table that the map is made from.
  kind: KIND_OF_TYPE.get(name) as CollectedKind,
});

/** The operations that an event tells of. */
export const URING_OPS: readonly UringOp[] = [
  uringOp(9, 'sendmsg'),
  uringOp(13, 'accept4'),
  uringOp(16, 'connect'),
  uringOp(18, 'openat'),
  uringOp(26, 'sendto'),
  uringOp(28, 'openat2'),
  uringOp(35, 'renameat2'),
  uringOp(36, 'unlinkat'),
  uringOp(37, 'mkdirat'),
  uringOp(38, 'symlinkat'),
  uringOp(39, 'linkat'),
  uringOp(45, 'socket'),
  uringOp(47, 'sendto'),
  uringOp(48, 'sendmsg'),
  uringOp(56, 'bind'),
  uringOp(57, 'listen'),
];
