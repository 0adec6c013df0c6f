import { EVENT_TYPES, type EventTypeName } from '../events/event-types.ts';
import { EVENT_KINDS, type EventKind } from '../events/kinds.ts';

/** CPU architectures whose system-call numbers are known. */
export type Machine = 'x86_64' | 'arm64';

/** A system call and its numbers, those of 32-bit callers (with 16-bit ids too) beside those of their machine. */
export interface Syscall {
  readonly name: SyscallName;
  /** undefined: only its 32-bit callers have it. */
  readonly x86_64: number | undefined;
  readonly i386: readonly number[];
  readonly arm32: readonly number[];
  /** undefined: the architecture does not have it. */
  readonly arm64: number | undefined;
}

type SyscallName = Exclude<EventTypeName, 'procexit'>;

const call = (
  name: SyscallName,
  x86_64: number | undefined,
  i386: readonly number[],
  arm32: readonly number[],
  arm64?: number,
): Syscall => ({ name, x86_64, i386, arm32, arm64 });

/**
 * Numbers of every system call that an event kind tells of (the kernel's unistd headers; never reused). socketcall (102
 * on i386) is not here: it stands for many calls, and the kind in the record says which.
 */
export const SYSCALLS: readonly Syscall[] = [
  call('clone', 56, [120], [120], 220),
  call('clone3', 435, [435], [435], 435),
  call('fork', 57, [2], [2]),
  call('vfork', 58, [190], [190]),
  call('execve', 59, [11], [11], 221),
  call('execveat', 322, [358], [387], 281),
  call('open', 2, [5], [5]),
  call('openat', 257, [295], [322], 56),
  call('openat2', 437, [437], [437], 437),
  call('creat', 85, [8], [8]),
  call('dup', 32, [41], [41], 23),
  call('dup2', 33, [63], [63]),
  call('dup3', 292, [330], [358], 24),
  call('fcntl', 72, [55, 221], [55, 221], 25),
  call('unlink', 87, [10], [10]),
  call('unlinkat', 263, [301], [328], 35),
  call('rmdir', 84, [40], [40]),
  call('rename', 82, [38], [38]),
  call('renameat', 264, [302], [329], 38),
  call('renameat2', 316, [353], [382], 276),
  call('link', 86, [9], [9]),
  call('linkat', 265, [303], [330], 37),
  call('symlink', 88, [83], [83]),
  call('symlinkat', 266, [304], [331], 36),
  call('mkdir', 83, [39], [39]),
  call('mkdirat', 258, [296], [323], 34),
  call('chmod', 90, [15], [15]),
  call('fchmod', 91, [94], [94], 52),
  call('fchmodat', 268, [306], [333], 53),
  call('fchmodat2', 452, [452], [452], 452),
  call('chown', 92, [182, 212], [182, 212]),
  call('lchown', 94, [16, 198], [16, 198]),
  call('fchown', 93, [95, 207], [95, 207], 55),
  call('fchownat', 260, [298], [325], 54),
  call('socket', 41, [359], [281], 198),
  call('connect', 42, [362], [283], 203),
  call('accept', 43, [], [285], 202),
  call('accept4', 288, [364], [366], 242),
  call('bind', 49, [361], [282], 200),
  call('listen', 50, [363], [284], 201),
  call('sendto', 44, [369], [290], 206),
  call('sendmsg', 46, [370], [296], 211),
  call('sendmmsg', 307, [345], [374], 269),
  call('setuid', 105, [23, 213], [23, 213], 146),
  call('setreuid', 113, [70, 203], [70, 203], 145),
  call('setresuid', 117, [164, 208], [164, 208], 147),
  call('setfsuid', 122, [138, 215], [138, 215], 151),
  call('setgid', 106, [46, 214], [46, 214], 144),
  call('setregid', 114, [71, 204], [71, 204], 143),
  call('setresgid', 119, [170, 210], [170, 210], 149),
  call('setfsgid', 123, [139, 216], [139, 216], 152),
  call('ptrace', 101, [26], [26], 117),
  call('init_module', 175, [128], [128], 105),
  call('finit_module', 313, [350], [379], 273),
  call('bpf', 321, [357], [386], 280),
  call('memfd_create', 319, [356], [385], 279),
  call('mount', 165, [21], [21], 40),
  call('setns', 308, [346], [375], 268),
  call('unshare', 272, [310], [337], 97),
  call('chdir', 80, [12], [12], 49),
  call('fchdir', 81, [133], [133], 50),
  call('mknod', 133, [14], [14]),
  call('mknodat', 259, [297], [324], 33),
  call('truncate', 76, [92, 193], [92, 193], 45),
  call('ftruncate', 77, [93, 194], [93, 194], 46),
  call('utimensat', 280, [320, 412], [348, 412], 88),
  call('utime', 132, [30], [30]),
  call('utimes', 235, [271], [269]),
  call('futimesat', 261, [299], [326]),
  call('setxattr', 188, [226], [226], 5),
  call('lsetxattr', 189, [227], [227], 6),
  call('fsetxattr', 190, [228], [228], 7),
  call('removexattr', 197, [235], [235], 14),
  call('lremovexattr', 198, [236], [236], 15),
  call('fremovexattr', 199, [237], [237], 16),
  call('open_by_handle_at', 304, [342], [371], 265),
  call('capset', 126, [185], [185], 91),
  call('prctl', 157, [172], [172], 167),
  call('seccomp', 317, [354], [383], 277),
  call('keyctl', 250, [288], [311], 219),
  call('add_key', 248, [286], [309], 217),
  call('request_key', 249, [287], [310], 218),
  call('process_vm_readv', 310, [347], [376], 270),
  call('process_vm_writev', 311, [348], [377], 271),
  call('userfaultfd', 323, [374], [388], 282),
  call('perf_event_open', 298, [336], [364], 241),
  call('io_uring_setup', 425, [425], [425], 425),
  call('kexec_load', 246, [283], [347], 104),
  call('kexec_file_load', 320, [], [401], 294),
  call('reboot', 169, [88], [88], 142),
  call('swapon', 167, [87], [87], 224),
  call('swapoff', 168, [115], [115], 225),
  call('sethostname', 170, [74], [74], 161),
  call('setdomainname', 171, [121], [121], 162),
  call('acct', 163, [51], [51], 89),
  call('quotactl', 179, [131], [131], 60),
  call('iopl', 172, [110], []),
  call('ioperm', 173, [101], []),
  call('chroot', 161, [61], [61], 51),
  call('pivot_root', 155, [217], [218], 41),
  call('umount2', 166, [52], [52], 39),
  call('fsopen', 430, [430], [430], 430),
  call('fsconfig', 431, [431], [431], 431),
  call('fsmount', 432, [432], [432], 432),
  call('move_mount', 429, [429], [429], 429),
  call('open_tree', 428, [428], [428], 428),
  call('mount_setattr', 442, [442], [442], 442),
  call('kill', 62, [37], [37], 129),
  call('tkill', 200, [238], [238], 130),
  call('tgkill', 234, [270], [268], 131),
  call('pidfd_send_signal', 424, [424], [424], 424),
  call('umount', undefined, [22], [22]),
];

/** A system call by its number: its name, and the kind of event that tells of it. */
export interface NumberedCall {
  readonly name: string;
  readonly kind: EventKind;
}

/** Calls by number for one machine; `compat` is the table of its 32-bit callers. */
export interface CallTables {
  readonly native: readonly (NumberedCall | undefined)[];
  readonly compat: readonly (NumberedCall | undefined)[];
}

export function callTables(machine: Machine): CallTables {
  const native: (NumberedCall | undefined)[] = Array.from({ length: 512 });
  const compat: (NumberedCall | undefined)[] = Array.from({ length: 512 });
  for (const { name, x86_64, i386, arm32, arm64 } of SYSCALLS) {
    const numbered = { name, kind: kindOf(name) };
    const number = machine === 'x86_64' ? x86_64 : arm64;
    if (number !== undefined) native[number] = numbered;
    for (const n of machine === 'x86_64' ? i386 : arm32) compat[n] = numbered;
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
