// Generated from test/kernel/*.test.ts by scripts/gen-tested-kinds.mjs.
import type { CollectedKind } from './kinds.ts';

/** Kinds whose records a live test compares with what a victim program says of its own acts. */
export const TESTED_KINDS: readonly CollectedKind[] = [
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
];
