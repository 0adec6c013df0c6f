import type { Client, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { toInt64 } from '../../proto/int64.ts';
import { collectorService } from '../../proto/services.ts';
import {
  type Action,
  type AgentInfo,
  BY_NUMBER,
  type By,
  fromAgentsResponse,
  fromQueryResponse,
  fromStatsResponse,
  fromSubscriptionsResponse,
  fromTriageState,
  type NamedSubscription,
  type QueryPage,
  type Stats,
  type Status,
  type Triage,
  toAction,
  toStatus,
} from './answers.ts';
import { type ConnectOptions, metadataOf, openClient } from './channel.ts';
import { toAtalayaError } from './errors.ts';
import { type Selection, toSelection } from './selection.ts';

export interface QueryOptions extends Selection {
  /** Event time, ns since 1970: at or after, and before. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
  /** Words that must all be in the output; `"in quotes"` they follow each other, `word*` is any that begins so. */
  readonly text?: string;
  readonly statuses?: readonly Status[];
  readonly withTriage?: boolean;
  readonly uuid?: string;
  /** Default 100, at most 1,000. */
  readonly limit?: number;
  readonly pageToken?: string;
}

export interface StatsOptions extends Pick<Selection, 'nodes' | 'rules' | 'priority' | 'namespaces'> {
  /** Event time, ns since 1970. Default: the last seven days. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
  /** Whole minutes; absent = one bucket. */
  readonly bucketSeconds?: number;
  readonly by?: By;
}

export interface TriageOptions {
  readonly uuids: readonly string[];
  readonly action: Action;
  readonly author: string;
  readonly assignee?: string;
  readonly note?: string;
}

/** Calls to a collector. All throw E_COLLECTOR when nobody answers, and what the collector refuses by its name. */
export interface CollectorConnection {
  /** A page of alerts, newest first. */
  query(options?: QueryOptions): Promise<QueryPage>;
  agents(nodes?: readonly string[]): Promise<AgentInfo[]>;
  stats(options?: StatsOptions): Promise<Stats>;
  /** Gives where the alerts stand now. */
  triage(options: TriageOptions): Promise<Triage[]>;
  /** Of a named subscription: what came up to the cursor does not come again. */
  acknowledge(name: string, cursor: string): Promise<void>;
  subscriptions(): Promise<NamedSubscription[]>;
  unsubscribe(name: string): Promise<void>;
  close(): void;
}

/** An answer that takes longer is not waited for. */
const DEADLINE_MS = 30_000;

/** Connects with the first call. Throws E_ADDRESS or E_TLS. */
export function connect(options: ConnectOptions): CollectorConnection {
  const client = openClient(options);
  const call = <Request, Response>(method: MethodDefinition<Request, Response>, request: Request) =>
    unary(client, options, method, request);
  const { query, agents, stats, triage, acknowledge, subscriptions, unsubscribe } = collectorService;
  return {
    query: async (wanted = {}) => fromQueryResponse(await call(query, toQuery(wanted))),
    agents: async (nodes = []) => fromAgentsResponse(await call(agents, { nodes: [...nodes] })),
    stats: async (wanted = {}) => fromStatsResponse(await call(stats, toStats(wanted))),
    triage: async ({ uuids, action, author, assignee = '', note = '' }) => {
      const request = { uuids: [...uuids], action: toAction(action), author, assignee, note };
      return ((await call(triage, request)).states ?? []).map(fromTriageState);
    },
    acknowledge: async (name, cursor) => void (await call(acknowledge, { name, cursor })),
    subscriptions: async () => fromSubscriptionsResponse(await call(subscriptions, {})),
    unsubscribe: async (name) => void (await call(unsubscribe, { name })),
    close: () => client.close(),
  };
}

function unary<Request, Response>(
  client: Client,
  options: ConnectOptions,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  request: Request,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + DEADLINE_MS;
    const done = (error: ServiceError | null, response?: Response): void => {
      if (error === null && response !== undefined) resolve(response);
      else if (error !== null) reject(toAtalayaError(error, `${options.address}: ${error.details || error.message}`));
    };
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadataOf(options),
      { deadline },
      done,
    );
  });
}

function toQuery(options: QueryOptions) {
  const { fromNs = 0n, toNs = 0n, statuses = [], withTriage = false, uuid = '', limit = 0, pageToken = '' } = options;
  return {
    selection: toSelection(options),
    fromNs: toInt64(fromNs),
    toNs: toInt64(toNs),
    text: options.text ?? '',
    statuses: statuses.map(toStatus),
    withTriage,
    uuid,
    limit,
    pageToken,
  };
}

function toStats(options: StatsOptions) {
  const { fromNs = 0n, toNs = 0n, bucketSeconds = 0, by } = options;
  return {
    selection: toSelection(options),
    fromNs: toInt64(fromNs),
    toNs: toInt64(toNs),
    bucketSeconds,
    by: by === undefined ? 0 : BY_NUMBER[by],
  };
}
