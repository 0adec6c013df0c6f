import { Registry } from 'prom-client';
import type { Cluster } from '../kubernetes/open-cluster.ts';
import type { Forwarder } from '../outputs/forwarder.ts';
import type { Output } from '../outputs/output.ts';
import type { Spool } from '../outputs/spool.ts';
import type { Live } from '../pipeline/live.ts';
import type { SourceStats } from '../runtime/guarded-source.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import { createFamilies, type Families, type Samples } from './family.ts';
import { addProcessMetrics } from './process-metrics.ts';

/** Where the values are. */
export interface MetricSources {
  readonly version: string;
  /** Undefined until the sensor runs. */
  readonly live: () => Live | undefined;
  /** Undefined where no container runtime is asked. */
  readonly runtimes: () => Runtimes | undefined;
  /** Undefined where no cluster is asked. */
  readonly cluster: () => Pick<Cluster, 'stats'> | undefined;
  readonly spool: Spool;
  readonly outputs: readonly Output[];
  readonly forwarder: Forwarder | undefined;
  readonly counts: AgentCounts;
}

/** What the agent itself counts. */
export interface AgentCounts {
  /** Alerts, gaps and heartbeats that were given to the spool. */
  raised: number;
  /** Of these, rejected by the spool. */
  rejected: number;
  reloads: number;
  reloadFailures: number;
  clockSteps: number;
  /** Answers of container runtimes that were too long to keep whole. */
  containerCuts: number;
  /** Events that gaps tell of, by stage and cause. */
  readonly lost: Map<string, { readonly stage: string; readonly cause: string; count: bigint }>;
}

export function createCounts(): AgentCounts {
  return { raised: 0, rejected: 0, reloads: 0, reloadFailures: 0, clockSteps: 0, containerCuts: 0, lost: new Map() };
}

export interface AgentMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  stop(): void;
}

/** Each stage shows what came in, what went out and what was lost there, so that the sums can be checked. */
export function createAgentMetrics(sources: MetricSources): AgentMetrics {
  const registry = new Registry();
  const families = createFamilies(registry);
  families.gauges('atalaya_build_info', 'Version.', ['version'], () => [[{ version: sources.version }, 1]]);
  addSensor(families, sources);
  addPipeline(families, sources);
  addRuntimes(families, sources);
  addRules(families, sources);
  addSpool(families, sources);
  addOutputs(families, sources);
  const process = addProcessMetrics(families);
  return { contentType: registry.contentType, text: () => registry.metrics(), stop: () => process.stop() };
}

/** What the sensor counts: name, help and the figure's name. produced = received + lost + counted. */
const SENSOR = [
  ['atalaya_sensor_produced_total', 'Events that the eBPF programs had to tell of.', 'produced'],
  ['atalaya_sensor_received_total', 'Of these, read from the rings.', 'received'],
  ['atalaya_sensor_lost_total', 'Of these, never read; gaps tell where.', 'lost'],
  ['atalaya_sensor_malformed_total', 'Lost because they were not whole.', 'malformed'],
  ['atalaya_sensor_heartbeats_total', "Of what was received, the sensor's own.", 'heartbeats'],
  ['atalaya_sensor_delivered_total', 'Of what was received, handed on in batches.', 'delivered'],
  ['atalaya_sensor_batches_total', 'Batches.', 'batches'],
  ['atalaya_sensor_late_total', 'Records that came out after later ones.', 'late'],
] as const;

function addSensor({ counter, counters, gauge, gauges }: Families, { live, counts }: MetricSources): void {
  for (const [name, help, figure] of SENSOR) counter(name, help, () => live()?.source.stats()[figure] ?? 0);
  counters(
    'atalaya_sensor_counted_total',
    'Of these, counted instead of sent: their cgroup had spent its budget.',
    ['kind'],
    () => [...(live()?.source.counted ?? [])].map(([kind, count]) => [{ kind }, Number(count)]),
  );
  gauge('atalaya_sensor_pool_bytes', 'Memory of records that wait.', () => live()?.source.stats().poolBytes ?? 0);
  gauge(
    'atalaya_sensor_longest_pause_seconds',
    'Longest time that the reader did not look at the rings.',
    () => (live()?.source.stats().longestPauseMs ?? 0) / 1e3,
  );
  gauges('atalaya_sensor_reader_info', "How the reader's thread is scheduled.", ['scheduler'], () => {
    const scheduler = live()?.source.stats().scheduler;
    return scheduler === undefined ? [] : [[{ scheduler }, 1]];
  });
  counter('atalaya_clock_steps_total', 'Times that the wall clock was set.', () => counts.clockSteps);
}

function addPipeline({ counter, counters, gauge, gauges }: Families, { live, counts }: MetricSources): void {
  const pipeline = () => live()?.pipeline.counts;
  counter('atalaya_decode_records_total', 'Records whose batch was worked through.', () => live()?.records ?? 0);
  counters('atalaya_events_total', 'Of these, events.', ['kind', 'lane'], () =>
    Object.entries(pipeline()?.events ?? {}).flatMap(([kind, lanes]) =>
      Object.entries(lanes).flatMap(([lane, value]): [Record<string, string>, number][] =>
        value === 0 ? [] : [[{ kind, lane }, value]],
      ),
    ),
  );
  counter('atalaya_decode_malformed_total', 'Of these, dropped: not whole.', () => pipeline()?.decode.malformed ?? 0);
  counters('atalaya_events_lost_total', 'Events that gaps tell of.', ['stage', 'cause'], () =>
    [...counts.lost.values()].map(({ stage, cause, count }) => [{ stage, cause }, Number(count)]),
  );
  gauges('atalaya_state_entries', 'What is kept.', ['table'], () => [
    [{ table: 'processes' }, pipeline()?.processes.processes ?? 0],
    [{ table: 'cgroups' }, pipeline()?.cgroups() ?? 0],
  ]);
  gauge('atalaya_state_bytes', 'Memory of the process table, estimated.', () => pipeline()?.processes.bytes ?? 0);
  const decisions = () => pipeline()?.decisions;
  gauge(
    'atalaya_decisions_waiting',
    'Events whose rules wait for what a runtime says.',
    () => decisions()?.waiting ?? 0,
  );
  counter('atalaya_decisions_held_total', 'Events whose rules waited.', () => decisions()?.held ?? 0);
  counter('atalaya_decisions_incomplete_total', 'Of these, not told in time.', () => decisions()?.incomplete ?? 0);
  counter('atalaya_decisions_not_held_total', 'Events decided at once, for too many waited.', () => {
    return decisions()?.notHeld ?? 0;
  });
  counter('atalaya_amendments_total', 'Told later of alerts.', () => pipeline()?.amendments?.amended ?? 0);
  counter('atalaya_amendments_dropped_total', 'Alerts that were not told more, for too many waited.', () => {
    return pipeline()?.amendments?.dropped ?? 0;
  });
  counter('atalaya_state_evictions_total', 'Forgotten for want of memory.', () => pipeline()?.processes.evicted ?? 0);
  counter('atalaya_state_healed_total', 'Missed and then looked up.', () => pipeline()?.processes.healed ?? 0);
}

function addRuntimes({ counter, counters, gauge }: Families, { live, runtimes, cluster, counts }: MetricSources): void {
  const stats = () => runtimes()?.stats();
  const each = (value: (source: SourceStats) => number) => (): Samples =>
    (stats()?.sources ?? []).map((source) => [{ source: source.source }, value(source)]);
  counters(
    'atalaya_containers_asked_total',
    'Questions to container runtimes.',
    ['source'],
    each(({ asked }) => asked),
  );
  counters(
    'atalaya_containers_known_total',
    'Of these, answered with a container.',
    ['source'],
    each(({ known }) => known),
  );
  counters(
    'atalaya_containers_failed_total',
    'Of these, without a sensible answer.',
    ['source'],
    each(({ failed }) => failed),
  );
  gauge('atalaya_containers_waiting', 'Containers that are being asked for.', () => stats()?.waiting ?? 0);
  counter('atalaya_containers_skipped_total', 'Never asked for: too many at once.', () => stats()?.skipped ?? 0);
  counter('atalaya_containers_unknown_total', 'That nobody knew.', () => stats()?.unknown ?? 0);
  counter('atalaya_containers_cut_total', 'Parts of answers too long to keep.', () => counts.containerCuts);
  const watched = () => cluster()?.stats();
  gauge('atalaya_pods', 'Pods of this node that the cluster tells of.', () => watched()?.pods ?? 0);
  counter('atalaya_pods_events_total', 'Changes of pods that were heard.', () => watched()?.events ?? 0);
  counter('atalaya_pods_lists_total', 'Times that the pods were listed.', () => watched()?.lists ?? 0);
  counter('atalaya_pods_failures_total', 'Times that the cluster did not answer.', () => watched()?.failures ?? 0);
  counter('atalaya_pods_malformed_total', 'What the cluster said that was no event.', () => watched()?.malformed ?? 0);
  const kept = () => live()?.pipeline.counts.containers;
  gauge('atalaya_containers_bytes', 'Memory of what is known of containers, estimated.', () => kept()?.bytes ?? 0);
  counter('atalaya_containers_evicted_total', 'Forgotten for want of memory.', () => kept()?.evicted ?? 0);
}

function addRules({ counter, counters, gauge, gauges }: Families, { live, counts }: MetricSources): void {
  const ruleSet = () => live()?.pipeline.ruleSet;
  gauge('atalaya_rules', 'Rules that are active.', () => ruleSet()?.active.length ?? 0);
  gauges('atalaya_rules_info', 'Digest of the rule set in force.', ['digest'], () => {
    const digest = ruleSet()?.digest;
    return digest === undefined ? [] : [[{ digest }, 1]];
  });
  counter('atalaya_rules_reloads_total', 'Rule sets that replaced another.', () => counts.reloads);
  counter('atalaya_rules_reload_failures_total', 'Rule sets refused; the former stayed.', () => counts.reloadFailures);
  counters('atalaya_rule_matches_total', 'Alerts by rule.', ['rule', 'priority'], function* (): Samples {
    for (const [rule, { priority, count }] of live()?.pipeline.counts.matches ?? []) yield [{ rule, priority }, count];
  });
}

function addSpool({ counter, counters, gauge }: Families, { spool, counts }: MetricSources): void {
  counter('atalaya_spool_taken_total', 'Alerts, gaps and heartbeats given to the spool.', () => counts.raised);
  counter('atalaya_spool_committed_total', 'Records on disk.', () => spool.stats().committed);
  counter('atalaya_spool_rejected_total', 'Given to the spool, and not taken.', () => counts.rejected);
  counters('atalaya_spool_dropped_total', 'Lost for want of room or disk.', ['priority'], function* (): Samples {
    for (const [priority, count] of spool.stats().dropped) yield [{ priority }, count];
  });
  gauge('atalaya_spool_records', 'Records that wait for the collector.', () => spool.stats().records);
  gauge('atalaya_spool_bytes', 'Their size.', () => spool.stats().bytes);
  gauge('atalaya_spool_limit_bytes', 'The most that may wait.', () => spool.stats().limitBytes);
  gauge('atalaya_spool_oldest_timestamp_seconds', 'Time of the oldest record; 0 = none.', () => {
    const { oldestNs } = spool.stats();
    return oldestNs === undefined ? 0 : Number(oldestNs / 1_000_000n) / 1e3;
  });
  gauge('atalaya_spool_failing', '1 while the disk cannot be written.', () => Number(spool.stats().failing));
}

function addOutputs({ counter, counters, gauge, gauges }: Families, { outputs, forwarder }: MetricSources): void {
  const each = (value: (stats: ReturnType<Output['stats']>) => number) => (): Samples =>
    outputs.map((output) => [{ output: output.name }, value(output.stats())]);
  const labels = ['output'];
  counters(
    'atalaya_output_written_total',
    'Lines written.',
    labels,
    each(({ written }) => written),
  );
  counters(
    'atalaya_output_dropped_total',
    'Lines given up.',
    labels,
    each(({ dropped }) => dropped),
  );
  gauges(
    'atalaya_output_waiting_bytes',
    'Lines that wait.',
    labels,
    each(({ waitingBytes }) => waitingBytes),
  );
  if (forwarder === undefined) return;
  gauge('atalaya_stream_connected', '1 while the collector answers.', () => Number(forwarder.stats().connected));
  counter('atalaya_stream_sent_total', 'Records sent, again ones too.', () => forwarder.stats().sent);
  counter('atalaya_stream_acknowledged_total', 'Records that the collector has.', () => forwarder.stats().acknowledged);
  counter('atalaya_stream_reconnects_total', 'Streams after the first.', () => forwarder.stats().reconnects);
  gauge(
    'atalaya_stream_acked_sequence',
    'Last sequence that the collector has.',
    () => forwarder.stats().acknowledgedSequence,
  );
  gauge('atalaya_stream_in_flight', 'Sent and not acknowledged.', () => forwarder.stats().inFlight);
}
