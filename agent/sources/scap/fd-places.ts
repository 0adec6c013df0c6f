import { exitCode } from './codes.ts';
import { EVENTS } from './event-table.ts';
import { EVENT_FLAGS } from './events.gen.ts';

/** Places of the parameter that is the event's descriptor; of calls that give one it is the result. */
const PLACES: readonly (readonly [place: number, names: string])[] = [
  [
    1,
    `listen shutdown fchdir lseek llseek ioctl fstat fstat64 close getdents getdents64 flock copy_file_range fcntl dup
     dup2 dup3 newfstatat fchownat fchmodat mkdirat unlinkat mknodat sendmmsg recvmmsg io_uring_register io_uring_enter
     setsockopt getsockopt fsconfig finit_module fchmod fchown setns`,
  ],
  [2, 'read pread write pwrite writev pwritev send sendto sendmsg recv bind connect sendfile splice symlinkat'],
  [3, 'recvfrom readv preadv'],
  [5, 'recvmsg'],
  [8, 'mmap mmap2'],
];

const ABOUT_FD = EVENT_FLAGS.createsFd | EVENT_FLAGS.usesFd | EVENT_FLAGS.destroysFd;

/** What an event says of a descriptor. */
export const FD_PLACE = { none: -1, unknown: -2 } as const;

/** By code: place of the descriptor that the event is about; FD_PLACE.unknown: about one that no parameter tells. */
export const FD_PLACES: Int8Array = (() => {
  const table = Int8Array.from(EVENTS, ({ flags }) => {
    if ((flags & ABOUT_FD) === 0) return FD_PLACE.none;
    return (flags & EVENT_FLAGS.createsFd) !== 0 ? 0 : FD_PLACE.unknown;
  });
  for (const [place, names] of PLACES) {
    for (const name of names.split(/\s+/)) {
      const code = exitCode(name);
      const isCreating = ((EVENTS[code]?.flags ?? 0) & EVENT_FLAGS.createsFd) !== 0;
      if (table[code] !== FD_PLACE.none && !isCreating) table[code] = place;
    }
  }
  return table;
})();
