import { least } from '../../agent/lib/bigint.ts';
import type { Database } from '../../agent/storage/sqlite.ts';
import { KIND_GAP, KIND_HEARTBEAT } from '../../proto/head.ts';
import type { StoredRecord } from '../store/record.ts';
import { fromStateText, toStateText } from './node-text.ts';
import { OWN_AGENT_ID } from './own-run.ts';

/** Losses of one kind, as gaps told them. */
export interface Loss {
  readonly stage: string;
  readonly cause: string;
  count: bigint;
  gaps: number;
}

/** What is known of one agent. Times are ns since 1970, of the collector's clock where nothing else is said. */
export interface NodeState {
  readonly agentId: string;
  hostname: string;
  version: string;
  bootId: string;
  epoch: bigint;
  sequence: bigint;
  ruleSetDigest: string;
  hookPlan: string;
  kinds: readonly string[];
  firstSeenNs: bigint;
  /** When its newest record was stored. */
  lastSeenNs: bigint;
  /** Clock of the node. */
  lastHeartbeatNs: bigint;
  /** How far its clock is ahead; negative = behind. */
  skewNs: bigint;
  intervalMs: number;
  produced: bigint;
  lost: bigint;
  losses: Loss[];
  records: number;
  holes: number;
  brokenChains: number;
  silent: boolean;
}

interface Node {
  readonly state: NodeState;
  /** Streams that are open now; 0 = not connected. */
  streams: number;
  /** For how long nothing has come, as far as this collector was there to notice. */
  quietMs: number;
  /** Storing time less heartbeat time, of the last heartbeats. */
  readonly delaysNs: bigint[];
  dirty: boolean;
}

export interface NodeEvents {
  silent(node: NodeState): void;
  /** `sinceNs`: when the last record before the silence was stored. */
  back(node: NodeState, sinceNs: bigint): void;
}

/** A node may be silent for two heartbeats and a little, and not less than this. */
const SILENT_MS = 12_000;
const SILENT_HEARTBEATS = 2.4;
/** What is assumed of agents that do not tell. */
const INTERVAL_MS = 5000;
/** A tick that came late (a collector that was stopped for a while) counts for no more than this. */
const TICK_MAX_MS = 2000;
/** Of so many heartbeats the fastest tells the clock's skew: others lay in a spool meanwhile. */
const DELAYS = 12;
const LOSSES_MAX = 100;

/** The agents that this collector has heard of, also before its last restart. */
export class NodeRegistry {
  private readonly nodes = new Map<string, Node>();
  private readonly database: Database | undefined;
  private readonly events: NodeEvents | undefined;

  constructor(database?: Database, events?: NodeEvents) {
    this.database = database;
    this.events = events;
    const rows = database?.prepare<{ agent: string; state: string }>('SELECT agent, state FROM node').all() ?? [];
    for (const { agent, state } of rows) this.nodes.set(agent, newNode(fromStateText(state, newState(agent))));
  }

  /** A stream begins; the result is to be called at its end. */
  open(agentId: string, hostname = '', version = ''): () => void {
    const node = this.node(agentId);
    node.streams++;
    if (hostname !== '') node.state.hostname = hostname;
    if (version !== '') node.state.version = version;
    return () => {
      node.streams--;
    };
  }

  saw(records: readonly StoredRecord[]): void {
    for (const record of records) {
      const { agentId, storedNs } = record.columns;
      if (agentId === OWN_AGENT_ID) continue;
      const node = this.node(agentId);
      this.sawOne(node, record);
      if (node.state.silent) {
        node.state.silent = false;
        this.events?.back(node.state, node.state.lastSeenNs);
      }
      node.state.lastSeenNs = storedNs;
    }
  }

  /** What ingest found wrong with the numbers or the chain of an agent's records. */
  sawWrong(agentId: string, what: 'hole' | 'broken-chain'): NodeState {
    const node = this.node(agentId);
    node.dirty = true;
    if (what === 'hole') node.state.holes++;
    else node.state.brokenChains++;
    return node.state;
  }

  /** Time has passed in which records could have come. */
  tick(elapsedMs: number): void {
    for (const node of this.nodes.values()) {
      if (node.state.silent || node.state.firstSeenNs === 0n) continue;
      node.quietMs += Math.min(elapsedMs, TICK_MAX_MS);
      if (node.quietMs <= limitOf(node.state)) continue;
      node.state.silent = true;
      node.dirty = true;
      this.events?.silent(node.state);
    }
  }

  /** Writes what has changed. */
  save(): void {
    const changed = [...this.nodes.values()].filter(({ dirty }) => dirty);
    if (changed.length === 0 || this.database === undefined) return;
    const insert = this.database.prepare<never>('INSERT OR REPLACE INTO node VALUES (?, ?)');
    this.database.transaction(() => {
      for (const { state } of changed) insert.run(state.agentId, toStateText(state));
    });
    for (const node of changed) node.dirty = false;
  }

  /** Forgets nodes of which nothing came since a time. */
  forget(beforeNs: bigint): void {
    for (const [agentId, { state, streams }] of this.nodes) {
      if (streams > 0 || state.lastSeenNs >= beforeNs) continue;
      this.nodes.delete(agentId);
      this.database?.prepare('DELETE FROM node WHERE agent = ?').run(agentId);
    }
  }

  streams(): number {
    let streams = 0;
    for (const node of this.nodes.values()) streams += node.streams;
    return streams;
  }

  /** By agent id. */
  all(): readonly { readonly state: Readonly<NodeState>; readonly streams: number }[] {
    return [...this.nodes.values()].sort((a, b) => (a.state.agentId < b.state.agentId ? -1 : 1));
  }

  private sawOne(node: Node, record: StoredRecord): void {
    const { state } = node;
    const { columns } = record;
    node.quietMs = 0;
    node.dirty = true;
    if (state.firstSeenNs === 0n) state.firstSeenNs = columns.storedNs;
    if (columns.hostname !== '') state.hostname = columns.hostname;
    state.epoch = columns.epoch;
    state.sequence = BigInt(columns.sequence);
    state.records++;
    if (columns.kind === KIND_HEARTBEAT) sawHeartbeat(node, record);
    if (columns.kind === KIND_GAP) sawGap(state, record);
  }

  private node(agentId: string): Node {
    const known = this.nodes.get(agentId);
    if (known !== undefined) return known;
    const node = newNode(newState(agentId));
    this.nodes.set(agentId, node);
    return node;
  }
}

function sawHeartbeat({ state, delaysNs }: Node, record: StoredRecord): void {
  const heartbeat = record.heartbeat();
  if (heartbeat === undefined) return;
  const { timeNs, version, ruleSetDigest, hookPlan, kinds, produced, lost, intervalMs = INTERVAL_MS } = heartbeat;
  Object.assign(state, { version, ruleSetDigest, hookPlan, kinds, produced, lost, intervalMs });
  state.lastHeartbeatNs = timeNs;
  state.bootId = record.bootId();
  delaysNs.push(record.columns.storedNs - timeNs);
  if (delaysNs.length > DELAYS) delaysNs.shift();
  state.skewNs = -delaysNs.reduce(least);
}

function sawGap(state: NodeState, record: StoredRecord): void {
  const gap = record.gap();
  if (gap === undefined) return;
  const known = state.losses.find(({ stage, cause }) => stage === gap.stage && cause === gap.cause);
  if (known !== undefined) {
    known.count += gap.count;
    known.gaps++;
  } else if (state.losses.length < LOSSES_MAX) {
    state.losses.push({ stage: gap.stage, cause: gap.cause, count: gap.count, gaps: 1 });
  }
}

function limitOf({ intervalMs }: NodeState): number {
  return Math.max(SILENT_MS, SILENT_HEARTBEATS * intervalMs);
}

function newNode(state: NodeState): Node {
  return { state, streams: 0, quietMs: 0, delaysNs: [], dirty: false };
}

function newState(agentId: string): NodeState {
  return {
    agentId,
    hostname: '',
    version: '',
    bootId: '',
    epoch: 0n,
    sequence: 0n,
    ruleSetDigest: '',
    hookPlan: '',
    kinds: [],
    firstSeenNs: 0n,
    lastSeenNs: 0n,
    lastHeartbeatNs: 0n,
    skewNs: 0n,
    intervalMs: INTERVAL_MS,
    produced: 0n,
    lost: 0n,
    losses: [],
    records: 0,
    holes: 0,
    brokenChains: 0,
    silent: false,
  };
}
