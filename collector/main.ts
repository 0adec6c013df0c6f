import { join } from 'node:path';
import type { Security } from '../proto/channel.ts';
import { ingestHandler } from './api/ingest-service.ts';
import { queryHandler } from './api/query-service.ts';
import { startGrpcServer } from './api/server.ts';
import { subscribeHandler } from './api/subscribe-service.ts';
import { Committer } from './ingest/committer.ts';
import { openStore } from './store/store.ts';
import { Hub } from './subscribe/hub.ts';
import type { FilterCompiler } from './subscribe/selection.ts';

export interface CollectorOptions extends Security {
  /** Folder of the database; made when it is not there. */
  readonly dataDir: string;
  /** gRPC for agents and subscribers: HOST:PORT (port 0 = any free one) or unix:PATH. */
  readonly listen: string;
  readonly compileFilter: FilterCompiler;
  /** Shown to agents. */
  readonly version: string;
  readonly onNotice?: (notice: CollectorNotice) => void;
}

export type CollectorNotice = { readonly kind: 'damaged'; readonly setAside: string };

export interface Collector {
  /** Where gRPC listens, with the port that it got. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Throws AtalayaError: E_DATA_DIR, E_DATABASE, E_ADDRESS, E_TLS, E_PORT_IN_USE, E_LISTEN. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { store, setAside } = openStore(join(options.dataDir, 'collector.db'));
  if (setAside !== undefined) options.onNotice?.({ kind: 'damaged', setAside });
  const hub = new Hub();
  const nowNs = () => BigInt(Date.now()) * 1_000_000n;
  const committer = new Committer(store, nowNs, (records) => hub.publish(records));
  const server = await startGrpcServer(options.listen, options, {
    ingest: ingestHandler(committer, options.version, () => () => {}),
    subscribe: subscribeHandler(store, hub, options.compileFilter),
    query: queryHandler(store, options.compileFilter),
  });
  return {
    address: server.address,
    stop: async () => {
      server.stop();
      committer.close();
      hub.close();
      store.close();
    },
  };
}
