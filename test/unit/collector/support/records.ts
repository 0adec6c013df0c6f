import type { Alert } from '../../../../agent/events/alert.ts';
import type { Columns } from '../../../../collector/store/record.ts';
import { encodeEnvelope } from '../../../../proto/envelope.ts';
import { decodeHead } from '../../../../proto/head.ts';
import { bodyOf } from '../../support/delivery.ts';

export const DAY_NS = 86_400_000_000_000n;
/** 2026-03-01 00:00 UTC. */
export const DAY_1_NS = 1_772_323_200_000_000_000n;

/** What a collector stores of one alert; `namespace` becomes part of its context. */
export function columnsOf(
  number: number,
  storedNs: bigint,
  { namespace, ...change }: Partial<Alert> & { readonly namespace?: string } = {},
  agentId = 'node-1',
): Columns {
  const position = { agentId, bootId: 'b', epoch: 1n, sequence: number + 1, previousHash: Buffer.alloc(0) };
  const context = namespace === undefined ? {} : { 'evt.num': number, 'k8s.ns.name': namespace, 'proc.name': 'sh' };
  const body = encodeEnvelope(position, bodyOf(number, { context, ...change }));
  return { ...decodeHead(body), storedNs, body };
}
