import type { FlagName } from '../lib/flags.ts';

/**
 * Names and numbers of flags in evt.arg and evt.rawarg: Falco has its own numbering for some, so that a rule means the
 * same on every architecture. Order is the order in which names are shown.
 */

export const FILE_FLAGS: readonly FlagName[] = [
  ['O_LARGEFILE', 2048],
  ['O_DIRECTORY', 1024],
  ['O_DIRECT', 512],
  ['O_TRUNC', 256],
  ['O_SYNC', 128],
  ['O_NONBLOCK', 64],
  ['O_EXCL', 32],
  ['O_DSYNC', 16],
  ['O_APPEND', 8],
  ['O_CREAT', 4],
  ['O_RDWR', 3],
  ['O_WRONLY', 2],
  ['O_RDONLY', 1],
  ['O_CLOEXEC', 4096],
  ['O_TMPFILE', 8192],
  ['O_F_CREATED', 16384],
  ['FD_UPPER_LAYER', 32768],
  ['FD_LOWER_LAYER', 65536],
];

export const CREAT_FLAGS: readonly FlagName[] = [
  ['FD_UPPER_LAYER_CREAT', 1],
  ['FD_LOWER_LAYER_CREAT', 2],
];

export const RESOLVE_FLAGS: readonly FlagName[] = [
  ['RESOLVE_BENEATH', 1],
  ['RESOLVE_IN_ROOT', 2],
  ['RESOLVE_NO_MAGICLINKS', 4],
  ['RESOLVE_NO_SYMLINKS', 8],
  ['RESOLVE_NO_XDEV', 16],
  ['RESOLVE_CACHED', 32],
];

export const CLONE_FLAGS: readonly FlagName[] = [
  ['CLONE_FILES', 1],
  ['CLONE_FS', 2],
  ['CLONE_IO', 4],
  ['CLONE_NEWIPC', 8],
  ['CLONE_NEWNET', 16],
  ['CLONE_NEWNS', 32],
  ['CLONE_NEWPID', 64],
  ['CLONE_NEWUTS', 128],
  ['CLONE_PARENT', 256],
  ['CLONE_PARENT_SETTID', 512],
  ['CLONE_PTRACE', 1024],
  ['CLONE_SIGHAND', 2048],
  ['CLONE_SYSVSEM', 4096],
  ['CLONE_THREAD', 8192],
  ['CLONE_UNTRACED', 16384],
  ['CLONE_VM', 32768],
  ['CLONE_NEWUSER', 1048576],
  ['CLONE_CHILD_CLEARTID', 8388608],
  ['CLONE_CHILD_SETTID', 16777216],
  ['CLONE_SETTLS', 33554432],
  ['CLONE_VFORK', 134217728],
  ['CLONE_NEWCGROUP', 268435456],
];

/** The kernel's CLONE_* bits (linux/sched.h) and Falco's. */
export const CLONE_BITS: readonly (readonly [kernel: number, falco: number])[] = [
  [0x400, 1],
  [0x200, 2],
  [0x8000_0000, 4],
  [0x0800_0000, 8],
  [0x4000_0000, 16],
  [0x0002_0000, 32],
  [0x2000_0000, 64],
  [0x0400_0000, 128],
  [0x8000, 256],
  [0x0010_0000, 512],
  [0x2000, 1024],
  [0x800, 2048],
  [0x0004_0000, 4096],
  [0x0001_0000, 8192],
  [0x0080_0000, 16384],
  [0x100, 32768],
  [0x1000_0000, 1048576],
  [0x0020_0000, 8388608],
  [0x0100_0000, 16777216],
  [0x0008_0000, 33554432],
  [0x4000, 134217728],
  [0x0200_0000, 268435456],
];

export const MODE_BITS: readonly FlagName[] = [
  ['S_IXOTH', 0o1],
  ['S_IWOTH', 0o2],
  ['S_IROTH', 0o4],
  ['S_IXGRP', 0o10],
  ['S_IWGRP', 0o20],
  ['S_IRGRP', 0o40],
  ['S_IXUSR', 0o100],
  ['S_IWUSR', 0o200],
  ['S_IRUSR', 0o400],
  ['S_ISVTX', 0o1000],
  ['S_ISGID', 0o2000],
  ['S_ISUID', 0o4000],
];

export const UNLINKAT_FLAGS: readonly FlagName[] = [['AT_REMOVEDIR', 0x200]];

export const LINKAT_FLAGS: readonly FlagName[] = [
  ['AT_SYMLINK_FOLLOW', 0x400],
  ['AT_EMPTY_PATH', 0x1000],
];

export const FCHOWNAT_FLAGS: readonly FlagName[] = [
  ['AT_SYMLINK_NOFOLLOW', 0x100],
  ['AT_EMPTY_PATH', 0x1000],
];

export const RENAME_FLAGS: readonly FlagName[] = [
  ['RENAME_NOREPLACE', 1],
  ['RENAME_EXCHANGE', 2],
  ['RENAME_WHITEOUT', 4],
];

export const EXEC_FLAGS: readonly FlagName[] = [
  ['EXE_WRITABLE', 1],
  ['EXE_UPPER_LAYER', 2],
  ['EXE_FROM_MEMFD', 4],
  ['EXE_LOWER_LAYER', 8],
];

export const MEMFD_FLAGS: readonly FlagName[] = [
  ['MFD_CLOEXEC', 1],
  ['MFD_ALLOW_SEALING', 2],
  ['MFD_HUGETLB', 4],
];

export const MODULE_FLAGS: readonly FlagName[] = [
  ['MODULE_INIT_IGNORE_MODVERSIONS', 1],
  ['MODULE_INIT_IGNORE_VERMAGIC', 2],
  ['MODULE_INIT_COMPRESSED_FILE', 4],
];

export const MOUNT_FLAGS: readonly FlagName[] = [
  ['RDONLY', 1],
  ['NOSUID', 2],
  ['NODEV', 4],
  ['NOEXEC', 8],
  ['SYNCHRONOUS', 16],
  ['REMOUNT', 32],
  ['MANDLOCK', 64],
  ['DIRSYNC', 128],
  ['NOATIME', 1024],
  ['NODIRATIME', 2048],
  ['BIND', 4096],
  ['MOVE', 8192],
  ['REC', 16384],
  ['SILENT', 32768],
  ['POSIXACL', 65536],
  ['UNBINDABLE', 131072],
  ['PRIVATE', 262144],
  ['SLAVE', 524288],
  ['SHARED', 1048576],
  ['RELATIME', 2097152],
  ['KERNMOUNT', 4194304],
  ['I_VERSION', 8388608],
  ['STRICTATIME', 16777216],
  ['LAZYTIME', 33554432],
];

export const SOCKET_FAMILIES: readonly FlagName[] = [
  ['AF_NFC', 39],
  ['AF_ALG', 38],
  ['AF_CAIF', 37],
  ['AF_IEEE802154', 36],
  ['AF_PHONET', 35],
  ['AF_ISDN', 34],
  ['AF_RXRPC', 33],
  ['AF_IUCV', 32],
  ['AF_BLUETOOTH', 31],
  ['AF_TIPC', 30],
  ['AF_CAN', 29],
  ['AF_LLC', 26],
  ['AF_WANPIPE', 25],
  ['AF_PPPOX', 24],
  ['AF_IRDA', 23],
  ['AF_SNA', 22],
  ['AF_RDS', 21],
  ['AF_ATMSVC', 20],
  ['AF_ECONET', 19],
  ['AF_ASH', 18],
  ['AF_PACKET', 17],
  ['AF_ROUTE', 16],
  ['AF_NETLINK', 16],
  ['AF_KEY', 15],
  ['AF_SECURITY', 14],
  ['AF_NETBEUI', 13],
  ['AF_DECnet', 12],
  ['AF_ROSE', 11],
  ['AF_INET6', 10],
  ['AF_X25', 9],
  ['AF_ATMPVC', 8],
  ['AF_BRIDGE', 7],
  ['AF_NETROM', 6],
  ['AF_APPLETALK', 5],
  ['AF_IPX', 4],
  ['AF_AX25', 3],
  ['AF_INET', 2],
  ['AF_LOCAL', 1],
  ['AF_UNIX', 1],
  ['AF_UNSPEC', 0],
  // Newer than Falco's table.
  ['AF_VSOCK', 40],
  ['AF_XDP', 44],
];

const BPF_NAMES =
  'MAP_CREATE MAP_LOOKUP_ELEM MAP_UPDATE_ELEM MAP_DELETE_ELEM MAP_GET_NEXT_KEY PROG_LOAD OBJ_PIN OBJ_GET PROG_ATTACH ' +
  'PROG_DETACH PROG_TEST_RUN PROG_GET_NEXT_ID MAP_GET_NEXT_ID PROG_GET_FD_BY_ID MAP_GET_FD_BY_ID OBJ_GET_INFO_BY_FD ' +
  'PROG_QUERY RAW_TRACEPOINT_OPEN BTF_LOAD BTF_GET_FD_BY_ID TASK_FD_QUERY MAP_LOOKUP_AND_DELETE_ELEM MAP_FREEZE ' +
  'BTF_GET_NEXT_ID MAP_LOOKUP_BATCH MAP_LOOKUP_AND_DELETE_BATCH MAP_UPDATE_BATCH MAP_DELETE_BATCH LINK_CREATE ' +
  'LINK_UPDATE LINK_GET_FD_BY_ID LINK_GET_NEXT_ID ENABLE_STATS ITER_CREATE LINK_DETACH PROG_BIND_MAP TOKEN_CREATE';

/** linux/bpf.h's order is the number. */
export const BPF_COMMANDS: readonly FlagName[] = [
  ...BPF_NAMES.split(' ').map((name, number): FlagName => [`BPF_${name}`, number]),
  ['BPF_PROG_RUN', 10],
];

/** ptrace requests: the kernel's number (x86), Falco's, the name. */
const PTRACE: readonly (readonly [kernel: number, falco: number, name: string])[] = [
  [0, 1, 'TRACEME'],
  [1, 2, 'PEEKTEXT'],
  [2, 3, 'PEEKDATA'],
  [3, 4, 'PEEKUSR'],
  [4, 5, 'POKETEXT'],
  [5, 6, 'POKEDATA'],
  [6, 7, 'POKEUSR'],
  [7, 8, 'CONT'],
  [8, 9, 'KILL'],
  [9, 10, 'SINGLESTEP'],
  [16, 11, 'ATTACH'],
  [17, 12, 'DETACH'],
  [24, 13, 'SYSCALL'],
  [0x4200, 14, 'SETOPTIONS'],
  [0x4201, 15, 'GETEVENTMSG'],
  [0x4202, 16, 'GETSIGINFO'],
  [0x4203, 17, 'SETSIGINFO'],
  [0x4204, 18, 'GETREGSET'],
  [0x4205, 19, 'SETREGSET'],
  [0x4206, 20, 'SEIZE'],
  [0x4207, 21, 'INTERRUPT'],
  [0x4208, 22, 'LISTEN'],
  [0x4209, 23, 'PEEKSIGINFO'],
  [0x420a, 24, 'GETSIGMASK'],
  [0x420b, 25, 'SETSIGMASK'],
  [12, 26, 'GETREGS'],
  [13, 27, 'SETREGS'],
  [14, 28, 'GETFPREGS'],
  [15, 29, 'SETFPREGS'],
  [18, 30, 'GETFPXREGS'],
  [19, 31, 'SETFPXREGS'],
  [21, 32, 'OLDSETOPTIONS'],
  [25, 33, 'GET_THREAD_AREA'],
  [26, 34, 'SET_THREAD_AREA'],
  [30, 35, 'ARCH_PRCTL'],
  [31, 36, 'SYSEMU'],
  [32, 37, 'SYSEMU_SINGLESTEP'],
  [33, 38, 'SINGLEBLOCK'],
];

export const PTRACE_REQUESTS: readonly FlagName[] = [
  ...PTRACE.map(([, falco, name]): FlagName => [`PTRACE_${name}`, falco]),
  ['PTRACE_UNKNOWN', 0],
];

const PTRACE_BY_KERNEL = new Map(PTRACE.map(([kernel, falco]) => [kernel, falco]));

/** Falco's number of a ptrace request; 0 (unknown) for those that it does not name. */
export function ptraceRequest(kernel: number): number {
  return PTRACE_BY_KERNEL.get(kernel) ?? 0;
}

export const UMOUNT_FLAGS: readonly FlagName[] = [
  ['FORCE', 1],
  ['DETACH', 2],
  ['EXPIRE', 4],
  ['NOFOLLOW', 8],
];

export const MKNOD_MODE: readonly FlagName[] = [
  ['S_IXOTH', 1],
  ['S_IWOTH', 2],
  ['S_IROTH', 4],
  ['S_IXGRP', 8],
  ['S_IWGRP', 16],
  ['S_IRGRP', 32],
  ['S_IXUSR', 64],
  ['S_IWUSR', 128],
  ['S_IRUSR', 256],
  ['S_ISVTX', 512],
  ['S_ISGID', 1024],
  ['S_ISUID', 2048],
  ['S_IFREG', 32768],
  ['S_IFCHR', 8192],
  ['S_IFBLK', 24576],
  ['S_IFIFO', 4096],
  ['S_IFSOCK', 49152],
];

export const PRCTL_OPTIONS: readonly FlagName[] = [
  ['PR_GET_DUMPABLE', 3],
  ['PR_SET_DUMPABLE', 4],
  ['PR_GET_KEEPCAPS', 7],
  ['PR_SET_KEEPCAPS', 8],
  ['PR_SET_NAME', 15],
  ['PR_GET_NAME', 16],
  ['PR_GET_SECCOMP', 21],
  ['PR_SET_SECCOMP', 22],
  ['PR_CAPBSET_READ', 23],
  ['PR_CAPBSET_DROP', 24],
  ['PR_GET_SECUREBITS', 27],
  ['PR_SET_SECUREBITS', 28],
  ['PR_MCE_KILL', 33],
  ['PR_SET_MM', 35],
  ['PR_SET_CHILD_SUBREAPER', 36],
  ['PR_GET_CHILD_SUBREAPER', 37],
  ['PR_SET_NO_NEW_PRIVS', 38],
  ['PR_GET_NO_NEW_PRIVS', 39],
  ['PR_GET_TID_ADDRESS', 40],
  ['PR_SET_THP_DISABLE', 41],
  ['PR_GET_THP_DISABLE', 42],
  ['PR_CAP_AMBIENT', 47],
];
