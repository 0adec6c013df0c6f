import { createApiClient } from './api-client.ts';
import { type ClusterAccess, inClusterAccess, kubeconfigAccess } from './cluster-access.ts';
import { type WatchNotice, type WatchStats, watchPods } from './pod-watch.ts';
import { createPods, type Pods, type PodsOptions } from './pods.ts';

export interface ClusterOptions extends Pick<PodsOptions, 'onChange'> {
  readonly access: ClusterAccess;
  readonly node: string;
  readonly onNotice: (notice: WatchNotice) => void;
}

/** The cluster's side of a node. */
export interface Cluster extends Pick<Pods, 'enrich'> {
  stats(): WatchStats;
  stop(): Promise<void>;
}

/** Where the cluster is, if there is one to be asked. Throws E_KUBECONFIG. */
export function findCluster(
  kubeconfig: string,
  environment: Readonly<Record<string, string | undefined>>,
): ClusterAccess | undefined {
  return kubeconfig === '' ? inClusterAccess(environment) : kubeconfigAccess(kubeconfig);
}

/** Begins to watch the pods of a node. */
export function openCluster({ access, node, onChange, onNotice }: ClusterOptions): Cluster {
  const client = createApiClient(access);
  const pods = createPods({ client, onChange });
  const watch = watchPods({
    client,
    node,
    onPod: (pod) => pods.put(pod),
    onGone: (uid) => pods.remove(uid),
    onNotice,
    random: Math.random,
  });
  return {
    enrich: (fullId, info) => pods.enrich(fullId, info),
    stats: () => watch.stats(),
    stop: async () => {
      await watch.stop();
      client.close();
    },
  };
}
