import type { NodeState } from './nodes.ts';

/** Members that are 64 bits wide; JSON has them as text. */
const WIDE = [
  'epoch',
  'sequence',
  'firstSeenNs',
  'lastSeenNs',
  'lastHeartbeatNs',
  'skewNs',
  'produced',
  'lost',
] as const satisfies readonly (keyof NodeState)[];

/** A node's state as it is kept in the database. */
export function toStateText(state: NodeState): string {
  const wide = Object.fromEntries(WIDE.map((name) => [name, String(state[name])]));
  const losses = state.losses.map((loss) => ({ ...loss, count: String(loss.count) }));
  return JSON.stringify({ ...state, ...wide, losses });
}

/** The other way. Our own text: members that a later version added are kept, those that it lacks stay as in `empty`. */
export function fromStateText(text: string, empty: NodeState): NodeState {
  const parsed = JSON.parse(text) as Record<string, unknown>;
  const wide = Object.fromEntries(WIDE.map((name) => [name, BigInt(String(parsed[name] ?? 0))]));
  const losses = (Array.isArray(parsed['losses']) ? parsed['losses'] : []).map((loss) => ({
    ...loss,
    count: BigInt(loss.count),
  }));
  return { ...empty, ...parsed, ...wide, losses, agentId: empty.agentId };
}
