import type { Priority } from '../../agent/events/alert.ts';
import { type Envelope, fromEnvelopeMessage } from '../../proto/envelope.ts';
import { fromInt64, fromUint64 } from '../../proto/int64.ts';
import type {
  AgentInfoMessage,
  AgentsResponseMessage,
  QueryResponseMessage,
  StatsResponseMessage,
  SubscriptionsResponseMessage,
  TriageRecordMessage,
  TriageStateMessage,
} from '../../proto/messages.ts';

/** Where an alert stands. */
export const STATUSES = ['open', 'acknowledged', 'true-positive', 'false-positive'] as const;
export type Status = (typeof STATUSES)[number];

/** What can be done to an alert. */
export const ACTIONS = ['acknowledge', 'assign', 'note', 'true-positive', 'false-positive', 'reopen'] as const;
export type Action = (typeof ACTIONS)[number];

export interface TriageEntry {
  readonly timeNs: bigint;
  readonly author: string;
  /** Who vouches for the author; empty where the collector does not tell its clients apart. */
  readonly client: string;
  readonly action: Action | 'unknown';
  readonly assignee: string;
  readonly note: string;
}

export interface Triage {
  readonly status: Status;
  readonly assignee: string;
  /** Oldest first. */
  readonly entries: readonly TriageEntry[];
}

export interface QueryResult {
  readonly storedNs: bigint;
  readonly envelope: Envelope;
  /** Absent while nobody has said anything, or where it was not asked for. */
  readonly triage?: Triage;
}

export interface QueryPage {
  /** Newest first. */
  readonly results: readonly QueryResult[];
  /** Undefined when there is no more. */
  readonly nextPageToken: string | undefined;
  /** Records that a search of texts does not know yet. */
  readonly unindexed: number;
}

/** Times are ns since 1970; of the collector's clock where nothing else is said. */
export interface AgentInfo {
  readonly agentId: string;
  readonly hostname: string;
  readonly version: string;
  readonly bootId: string;
  readonly epoch: bigint;
  readonly sequence: bigint;
  readonly ruleSetDigest: string;
  readonly hookPlan: string;
  readonly kinds: readonly string[];
  readonly connected: boolean;
  readonly silent: boolean;
  readonly firstSeenNs: bigint;
  readonly lastSeenNs: bigint;
  /** Clock of the node. */
  readonly lastHeartbeatNs: bigint;
  /** How far the node's clock is ahead. */
  readonly clockSkewNs: bigint;
  readonly produced: bigint;
  readonly lost: bigint;
  readonly losses: readonly {
    readonly stage: string;
    readonly cause: string;
    readonly count: bigint;
    readonly gaps: number;
  }[];
  readonly records: number;
  readonly holes: number;
  readonly brokenChains: number;
}

export interface Durations {
  readonly count: number;
  readonly meanNs: number;
  readonly medianNs: number;
  readonly p90Ns: number;
}

export interface Stats {
  readonly cells: readonly { readonly bucketNs: bigint; readonly key: string; readonly count: number }[];
  readonly alerts: number;
  readonly detect: Durations;
  readonly respond: Durations;
  readonly records: number;
  readonly bytes: number;
  readonly oldestNs: bigint;
  readonly subscribers: number;
  readonly statuses: Readonly<Partial<Record<Status, number>>>;
}

export interface NamedSubscription {
  readonly name: string;
  readonly cursor: string;
  readonly behind: number;
  readonly connected: boolean;
  readonly createdNs: bigint;
  readonly acknowledgedNs: bigint;
}

export type By = 'namespace' | 'rule' | 'priority' | 'node';
export const BY_NUMBER: Readonly<Record<By, number>> = { namespace: 1, rule: 2, priority: 3, node: 4 };
export type { Priority };

export function toAction(action: Action): number {
  return ACTIONS.indexOf(action) + 1;
}

export function toStatus(status: Status): number {
  return STATUSES.indexOf(status) + 1;
}

export function fromTriageState({ status, assignee, records }: TriageStateMessage): Triage {
  return {
    status: STATUSES[(status ?? 1) - 1] ?? 'open',
    assignee: assignee ?? '',
    entries: (records ?? []).map(fromTriageRecord),
  };
}

export function fromQueryResponse({ records, nextPageToken, unindexed }: QueryResponseMessage): QueryPage {
  return {
    results: (records ?? []).map(({ envelope, storedNs, triage }) => ({
      storedNs: fromInt64(storedNs),
      envelope: fromEnvelopeMessage(envelope ?? {}),
      ...(triage ? { triage: fromTriageState(triage) } : {}),
    })),
    nextPageToken: nextPageToken || undefined,
    unindexed: Number(fromUint64(unindexed)),
  };
}

export function fromAgentsResponse({ agents }: AgentsResponseMessage): AgentInfo[] {
  return (agents ?? []).map(fromAgentInfo);
}

export function fromStatsResponse(response: StatsResponseMessage): Stats {
  const statuses = (response.statuses ?? []).map(({ status, count }) => {
    return [STATUSES[(status ?? 1) - 1] ?? 'open', Number(fromUint64(count))] as const;
  });
  return {
    cells: (response.cells ?? []).map(({ bucketNs, key, count }) => ({
      bucketNs: fromInt64(bucketNs),
      key: key ?? '',
      count: Number(fromUint64(count)),
    })),
    alerts: Number(fromUint64(response.alerts)),
    detect: fromDurations(response.detect),
    respond: fromDurations(response.respond),
    records: Number(fromUint64(response.records)),
    bytes: Number(fromUint64(response.bytes)),
    oldestNs: fromInt64(response.oldestNs),
    subscribers: response.subscribers ?? 0,
    statuses: Object.fromEntries(statuses),
  };
}

export function fromSubscriptionsResponse({ subscriptions }: SubscriptionsResponseMessage): NamedSubscription[] {
  return (subscriptions ?? []).map((each) => ({
    name: each.name ?? '',
    cursor: each.cursor ?? '',
    behind: Number(fromUint64(each.behind)),
    connected: each.connected ?? false,
    createdNs: fromInt64(each.createdNs),
    acknowledgedNs: fromInt64(each.acknowledgedNs),
  }));
}

function fromTriageRecord(record: TriageRecordMessage): TriageEntry {
  return {
    timeNs: fromInt64(record.timeNs),
    author: record.author ?? '',
    client: record.client ?? '',
    action: ACTIONS[(record.action ?? 0) - 1] ?? 'unknown',
    assignee: record.assignee ?? '',
    note: record.note ?? '',
  };
}

function fromAgentInfo(info: AgentInfoMessage): AgentInfo {
  return {
    agentId: info.agentId ?? '',
    hostname: info.hostname ?? '',
    version: info.version ?? '',
    bootId: info.bootId ?? '',
    epoch: fromUint64(info.epoch),
    sequence: fromUint64(info.sequence),
    ruleSetDigest: info.ruleSetDigest ?? '',
    hookPlan: info.hookPlan ?? '',
    kinds: info.kinds ?? [],
    connected: info.connected ?? false,
    silent: info.silent ?? false,
    firstSeenNs: fromInt64(info.firstSeenNs),
    lastSeenNs: fromInt64(info.lastSeenNs),
    lastHeartbeatNs: fromInt64(info.lastHeartbeatNs),
    clockSkewNs: fromInt64(info.clockSkewNs),
    produced: fromUint64(info.produced),
    lost: fromUint64(info.lost),
    losses: (info.losses ?? []).map(({ stage, cause, count, gaps }) => ({
      stage: stage ?? '',
      cause: cause ?? '',
      count: fromUint64(count),
      gaps: Number(fromUint64(gaps)),
    })),
    records: Number(fromUint64(info.records)),
    holes: Number(fromUint64(info.holes)),
    brokenChains: Number(fromUint64(info.brokenChains)),
  };
}

function fromDurations(durations: StatsResponseMessage['detect']): Durations {
  return {
    count: Number(fromUint64(durations?.count)),
    meanNs: Number(fromInt64(durations?.meanNs)),
    medianNs: Number(fromInt64(durations?.medianNs)),
    p90Ns: Number(fromInt64(durations?.p90Ns)),
  };
}
