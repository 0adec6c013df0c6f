import type { FdFacts } from '../events/event.ts';
import type { EventKind } from '../events/kinds.ts';
import type { Process } from '../events/process.ts';
import type { MatchContext } from './context.ts';
import type { FieldDef, FieldResult, FieldType, Scope } from './field.ts';

export type Field = FieldDef<MatchContext>;
type Argument = string | number | undefined;
type More = Partial<Omit<Field, 'name' | 'type' | 'doc' | 'scope' | 'get'>>;

/** A field of anything: the plain form of the entries below. */
export function field(
  name: string,
  type: FieldType,
  scope: Scope,
  doc: string,
  get: (context: MatchContext, argument: Argument) => FieldResult,
  more: More = {},
): Field {
  return { name, type, scope, doc, get, ...more };
}

/** A field of the event itself. */
export function eventField(
  name: string,
  type: FieldType,
  doc: string,
  get: (context: MatchContext, argument: Argument) => FieldResult,
  more: More = {},
): Field {
  return field(name, type, 'event', doc, get, more);
}

/** A field of the event's process; absent where the process is not known. */
export function processField(
  name: string,
  type: FieldType,
  doc: string,
  get: (process: Process, context: MatchContext, argument: Argument) => FieldResult,
  more: More = {},
): Field {
  return field(
    name,
    type,
    'process',
    doc,
    (context, argument) => (context.process === undefined ? undefined : get(context.process, context, argument)),
    more,
  );
}

/**
 * A field of the process whose value other processes change too (a child that ends, a leader that runs another binary): that
 * does not make the process itself stale, so what the value gave must not be kept for it.
 */
export function changedByOthers(processOwn: Field): Field {
  return { ...processOwn, scope: 'event' };
}

/** Kinds that can be about a descriptor. */
export const FD_KINDS: readonly EventKind[] = [
  'open',
  'dup',
  'unlink',
  'mkdir',
  'symlink',
  'chmod',
  'chown',
  'socket',
  'connect',
  'accept',
  'bind',
  'listen',
  'send',
  'module',
  'bpf',
  'memfd',
  'setns',
  'chdir',
  'mknod',
  'truncate',
  'utimes',
  'xattr',
  'handle',
  'userfaultfd',
  'perf',
  'ring',
  'kexec',
  'fsmount',
  'other',
];

/** Kinds whose descriptor can be a socket. */
export const SOCKET_KINDS: readonly EventKind[] = [
  'dup',
  'socket',
  'connect',
  'accept',
  'bind',
  'listen',
  'send',
  'other',
];

/** A field of the descriptor that the event is about; absent where it is about none. */
export function fdField(
  name: string,
  type: FieldType,
  doc: string,
  get: (fd: FdFacts, context: MatchContext, argument: Argument) => FieldResult,
  more: More & { scope?: Scope } = {},
): Field {
  const { scope = 'event', ...rest } = more;
  return field(
    name,
    type,
    scope,
    doc,
    (context, argument) => {
      const fd = context.event.fd;
      return fd === undefined ? undefined : get(fd, context, argument);
    },
    { kinds: FD_KINDS, ...rest },
  );
}

/** A field that rules may name and that never has a value here, and why. */
export function missingField(
  name: string,
  type: FieldType,
  scope: Scope,
  doc: string,
  reason: string,
  more: More = {},
): Field {
  return field(name, type, scope, doc, () => undefined, { unavailable: reason, ...more });
}
