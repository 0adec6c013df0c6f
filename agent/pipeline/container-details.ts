import type { ByteString } from '../events/bytestring.ts';
import type { ContainerInfo } from '../events/process.ts';
import type { ContainerRuntimes, WorldListener } from './world.ts';

/** Adds to what a runtime says what the cluster knows. */
export interface Enricher {
  enrich(fullId: ByteString, info: ContainerInfo): ContainerInfo;
}

/** Answers of runtimes that are kept, so that what the cluster tells later can be added. */
const KEPT_MAX = 4096;

/** What runtimes and cluster know of containers, as one answer that may be given again when more is known. */
export interface ContainerDetails {
  /** Opens runtimes whose answers go through here. */
  open(onAnswer: WorldListener['container']): ContainerRuntimes;
  /** The cluster knows more of these. */
  changed(fullIds: readonly ByteString[]): void;
}

export function createContainerDetails(
  openRuntimes: (onAnswer: WorldListener['container']) => ContainerRuntimes,
  enricher: Enricher,
): ContainerDetails {
  const kept = new Map<ByteString, ContainerInfo>();
  let tell: WorldListener['container'] = () => {};
  const answer = (fullId: ByteString, info: ContainerInfo | undefined): void => {
    if (info !== undefined) {
      kept.delete(fullId);
      if (kept.size >= KEPT_MAX) for (const oldest of kept.keys()) if (kept.delete(oldest)) break;
      kept.set(fullId, info);
    }
    tell(fullId, info === undefined ? undefined : enricher.enrich(fullId, info));
  };
  return {
    open: (onAnswer) => {
      tell = onAnswer;
      return openRuntimes(answer);
    },
    changed: (fullIds) => {
      for (const fullId of fullIds) {
        const info = kept.get(fullId);
        if (info !== undefined) tell(fullId, enricher.enrich(fullId, info));
      }
    },
  };
}
