import { AtalayaError } from '../../agent/lib/errors.ts';
import { fromPriority } from '../../proto/alert.ts';
import { fromInt64, toInt64 } from '../../proto/int64.ts';
import { type StatsRequestMessage, type StatsResponseMessage, v1 } from '../../proto/messages.ts';
import type { Access, Client } from '../access/access.ts';
import { restrictSelection } from '../access/restrict.ts';
import type { DurationFigures } from '../store/durations.ts';
import { type CountCell, type CountQuestion, type Dimension, minuteOf } from '../store/rollup.ts';
import type { Store } from '../store/store.ts';
import type { Hub } from '../subscribe/hub.ts';
import { guarded } from './guard.ts';

const WEEK_NS = 7n * 86_400_000_000_000n;
const NS_PER_MINUTE = 60_000_000_000n;
const BUCKETS_MAX = 20_000;

const BY: Readonly<Record<number, Dimension>> = {
  [v1.Dimension.DIMENSION_NAMESPACE]: 'namespace',
  [v1.Dimension.DIMENSION_RULE]: 'rule',
  [v1.Dimension.DIMENSION_PRIORITY]: 'priority',
  [v1.Dimension.DIMENSION_NODE]: 'agent',
};

/** Handler of atalaya.v1.Collector/Stats. */
export function statsHandler(store: Store, hub: Hub, nowNs: () => bigint, access: Access) {
  return guarded(access, 'stats', (request: StatsRequestMessage, client: Client): StatsResponseMessage => {
    const selection = restrictSelection(request.selection, client);
    if (selection === undefined) return {};
    const counts = stats({ ...request, selection }, store, hub, nowNs());
    // What is not of the client's namespaces alone is not for it.
    return client.namespaces === undefined ? counts : { cells: counts.cells ?? null, alerts: counts.alerts ?? null };
  });
}

/** Throws E_REQUEST. */
function stats(request: StatsRequestMessage, store: Store, hub: Hub, now: bigint): StatsResponseMessage {
  const question = questionOf(request, now);
  const label = question.by === 'priority' ? (key: string) => fromPriority(Number(key)) : (key: string) => key;
  const cells = question.toMinute > question.fromMinute ? store.cells(question) : [];
  const range = [BigInt(question.fromMinute) * NS_PER_MINUTE, BigInt(question.toMinute) * NS_PER_MINUTE] as const;
  return {
    cells: cells.map((cell) => toCell(cell, label)),
    alerts: cells.reduce((sum, { count }) => sum + count, 0),
    detect: toDurations(store.durations('detect', ...range)),
    respond: toDurations(store.durations('respond', ...range)),
    records: store.count(),
    bytes: store.bytes(),
    oldestNs: toInt64(store.partitions()[0]?.firstStoredNs ?? 0n),
    subscribers: hub.size,
    statuses: store.triage.counts().map(({ status, count }) => ({ status, count })),
  };
}

function questionOf(request: StatsRequestMessage, now: bigint): CountQuestion {
  const { namespaces, rules, nodes, priority, filters, tags } = request.selection ?? {};
  if (filters?.length || tags?.length) throw wrong('counts are not kept by filters or tags');
  const seconds = request.bucketSeconds || 0;
  if (seconds % 60 !== 0) throw wrong(`a bucket of ${seconds} s; expected whole minutes`);
  const first = minuteOf(fromInt64(request.fromNs) || now - WEEK_NS);
  const last = minuteOf((fromInt64(request.toNs) || now) - 1n) + 1;
  const bucketMinutes = seconds / 60;
  const fromMinute = bucketMinutes === 0 ? first : Math.floor(first / bucketMinutes) * bucketMinutes;
  const toMinute = bucketMinutes === 0 ? last : Math.ceil(last / bucketMinutes) * bucketMinutes;
  const buckets = bucketMinutes === 0 ? 1 : (toMinute - fromMinute) / bucketMinutes;
  if (buckets > BUCKETS_MAX) throw wrong(`${buckets} buckets; expected at most ${BUCKETS_MAX}`);
  const by = BY[request.by ?? 0];
  return {
    fromMinute,
    toMinute,
    bucketMinutes,
    ...(by === undefined ? {} : { by }),
    namespaces: namespaces ?? [],
    rules: rules ?? [],
    agents: nodes ?? [],
    ...(priority ? { priority } : {}),
  };
}

function toCell({ bucket, key, count }: CountCell, label: (key: string) => string) {
  return { bucketNs: toInt64(BigInt(bucket) * NS_PER_MINUTE), key: label(key), count };
}

function toDurations({ count, meanNs, medianNs, p90Ns }: DurationFigures) {
  return { count, meanNs, medianNs, p90Ns };
}

function wrong(message: string): AtalayaError {
  return new AtalayaError('E_REQUEST', message);
}
