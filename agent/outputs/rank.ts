import { type EnvelopeBody, PRIORITIES } from '../events/alert.ts';

/**
 * How dispensable a record is when the spool is full; the highest goes first. Heartbeats first (a later one replaces
 * them), then amendments, then alerts from Debug up to Emergency, gaps last: they tell of what is gone already.
 */
export function rankOf(body: EnvelopeBody): number {
  if (body.type === 'gap') return 0;
  if (body.type === 'heartbeat') return HEARTBEAT_RANK;
  if (body.type === 'amendment') return AMENDMENT_RANK;
  return PRIORITIES.indexOf(body.alert.priority) + 1;
}

const AMENDMENT_RANK = PRIORITIES.length + 1;
const HEARTBEAT_RANK = AMENDMENT_RANK + 1;

/** Name of a rank: 'gap', a priority, 'amendment', 'heartbeat'. */
export function rankName(rank: number): string {
  if (rank === 0) return 'gap';
  return PRIORITIES[rank - 1] ?? (rank === AMENDMENT_RANK ? 'amendment' : 'heartbeat');
}

/** When it happened, ns since 1970. */
export function timeOf(body: EnvelopeBody): bigint {
  if (body.type === 'alert') return body.alert.timeNs;
  if (body.type === 'amendment') return body.amendment.timeNs;
  return body.type === 'gap' ? body.gap.toNs : body.heartbeat.timeNs;
}
