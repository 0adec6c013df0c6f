import type { ByteString } from '../events/bytestring.ts';
import type { Unsigned64 } from '../events/event.ts';
import type { ContainerIdentity } from '../events/process.ts';
import { containerOfPath } from './container-id.ts';

/** Identities of containers by cgroup, each made once, so that equal means same. */
export interface Containers {
  /** undefined while the cgroup's path is not known. */
  of(cgroupId: Unsigned64, pid: number): ContainerIdentity | undefined;
  /** How many cgroups are known. */
  readonly size: number;
}

export interface ContainersOptions {
  /** Path of a cgroup in the sensor's hierarchy; the pid is of a process in it. */
  readonly path: (cgroupId: Unsigned64, pid: number) => ByteString | undefined;
  /** Cgroups to keep; the ones first met go first (ids are never used twice). Default 16,384, about 4 MiB. */
  readonly limit?: number;
}

export function createContainers({ path, limit = 16_384 }: ContainersOptions): Containers {
  const known = new Map<Unsigned64, ContainerIdentity>();
  return {
    of(cgroupId, pid) {
      const kept = known.get(cgroupId);
      if (kept !== undefined) return kept;
      const found = path(cgroupId, pid);
      if (found === undefined) return undefined;
      const identity = containerOfPath(found);
      if (known.size >= limit) for (const oldest of known.keys()) if (known.delete(oldest)) break;
      known.set(cgroupId, identity);
      return identity;
    },
    get size() {
      return known.size;
    },
  };
}
