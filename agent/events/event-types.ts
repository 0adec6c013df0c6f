import type { CollectedKind } from './kinds.ts';

/**
 * evt.type names of every kind, the commonest first (it names an event whose call number is not known). Closed: what
 * is not here is not an event of this build.
 */
export const EVENT_TYPES = {
  fork: ['clone', 'clone3', 'fork', 'vfork'],
  exec: ['execve', 'execveat'],
  exit: ['procexit'],
  open: ['openat', 'open', 'openat2', 'creat'],
  // fcntl: only to duplicate a descriptor (F_DUPFD, F_DUPFD_CLOEXEC).
  dup: ['dup2', 'dup', 'dup3', 'fcntl'],
  unlink: ['unlink', 'unlinkat', 'rmdir'],
  rename: ['rename', 'renameat', 'renameat2'],
  link: ['link', 'linkat'],
  symlink: ['symlink', 'symlinkat'],
  mkdir: ['mkdir', 'mkdirat'],
  chmod: ['chmod', 'fchmod', 'fchmodat', 'fchmodat2'],
  chown: ['chown', 'lchown', 'fchown', 'fchownat'],
  socket: ['socket'],
  connect: ['connect'],
  accept: ['accept', 'accept4'],
  bind: ['bind'],
  listen: ['listen'],
  send: ['sendto', 'sendmsg', 'sendmmsg'],
  setuid: ['setuid', 'setreuid', 'setresuid', 'setfsuid'],
  setgid: ['setgid', 'setregid', 'setresgid', 'setfsgid'],
  ptrace: ['ptrace'],
  module: ['finit_module', 'init_module'],
  bpf: ['bpf'],
  memfd: ['memfd_create'],
  mount: ['mount'],
  setns: ['setns'],
  unshare: ['unshare'],
  chdir: ['chdir', 'fchdir'],
  mknod: ['mknodat', 'mknod'],
  truncate: ['ftruncate', 'truncate'],
  utimes: ['utimensat', 'utime', 'utimes', 'futimesat'],
  xattr: ['setxattr', 'lsetxattr', 'fsetxattr', 'removexattr', 'lremovexattr', 'fremovexattr'],
  handle: ['open_by_handle_at'],
  capset: ['capset'],
  prctl: ['prctl'],
  seccomp: ['seccomp'],
  keys: ['keyctl', 'add_key', 'request_key'],
  vmaccess: ['process_vm_readv', 'process_vm_writev'],
  userfaultfd: ['userfaultfd'],
  perf: ['perf_event_open'],
  ring: ['io_uring_setup'],
  kexec: ['kexec_file_load', 'kexec_load'],
  machine: ['reboot', 'swapon', 'swapoff', 'sethostname', 'setdomainname', 'acct', 'quotactl', 'iopl', 'ioperm'],
  chroot: ['chroot'],
  pivot: ['pivot_root'],
  umount: ['umount2', 'umount'],
  fsmount: ['fsopen', 'fsconfig', 'fsmount', 'move_mount', 'open_tree', 'mount_setattr'],
  signal: ['kill', 'tgkill', 'tkill', 'pidfd_send_signal'],
} as const satisfies Record<CollectedKind, readonly [string, ...string[]]>;

/** An evt.type name of this build. */
export type EventTypeName = (typeof EVENT_TYPES)[CollectedKind][number];
