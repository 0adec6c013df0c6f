import { createHash } from 'node:crypto';
import type { Alert, EnvelopeBody, FieldJson, Priority } from '../../agent/events/alert.ts';
import { isoTime } from '../../agent/lib/iso-time.ts';
import type { NodeState } from './nodes.ts';

/** Names of the collector's own rules. */
export const OWN_RULES = {
  silent: 'Node fell silent',
  back: 'Node is back',
  brokenChain: 'Records of a node were altered',
} as const;

/** Nothing has come from a node for longer than it may be silent. The same silence gives the same uuid. */
export function silentAlert(node: NodeState, timeNs: bigint): EnvelopeBody {
  return ownAlert(node, timeNs, 'Critical', OWN_RULES.silent, [node.epoch, node.sequence], {
    'node.name': node.agentId,
    'node.last_seen': isoTime(node.lastSeenNs),
    'node.version': node.version,
  });
}

/** A node that was silent has sent something again. */
export function backAlert(node: NodeState, timeNs: bigint, silentSinceNs: bigint): EnvelopeBody {
  return ownAlert(node, timeNs, 'Notice', OWN_RULES.back, [silentSinceNs], {
    'node.name': node.agentId,
    'node.silent_since': isoTime(silentSinceNs),
    'node.version': node.version,
  });
}

/** A record came that does not follow the one before it. */
export function brokenChainAlert(node: NodeState, timeNs: bigint, epoch: bigint, sequence: number): EnvelopeBody {
  return ownAlert(node, timeNs, 'Critical', OWN_RULES.brokenChain, [epoch, BigInt(sequence)], {
    'node.name': node.agentId,
    'chain.epoch': epoch,
    'chain.sequence': sequence,
  });
}

function ownAlert(
  node: NodeState,
  timeNs: bigint,
  priority: Priority,
  rule: string,
  identity: readonly bigint[],
  outputFields: Readonly<Record<string, FieldJson>>,
): EnvelopeBody {
  const said = Object.entries(outputFields).map(([name, value]) => `${name.replace(/^\w+\./, '')}=${value}`);
  const alert: Alert = {
    uuid: uuidOf([rule, node.agentId, ...identity.map(String)]),
    timeNs,
    raisedNs: timeNs,
    rule,
    ruleSetDigest: '',
    priority,
    source: 'internal',
    tags: ['atalaya', 'node'],
    hostname: node.hostname || node.agentId,
    output: `${isoTime(timeNs).slice(11, -1)}: ${priority} ${rule} (${said.join(' ')})`,
    outputFields,
    context: { 'evt.hostname': node.hostname || node.agentId, 'evt.source': 'internal' },
    matched: [],
    ancestors: [],
    completeness: 'complete',
    redactions: [],
    count: 1,
    firstNs: timeNs,
    lastNs: timeNs,
  };
  return { type: 'alert', alert };
}

/** UUID, version 8, of what makes an alert itself: raised again, it is the same. */
function uuidOf(identity: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(identity)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
