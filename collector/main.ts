import { join } from 'node:path';
import type { Security } from '../proto/channel.ts';
import { Access } from './access/access.ts';
import { agentsHandler } from './api/agents-service.ts';
import { ApiCounts } from './api/counts.ts';
import { healthHandlers } from './api/health-service.ts';
import { ingestHandler } from './api/ingest-service.ts';
import { namedHandlers } from './api/named-service.ts';
import { queryHandler } from './api/query-service.ts';
import { type GrpcServer, startGrpcServer } from './api/server.ts';
import { statsHandler } from './api/stats-service.ts';
import { subscribeHandler } from './api/subscribe-service.ts';
import { triageHandler } from './api/triage-service.ts';
import { Anchors } from './evidence/anchors.ts';
import { type ExportNotice, startExporter } from './evidence/exporter.ts';
import { openSigningKey } from './evidence/signing-key.ts';
import { Committer } from './ingest/committer.ts';
import { NodeRegistry } from './ingest/nodes.ts';
import { backAlert, brokenChainAlert, silentAlert } from './ingest/own-alerts.ts';
import { OwnRun } from './ingest/own-run.ts';
import { createMetrics } from './metrics.ts';
import { openStore, type Retention, type Store, type StoreNotice } from './store/store.ts';
import { compileAlertFilter } from './subscribe/filter.ts';
import { Hub } from './subscribe/hub.ts';
import { NamedSubscriptions } from './subscribe/named.ts';
import { startUpkeep } from './upkeep.ts';
import { startWebServer } from './web/server.ts';

export interface CollectorOptions extends Security {
  /** Folder of the database; made when it is not there. */
  readonly dataDir: string;
  /** gRPC for agents and subscribers: HOST:PORT (port 0 = any free one) or unix:PATH. */
  readonly listen: string;
  /** The page, health and metrics; absent = none. Its alerts are shown on this machine only. */
  readonly http?: string;
  /** Shows the alerts to other machines too, without a login. */
  readonly httpOpen?: boolean;
  /** Names, beside localhost and addresses, under which browsers reach the page. */
  readonly httpHosts?: readonly string[];
  /** How long and how much is kept. Default: 90 days or 100 GiB. */
  readonly retention?: Retention;
  /** File of the clients that may subscribe and ask; absent = whoever can connect. */
  readonly clients?: string;
  /** Folder into which closed partitions are exported; they are not dropped before. */
  readonly exportTo?: string;
  /** How often what came is signed. Default: one minute. */
  readonly anchorMs?: number;
  /** Of the program; agents and metrics are told. */
  readonly version: string;
  readonly onNotice?: (notice: CollectorNotice) => void;
}

/** Told once for each change of state. */
export type CollectorNotice =
  | StoreNotice
  | ExportNotice
  | { readonly kind: 'failing'; readonly error: Error }
  | { readonly kind: 'recovered' }
  /** The files of the certificate have changed and are in force, or cannot be used. */
  | { readonly kind: 'tls'; readonly trouble: Error | undefined }
  /** The file of the clients has changed and cannot be used: they stay as they were. */
  | { readonly kind: 'clients-wrong'; readonly problem: string }
  /** It can be used again. */
  | { readonly kind: 'clients-read' };

export interface Collector {
  /** Where gRPC listens, with the port that it got. */
  readonly address: string;
  /** Where HTTP listens. */
  readonly httpAddress: string | undefined;
  stop(): Promise<void>;
}

const DEFAULT_RETENTION: Retention = { days: 90, bytes: 100 * 1024 ** 3 };

/**
 * Takes agents' streams, keeps what it acknowledges, serves subscribers and a page. Throws AtalayaError: E_DATA_DIR,
 * E_DATABASE, E_ADDRESS, E_TLS, E_PORT_IN_USE, E_LISTEN.
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { retention = DEFAULT_RETENTION, onNotice = () => {} } = options;
  const { store, setAside } = openStore(join(options.dataDir, 'collector.db'), { retention, onNotice });
  if (setAside !== undefined) options.onNotice?.({ kind: 'damaged', setAside });
  let services: Services;
  try {
    services = createServices(options, store);
  } catch (error) {
    await store.close();
    throw error;
  }
  const { hub, committer } = services;
  let grpc: GrpcServer | undefined;
  try {
    grpc = await startGrpcServer(options.listen, options, services.handlers, (trouble) =>
      onNotice({ kind: 'tls', trouble }),
    );
    const web =
      options.http === undefined ? undefined : await startWebServer(webOptions(options.http, options, services));
    const { address, stop } = grpc;
    return {
      address,
      httpAddress: web?.address,
      stop: async () => {
        stop();
        services.anchors.stop();
        await services.exporter.stop();
        committer.close();
        services.upkeep.stop();
        services.own.stop();
        hub.close();
        await web?.stop();
        await store.close();
      },
    };
  } catch (error) {
    grpc?.stop();
    services.anchors.stop();
    services.upkeep.stop();
    services.own.stop();
    hub.close();
    await store.close();
    throw error;
  }
}

type Services = ReturnType<typeof createServices>;

function createServices(options: CollectorOptions, store: Store) {
  const hub = new Hub();
  const nodes: NodeRegistry = new NodeRegistry(store.catalog, {
    silent: (node) => void own.raise(silentAlert(node, nowNs())),
    back: (node, sinceNs) => void own.raise(backAlert(node, nowNs(), sinceNs)),
  });
  const committer: Committer = new Committer({
    store,
    nowNs,
    onStored: (records) => {
      nodes.saw(records);
      anchors.saw(records);
      hub.publish(records);
    },
    onWrong: (agentId, what, epoch, sequence) => {
      const node = nodes.sawWrong(agentId, what);
      if (what === 'broken-chain') void own.raise(brokenChainAlert(node, nowNs(), epoch, sequence));
    },
    onState: (failing) =>
      options.onNotice?.(failing === undefined ? { kind: 'recovered' } : { kind: 'failing', error: failing }),
  });
  const own = new OwnRun(committer);
  const anchors = new Anchors({
    key: openSigningKey(options.dataDir),
    nowNs,
    raise: (anchor) => void own.raise({ type: 'anchor', anchor }),
    ...(options.anchorMs === undefined ? {} : { everyMs: options.anchorMs }),
  });
  const counts = new ApiCounts();
  const metrics = createMetrics({ store, committer, hub, nodes, counts, version: options.version });
  const exporter = startExporter({ store, folder: options.exportTo, onNotice: options.onNotice ?? (() => {}) });
  const upkeep = startUpkeep({
    mayDrop: exporter.mayDrop,
    store,
    nodes,
    committer,
    retention: options.retention ?? DEFAULT_RETENTION,
    nowNs,
  });
  const access = createAccess(options);
  const named = new NamedSubscriptions(store.catalog, nowNs);
  const handlers = {
    ingest: ingestHandler({
      committer,
      version: options.version,
      access,
      onOpen: ({ agentId, hostname, version }) => nodes.open(agentId, hostname, version),
    }),
    subscribe: subscribeHandler({ store, hub, named, access, compile: compileAlertFilter }),
    query: queryHandler(store, compileAlertFilter, access),
    agents: agentsHandler(nodes, nowNs, access),
    stats: statsHandler(store, hub, nowNs, access),
    triage: triageHandler(store, own, nowNs, access),
    named: namedHandlers(store, named, access),
    counts,
    health: healthHandlers(() => troubleOf(committer)),
  };
  return { store, hub, committer, own, anchors, exporter, metrics, handlers, upkeep };
}

function createAccess({ clients, tls, onNotice }: CollectorOptions): Access {
  return new Access({
    ...(clients === undefined ? {} : { file: clients }),
    mutualTls: tls?.ca !== undefined,
    nowMs: Date.now,
    onState: (problem) =>
      onNotice?.(problem === undefined ? { kind: 'clients-read' } : { kind: 'clients-wrong', problem }),
  });
}

function webOptions(listen: string, options: CollectorOptions, { store, hub, committer, metrics }: Services) {
  return {
    listen,
    hosts: options.httpHosts ?? [],
    open: options.httpOpen ?? false,
    store,
    hub,
    compile: compileAlertFilter,
    metrics,
    trouble: () => troubleOf(committer),
  };
}

/** Why the collector cannot do its work at the moment. */
function troubleOf({ failing }: Committer): string | undefined {
  return failing === undefined ? undefined : `cannot store: ${failing.message}`;
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
