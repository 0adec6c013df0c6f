import type { CollectedKind } from '../events/kinds.ts';
import { eventKind } from './layout.gen.ts';
import { callTables, type Machine } from './syscalls.ts';
import { URING_OPS, URING_OPS_MAX } from './uring-ops.ts';

/** By system-call number, the number of the kind whose program serves it; 0 = nobody wants it. */
export interface CallClasses {
  readonly native: Uint8Array;
  /** For 32-bit callers. */
  readonly compat: Uint8Array;
  /** By operation of io_uring: wanted where the call that does the same is. */
  readonly uring: Uint8Array;
}

/** On i386 all calls of sockets have this number too; which one it is, its arguments say. */
const I386_SOCKETCALL = 102;
const SOCKET_CODES: readonly number[] = [
  eventKind.socket,
  eventKind.connect,
  eventKind.accept,
  eventKind.bind,
  eventKind.listen,
  eventKind.send,
];

/**
 * The tables that the dispatcher at syscall exit looks into. `wants` says of each call (by its evt.type name) whether
 * anybody needs it. Successful fork, exec and exit are told by tracepoints of their own, whatever it says of them.
 */
export function callClasses(machine: Machine, wants: (kind: CollectedKind, type: string) => boolean): CallClasses {
  const tables = callTables(machine);
  const classes = (calls: typeof tables.native): Uint8Array =>
    Uint8Array.from(calls, (call) => {
      if (call === undefined || call.kind === 'fork' || call.kind === 'other') return 0;
      return wants(call.kind, call.name) ? eventKind[call.kind] : 0;
    });
  const native = classes(tables.native);
  const compat = classes(tables.compat);
  // Its program looks up what the call that it stands for has in the native table.
  if (machine === 'x86_64' && native.some((code) => SOCKET_CODES.includes(code)))
    compat[I386_SOCKETCALL] = eventKind.socketcall;
  const uring = new Uint8Array(URING_OPS_MAX);
  for (const { op, name, kind } of URING_OPS) if (wants(kind, name)) uring[op] = eventKind[kind];
  return { native, compat, uring };
}
