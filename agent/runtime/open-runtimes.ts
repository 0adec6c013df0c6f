import { createBundleSource } from './bundle-source.ts';
import { createCriSource } from './cri-source.ts';
import { createDockerSource } from './docker-source.ts';
import { createRuntimes, type Runtimes, type RuntimesOptions } from './runtimes.ts';
import type { ContainerSource } from './source.ts';
import { USUAL_SOCKETS } from './usual-sockets.ts';

export interface OpenOptions extends Pick<RuntimesOptions, 'onAnswer' | 'onNotice'> {
  /** `cri:PATH` or `docker:PATH`, as the agent sees them; empty: the usual places below `hostRoot`. */
  readonly sockets: readonly string[];
  /** Folders of bundles beside the usual ones. */
  readonly bundles: readonly string[];
  /** Where the agent sees the host's root; '' = its own root is the host's. */
  readonly hostRoot: string;
  /** Something of an answer was left out because it was too long. */
  readonly onCut: () => void;
}

/** Puts the runtimes of a node together. Nothing is opened before a container is asked for. */
export function openRuntimes(options: OpenOptions): Runtimes {
  const { sockets, bundles, hostRoot, onCut, onAnswer, onNotice } = options;
  const places =
    sockets.length > 0
      ? sockets
      : USUAL_SOCKETS.map((place) => place.replace(/:(.*)$/, (_, path) => `:${hostRoot}${path}`));
  const sources = places.map((place) => sourceAt(place, onCut));
  return createRuntimes({
    sources: [...sources, createBundleSource({ hostRoot, folders: bundles, onCut })],
    onAnswer,
    onNotice,
  });
}

function sourceAt(place: string, onCut: () => void): ContainerSource {
  const socket = place.slice(place.indexOf(':') + 1);
  return place.startsWith('docker:') ? createDockerSource({ socket, onCut }) : createCriSource({ socket, onCut });
}
