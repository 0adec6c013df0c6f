import type { Command } from 'commander';
import { EVENT_TYPES } from '../events/event-types.ts';
import type { CollectedKind, Lane } from '../events/kinds.ts';
import { TESTED_KINDS } from '../events/tested-kinds.gen.ts';
import { jsonText } from '../lib/json-text.ts';
import { command } from './command.ts';
import { textTable } from './text-table.ts';

const EXAMPLE = `atalaya events
atalaya events --json | jq -r 'select(.lane == "rare").kind'`;

/** By what lane a kind's records come: most calls, and those that failed or changed nothing. */
interface Way {
  readonly lane: Lane;
  readonly otherwise?: Lane;
}

const BULK: Way = { lane: 'bulk' };
const LIFECYCLE: Way = { lane: 'lifecycle' };
/** What changes the machine must not be drowned by attempts: those that fail go with the bulk. */
const RARE: Way = { lane: 'rare', otherwise: 'bulk' };

/** As the programs in native/bpf send them. */
export const WAYS: Readonly<Record<CollectedKind, Way>> = {
  fork: LIFECYCLE,
  exec: RARE,
  exit: LIFECYCLE,
  open: BULK,
  dup: BULK,
  unlink: BULK,
  rename: BULK,
  link: BULK,
  symlink: BULK,
  mkdir: BULK,
  chmod: BULK,
  chown: BULK,
  socket: BULK,
  connect: BULK,
  accept: BULK,
  bind: BULK,
  listen: BULK,
  send: BULK,
  setuid: RARE,
  setgid: RARE,
  ptrace: RARE,
  module: RARE,
  bpf: RARE,
  memfd: BULK,
  mount: RARE,
  setns: RARE,
  unshare: RARE,
  chdir: BULK,
  mknod: BULK,
  truncate: BULK,
  utimes: BULK,
  xattr: BULK,
  handle: BULK,
  capset: RARE,
  prctl: BULK,
  seccomp: BULK,
  keys: BULK,
  vmaccess: BULK,
  userfaultfd: BULK,
  perf: BULK,
  ring: BULK,
  kexec: RARE,
  machine: RARE,
  chroot: RARE,
  pivot: RARE,
  umount: RARE,
  fsmount: RARE,
  signal: BULK,
};

/** Only kinds that a victim's live test stands for are shown. */
export function create(): Command {
  return command('events', 'show the kinds of events that the sensor collects', EXAMPLE)
    .option('--json', 'one JSON object a line')
    .action(({ json }: { readonly json?: true }) => {
      process.stdout.write(json === true ? TESTED_KINDS.map(jsonLine).join('') : table());
    });
}

function jsonLine(kind: CollectedKind): string {
  const { lane, otherwise = lane } = WAYS[kind];
  return `${jsonText({ kind, lane, lane_of_failures: otherwise, types: EVENT_TYPES[kind] })}\n`;
}

function table(): string {
  const rows = TESTED_KINDS.map((kind) => {
    const { lane, otherwise } = WAYS[kind];
    return [kind, otherwise === undefined ? lane : `${lane}, failures ${otherwise}`, EVENT_TYPES[kind].join(' ')];
  });
  return textTable(['kind', 'lane', 'evt.type'], rows);
}
