/**
 * The closed list of what the sensor collects. Numbers and layouts are in native/bpf/events.h; names are the
 * system-call families in Falco's words. A kind is listed by `atalaya events` only when a victim's test exists.
 */
export const EVENT_KINDS = [
  'fork',
  'exec',
  'exit',
  'open',
  'dup',
  'unlink',
  'rename',
  'link',
  'symlink',
  'mkdir',
  'chmod',
  'chown',
  'socket',
  'connect',
  'accept',
  'bind',
  'listen',
  'send',
  'setuid',
  'setgid',
  'ptrace',
  'module',
  'bpf',
  'memfd',
  'mount',
  'setns',
  'unshare',
  'chdir',
  'mknod',
  'truncate',
  'utimes',
  'xattr',
  'handle',
  'capset',
  'prctl',
  'seccomp',
  'keys',
  'vmaccess',
  'userfaultfd',
  'perf',
  'ring',
  'kexec',
  'machine',
  'chroot',
  'pivot',
  'umount',
  'fsmount',
  'signal',
] as const;

/** What the sensor collects. */
export type CollectedKind = (typeof EVENT_KINDS)[number];

/**
 * Captures of other tools hold more than that: `other` is an event without a kind of its own, told apart by its evt.type.
 */
export type EventKind = CollectedKind | 'other';

/** Which of the three rings a record came through. */
export const LANES = ['rare', 'lifecycle', 'bulk'] as const;
export type Lane = (typeof LANES)[number];
