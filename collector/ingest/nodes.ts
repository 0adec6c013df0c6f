import type { StoredRecord } from '../store/record.ts';

export interface NodeState {
  /** Streams that are open now; 0 = not connected. */
  streams: number;
  /** When its newest record was stored, ns since 1970; 0n = none since the collector started. */
  lastStoredNs: bigint;
}

/** The agents that were seen since the start. */
export class NodeRegistry {
  private readonly nodes = new Map<string, NodeState>();

  /** A stream begins; the result is to be called at its end. */
  open(agentId: string): () => void {
    const node = this.node(agentId);
    node.streams++;
    return () => {
      node.streams--;
    };
  }

  saw(records: readonly StoredRecord[]): void {
    for (const { columns } of records) this.node(columns.agentId).lastStoredNs = columns.storedNs;
  }

  streams(): number {
    let streams = 0;
    for (const node of this.nodes.values()) streams += node.streams;
    return streams;
  }

  all(): ReadonlyMap<string, Readonly<NodeState>> {
    return this.nodes;
  }

  private node(agentId: string): NodeState {
    const known = this.nodes.get(agentId);
    if (known !== undefined) return known;
    const node = { streams: 0, lastStoredNs: 0n };
    this.nodes.set(agentId, node);
    return node;
  }
}
