import type { ByteString } from '../events/bytestring.ts';
import type { ContainerInfo } from '../events/process.ts';

/** A container that is asked for. */
export interface Asked {
  readonly fullId: ByteString;
  /** The runtime, where the cgroup's path tells; undefined else. */
  readonly type: ByteString | undefined;
  /** A process in it. */
  readonly pid: number;
}

/** Somebody who may know containers. */
export interface ContainerSource {
  /** For people: `cri:/run/containerd/containerd.sock`. */
  readonly name: string;
  readonly kind: 'cri' | 'docker' | 'bundle';
  /** False: nothing is there to be asked, which is no failure. */
  isThere(): boolean;
  /** undefined: it does not know this container. Rejects when it could not be asked, or gave no sensible answer. */
  describe(container: Asked, signal: AbortSignal): Promise<ContainerInfo | undefined>;
  close(): void;
}

/** What one answer of a runtime may take: the largest that was seen (a container with 200 mounts) has 300 kB. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Ids as runtimes make them; nothing else becomes part of a path or a URL. */
export function isSafeId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(id);
}
