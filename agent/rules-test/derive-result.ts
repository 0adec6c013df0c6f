import type { EventKind } from '../events/kinds.ts';
import { errnoName } from '../lib/errno.ts';
import type { GivenFacts } from './given-facts.ts';

/** Kinds whose result is a new descriptor. */
const GIVES_DESCRIPTOR: readonly EventKind[] = ['open', 'dup', 'socket', 'accept', 'bpf', 'memfd'];
/** Kinds whose result is not 0 when they succeed: a descriptor, a pid, a number of bytes, data. */
const GIVES_NUMBER: readonly EventKind[] = [...GIVES_DESCRIPTOR, 'fork', 'send', 'ptrace', 'other'];
const ERRNO_MAX = 4095;

/** evt.res, evt.rawres and evt.failed from each other; success where none is given. The end of a process has no result. */
export function deriveResult(facts: GivenFacts): void {
  const { kind, type } = facts;
  facts.add('evt.source', 'syscall');
  facts.add('evt.dir', kind === 'exit' ? '>' : '<');
  if (kind === 'exit') return;
  facts.add('syscall.type', type);
  if (GIVES_DESCRIPTOR.includes(kind)) facts.add('evt.rawres', facts.number('fd.num'));
  const failed = hasFailed(facts);
  facts.add('evt.failed', failed);
  facts.add('evt.count.error', failed ? 1 : 0);
  if (!failed) facts.add('evt.res', 'SUCCESS');
  if (!failed && !GIVES_NUMBER.includes(kind)) facts.add('evt.rawres', 0);
  facts.add('evt.rawres', errorNumber(facts.text('evt.res')));
  const raw = facts.number('evt.rawres');
  if (raw !== undefined && raw < 0) facts.add('evt.res', errnoName(-raw) ?? String(raw));
  if (GIVES_DESCRIPTOR.includes(kind) && raw !== undefined) facts.add('fd.num', raw);
  facts.add('evt.arg', facts.text('evt.res'), 'res');
}

function hasFailed(facts: GivenFacts): boolean {
  const failed = facts.get('evt.failed');
  if (typeof failed === 'boolean') return failed;
  const word = facts.text('evt.res');
  if (word !== undefined) return word !== 'SUCCESS';
  const raw = facts.number('evt.rawres');
  return raw !== undefined && raw < 0;
}

/** Negative, as a call returns it. */
function errorNumber(name: string | undefined): number | undefined {
  if (name === undefined || name === 'SUCCESS') return undefined;
  for (let errno = 1; errno <= ERRNO_MAX; errno++) if (errnoName(errno) === name) return -errno;
  return undefined;
}
