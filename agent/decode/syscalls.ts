import { EVENT_TYPES, type EventTypeName } from '../events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../events/kinds.ts';

/** CPU architectures whose system-call numbers are known. */
export type Machine = 'x86_64' | 'arm64';

/** A system call: its number on x86_64, its numbers for 32-bit callers there (16-bit ids too), its number on arm64. */
export interface Syscall {
  readonly name: SyscallName;
  readonly x86_64: number;
  readonly i386: readonly number[];
  /** undefined: the architecture does not have it. */
  readonly arm64: number | undefined;
}

type SyscallName = Exclude<EventTypeName, 'procexit'>;

const call = (name: SyscallName, x86_64: number, i386: readonly number[], arm64?: number): Syscall => ({
  name,
  x86_64,
  i386,
  arm64,
});

/**
 * Numbers of every system call that an event kind tells of (the kernel's unistd headers; never reused). socketcall (102
 * on i386) is not here: it stands for many calls, and the kind in the record says which.
 */
export const SYSCALLS: readonly Syscall[] = [
  call('clone', 56, [120], 220),
  call('clone3', 435, [435], 435),
  call('fork', 57, [2]),
  call('vfork', 58, [190]),
  call('execve', 59, [11], 221),
  call('execveat', 322, [358], 281),
  call('open', 2, [5]),
  call('openat', 257, [295], 56),
  call('openat2', 437, [437], 437),
  call('creat', 85, [8]),
  call('dup', 32, [41], 23),
  call('dup2', 33, [63]),
  call('dup3', 292, [330], 24),
  call('unlink', 87, [10]),
  call('unlinkat', 263, [301], 35),
  call('rmdir', 84, [40]),
  call('rename', 82, [38]),
  call('renameat', 264, [302], 38),
  call('renameat2', 316, [353], 276),
  call('link', 86, [9]),
  call('linkat', 265, [303], 37),
  call('symlink', 88, [83]),
  call('symlinkat', 266, [304], 36),
  call('mkdir', 83, [39]),
  call('mkdirat', 258, [296], 34),
  call('chmod', 90, [15]),
  call('fchmod', 91, [94], 52),
  call('fchmodat', 268, [306], 53),
  call('fchmodat2', 452, [452], 452),
  call('chown', 92, [182, 212]),
  call('lchown', 94, [16, 198]),
  call('fchown', 93, [95, 207], 55),
  call('fchownat', 260, [298], 54),
  call('socket', 41, [359], 198),
  call('connect', 42, [362], 203),
  call('accept', 43, [], 202),
  call('accept4', 288, [364], 242),
  call('bind', 49, [361], 200),
  call('listen', 50, [363], 201),
  call('sendto', 44, [369], 206),
  call('sendmsg', 46, [370], 211),
  call('sendmmsg', 307, [345], 269),
  call('setuid', 105, [23, 213], 146),
  call('setreuid', 113, [70, 203], 145),
  call('setresuid', 117, [164, 208], 147),
  call('setfsuid', 122, [138, 215], 151),
  call('setgid', 106, [46, 214], 144),
  call('setregid', 114, [71, 204], 143),
  call('setresgid', 119, [170, 210], 149),
  call('setfsgid', 123, [139, 216], 152),
  call('ptrace', 101, [26], 117),
  call('init_module', 175, [128], 105),
  call('finit_module', 313, [350], 273),
  call('bpf', 321, [357], 280),
  call('memfd_create', 319, [356], 279),
  call('mount', 165, [21], 40),
  call('setns', 308, [346], 268),
  call('unshare', 272, [310], 97),
];

/** A system call by its number: its name, and the kind of event that tells of it. */
export interface NumberedCall {
  readonly name: string;
  readonly kind: EventKind;
}

/** Calls by number for one machine; `compat` is the table of its 32-bit callers (empty where none is known). */
export interface CallTables {
  readonly native: readonly (NumberedCall | undefined)[];
  readonly compat: readonly (NumberedCall | undefined)[];
}

export function callTables(machine: Machine): CallTables {
  const native: (NumberedCall | undefined)[] = Array.from({ length: 512 });
  const compat: (NumberedCall | undefined)[] = Array.from({ length: 512 });
  for (const { name, x86_64, i386, arm64 } of SYSCALLS) {
    const numbered = { name, kind: kindOf(name) };
    const number = machine === 'x86_64' ? x86_64 : arm64;
    if (number !== undefined) native[number] = numbered;
    if (machine === 'x86_64') for (const n of i386) compat[n] = numbered;
  }
  return { native, compat };
}

const KIND_OF_TYPE = new Map<string, EventKind>(
  EVENT_KINDS.flatMap((kind) => EVENT_TYPES[kind].map((type) => [type, kind] as const)),
);

function kindOf(name: SyscallName): EventKind {
  // The type of the name is made from the same table.
  return KIND_OF_TYPE.get(name) as EventKind;
}
