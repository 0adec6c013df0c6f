import type { FdType } from '../../events/event.ts';
import { exitCode } from './codes.ts';
import type { EventFrame } from './event-frame.ts';
import { FAMILY } from './tuple.ts';

const FILES: ReadonlySet<number> = new Set(['open', 'openat', 'openat2', 'creat', 'open_by_handle_at'].map(exitCode));
const PIPES: ReadonlySet<number> = new Set(['pipe', 'pipe2'].map(exitCode));
/** Place of the value that begins with an address family. */
const ADDRESSES: ReadonlyMap<number, number> = new Map(
  ['connect', 'accept', 'accept4', 'bind'].map((name) => [exitCode(name), 1]),
);
const ACCEPTS: ReadonlySet<number> = new Set(['accept', 'accept4'].map(exitCode));
const SOCKET = exitCode('socket');

/** What a descriptor seems to be by the event alone. */
export function guessOf(frame: EventFrame): FdType {
  const { code } = frame;
  if (FILES.has(code)) return 'file';
  if (PIPES.has(code)) return 'pipe';
  if (code === SOCKET) return typeOf(frame.u32(1, 0), 'ipv4');
  const missing = ACCEPTS.has(code) ? 'ipv4' : 'unknown';
  const place = ADDRESSES.get(code);
  if (place === undefined || place >= frame.count || frame.lengths[place] === 0) return missing;
  return typeOf(frame.view.getUint8(frame.offsets[place] as number), missing);
}

function typeOf(family: number, other: FdType): FdType {
  switch (family) {
    case FAMILY.unix:
      return 'unix';
    case FAMILY.inet:
      return 'ipv4';
    case FAMILY.inet6:
      return 'ipv6';
    default:
      return other;
  }
}
