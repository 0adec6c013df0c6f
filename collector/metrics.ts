import { Counter, Gauge, Registry } from 'prom-client';
import type { ApiCounts } from './api/counts.ts';
import type { Committer, IngestCounts } from './ingest/committer.ts';
import type { NodeRegistry } from './ingest/nodes.ts';
import type { Store } from './store/store.ts';
import type { Hub } from './subscribe/hub.ts';

export interface MetricSources {
  readonly store: Store;
  readonly committer: Committer;
  readonly hub: Hub;
  readonly nodes: NodeRegistry;
  readonly counts: ApiCounts;
  readonly version: string;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What each count of ingest is called, and its help text. */
const INGEST = {
  stored: ['atalaya_store_records_total', 'Records stored since the start.'],
  duplicates: ['atalaya_ingest_duplicates_total', 'Records that were stored already and came again.'],
  holes: ['atalaya_ingest_holes_total', 'Records that follow a hole in the numbers of their agent.'],
  brokenChains: ['atalaya_ingest_broken_chains_total', 'Records made after another predecessor than the stored one.'],
  refused: ['atalaya_ingest_refused_total', 'Batches refused because they were not what an agent sends.'],
  forged: ['atalaya_ingest_forged_total', 'Records refused because another one is stored under their number.'],
  failures: ['atalaya_store_failures_total', 'Transactions that the database could not make.'],
} as const satisfies Record<keyof IngestCounts, readonly [string, string]>;

/** The collector's metrics: values are read from their owners when somebody asks. */
export function createMetrics(sources: MetricSources): Metrics {
  const { store, committer, hub, nodes, counts, version } = sources;
  const registry = new Registry();
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  for (const [key, [name, help]] of Object.entries(INGEST)) {
    counter(name, help, () => committer.counts[key as keyof IngestCounts]);
  }
  gauge('atalaya_store_records', 'Records in the database.', () => store.count());
  gauge('atalaya_store_bytes', 'Size of the database.', () => store.bytes());
  gauge('atalaya_subscribers', 'Subscriptions that are open.', () => hub.size);
  counter('atalaya_subscriber_delivered_total', 'Records given to subscribers.', () => hub.counts().delivered);
  counter('atalaya_subscriber_dropped_total', 'Records that slow subscribers missed.', () => hub.counts().dropped);
  counter('atalaya_subscriber_refused_total', 'Subscriptions refused for being too many.', () => hub.refused);
  counter(
    'atalaya_grpc_refused_connections_total',
    'Connections to the gRPC port that were no HTTP/2, or no TLS of ours.',
    () => counts.refusedConnections,
  );
  failedCalls(registry, counts);
  gauge('atalaya_agent_streams', 'Agents that are connected.', () => nodes.streams());
  nodeGauge(registry, nodes);
  new Gauge({ name: 'atalaya_build_info', help: 'Version.', labelNames: ['version'], registers: [registry] })
    .labels(version)
    .set(1);
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function failedCalls(registry: Registry, counts: ApiCounts): void {
  new Counter({
    name: 'atalaya_grpc_failed_calls_total',
    help: 'Calls that ended with another status than OK.',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of counts.failedCalls) this.labels(code).inc(count);
    },
  });
}

function nodeGauge(registry: Registry, nodes: NodeRegistry): void {
  new Gauge({
    name: 'atalaya_node_last_record_timestamp_seconds',
    help: 'When the newest record of a node was stored, clock of the collector.',
    labelNames: ['node'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { state } of nodes.all()) {
        this.labels(state.agentId).set(Number(state.lastSeenNs / 1_000_000n) / 1000);
      }
    },
  });
  new Gauge({
    name: 'atalaya_node_silent',
    help: 'Whether nothing has come from a node for longer than it may be silent.',
    labelNames: ['node'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { state } of nodes.all()) this.labels(state.agentId).set(state.silent ? 1 : 0);
    },
  });
}
