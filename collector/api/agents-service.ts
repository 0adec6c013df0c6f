import { toInt64 } from '../../proto/int64.ts';
import type { AgentInfoMessage, AgentsRequestMessage, AgentsResponseMessage } from '../../proto/messages.ts';
import type { Access } from '../access/access.ts';
import type { NodeRegistry, NodeState } from '../ingest/nodes.ts';
import { guarded } from './guard.ts';

/** Handler of atalaya.v1.Collector/Agents. */
export function agentsHandler(nodes: NodeRegistry, nowNs: () => bigint, access: Access) {
  return guarded(access, 'agents', (request: AgentsRequestMessage): AgentsResponseMessage => {
    const wanted = new Set(request.nodes ?? []);
    const agents = nodes
      .all()
      .filter(({ state }) => wanted.size === 0 || wanted.has(state.agentId) || wanted.has(state.hostname))
      .map(({ state, streams }) => infoOf(state, streams > 0));
    return { agents, nowNs: toInt64(nowNs()) };
  });
}

function infoOf(state: NodeState, connected: boolean): AgentInfoMessage {
  return {
    agentId: state.agentId,
    hostname: state.hostname,
    version: state.version,
    bootId: state.bootId,
    epoch: toInt64(state.epoch),
    sequence: toInt64(state.sequence),
    ruleSetDigest: state.ruleSetDigest,
    hookPlan: state.hookPlan,
    kinds: [...state.kinds],
    connected,
    silent: state.silent,
    firstSeenNs: toInt64(state.firstSeenNs),
    lastSeenNs: toInt64(state.lastSeenNs),
    lastHeartbeatNs: toInt64(state.lastHeartbeatNs),
    clockSkewNs: toInt64(state.skewNs),
    produced: toInt64(state.produced),
    lost: toInt64(state.lost),
    losses: [...state.losses]
      .sort((a, b) => Number(b.count - a.count))
      .map(({ stage, cause, count, gaps }) => ({ stage, cause, count: toInt64(count), gaps })),
    records: state.records,
    holes: state.holes,
    brokenChains: state.brokenChains,
  };
}
