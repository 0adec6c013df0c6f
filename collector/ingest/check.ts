import type { Head } from '../../proto/head.ts';
import type { AgentPosition } from '../store/partition.ts';

/**
 * What an envelope is to a collector that knows how far its agent's run has come:
 * new: the next one, or the first that it sees of this run; duplicate: it has that already; after-hole: there is
 * something missing before it (the agent dropped it and a gap tells); broken-chain: the next one by number, but made
 * after another predecessor than the stored one.
 */
export type Verdict = 'new' | 'duplicate' | 'after-hole' | 'broken-chain';

export function judge(head: Head, last: AgentPosition | undefined): Verdict {
  if (last === undefined) return 'new';
  if (head.sequence <= last.sequence) return 'duplicate';
  if (head.sequence > last.sequence + 1) return 'after-hole';
  return equalBytes(head.previousHash, last.hash) ? 'new' : 'broken-chain';
}

/** Why an envelope cannot be of this stream; undefined when it can. */
export function refusal(head: Head, agentId: string): string | undefined {
  if (head.agentId !== agentId) return `an envelope of agent '${head.agentId}' in the stream of '${agentId}'`;
  if (head.kind === 0) return 'an envelope without a body';
  if (!Number.isSafeInteger(head.sequence) || head.sequence < 1) return `sequence ${head.sequence}; expected 1 or more`;
  return undefined;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
