import type { ByteString } from '../events/bytestring.ts';
import type { Unsigned64 } from '../events/event.ts';
import type { ContainerIdentity, ContainerInfo } from '../events/process.ts';
import { bytesOfInfo } from './container-bytes.ts';
import { containerOfPath, HOST } from './container-id.ts';

/** Identities of containers by cgroup, each made once, so that equal means same. */
export interface Containers {
  /** undefined while the cgroup's path is not known. */
  of(cgroupId: Unsigned64, pid: number): ContainerIdentity | undefined;
  has(cgroupId: Unsigned64): boolean;
  /** Takes the path of a cgroup that a process of it told. */
  place(cgroupId: Unsigned64, path: ByteString, pid: number): void;
  /**
   * Takes what was found out about a container (undefined: nothing will be) and gives the cgroups in which it is now another
   * identity. What is already known is not forgotten.
   */
  learn(fullId: ByteString, info: ContainerInfo | undefined): readonly Unsigned64[];
  /** The cgroup is gone for good. */
  forget(cgroupId: Unsigned64): void;
  /** How many cgroups are known. */
  readonly size: number;
  /** Memory of what is known of containers, estimated. */
  readonly bytes: number;
  /** Cgroups that were forgotten for want of memory. */
  readonly evicted: number;
}

export interface ContainersOptions {
  /** Path of a cgroup in the sensor's hierarchy; the pid is of a process in it. */
  readonly path: (cgroupId: Unsigned64, pid: number) => ByteString | undefined;
  /**
   * Told of each container that is first met. True: what it is will come by `learn`. Absent: nothing ever comes.
   */
  readonly onMet?: ((container: ContainerIdentity, pid: number) => boolean) | undefined;
  /** Cgroups to keep; the ones first met go first (ids are never used twice). Default 16,384, about 4 MiB. */
  readonly limit?: number;
  /** Memory for what is known of containers, an estimate; above it the ones first met go. Default 32 MiB. */
  readonly limitBytes?: number;
}

export function createContainers(options: ContainersOptions): Containers {
  return new Table(options);
}

/** One container, which may have several cgroups. */
interface Known {
  info: ContainerInfo | undefined;
  isPending: boolean;
  bytes: number;
  readonly cgroups: Set<Unsigned64>;
}

class Table implements Containers {
  bytes = 0;
  evicted = 0;
  readonly #identities = new Map<Unsigned64, ContainerIdentity>();
  readonly #known = new Map<ByteString, Known>();
  readonly #options: ContainersOptions;

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#identities.size;
  }

  of(cgroupId: Unsigned64, pid: number): ContainerIdentity | undefined {
    const kept = this.#identities.get(cgroupId);
    if (kept !== undefined) return kept;
    const path = this.#options.path(cgroupId, pid);
    return path === undefined ? undefined : this.#make(cgroupId, path, pid);
  }

  has(cgroupId: Unsigned64): boolean {
    return this.#identities.has(cgroupId);
  }

  place(cgroupId: Unsigned64, path: ByteString, pid: number): void {
    if (!this.#identities.has(cgroupId)) this.#make(cgroupId, path, pid);
  }

  learn(fullId: ByteString, info: ContainerInfo | undefined): readonly Unsigned64[] {
    const known = this.#known.get(fullId);
    if (known === undefined || (info === undefined && !known.isPending)) return [];
    known.isPending = false;
    known.info = info ?? known.info;
    const bytes = info === undefined ? known.bytes : bytesOfInfo(info);
    this.bytes += bytes - known.bytes;
    known.bytes = bytes;
    const cgroups = [...known.cgroups];
    for (const cgroupId of cgroups) {
      const identity = this.#identities.get(cgroupId);
      if (identity !== undefined) this.#identities.set(cgroupId, { ...identity, info: known.info, isPending: false });
    }
    this.#makeRoom();
    return cgroups;
  }

  forget(cgroupId: Unsigned64): void {
    const identity = this.#identities.get(cgroupId);
    if (identity === undefined) return;
    this.#identities.delete(cgroupId);
    const known = this.#known.get(identity.fullId);
    if (known === undefined) return;
    known.cgroups.delete(cgroupId);
    if (known.cgroups.size > 0) return;
    this.#known.delete(identity.fullId);
    this.bytes -= known.bytes;
  }

  #make(cgroupId: Unsigned64, path: ByteString, pid: number): ContainerIdentity {
    const identity = containerOfPath(path);
    return this.#keep(cgroupId, identity.id === HOST.id ? identity : this.#meet(cgroupId, identity, pid));
  }

  #meet(cgroupId: Unsigned64, identity: ContainerIdentity, pid: number): ContainerIdentity {
    const { onMet } = this.#options;
    if (onMet === undefined) return identity;
    let known = this.#known.get(identity.fullId);
    if (known === undefined) {
      known = { info: undefined, isPending: true, bytes: 0, cgroups: new Set() };
      this.#known.set(identity.fullId, known);
      known.isPending = onMet(identity, pid);
    }
    known.cgroups.add(cgroupId);
    return { ...identity, info: known.info, isPending: known.isPending };
  }

  #keep(cgroupId: Unsigned64, identity: ContainerIdentity): ContainerIdentity {
    const { limit = 16_384 } = this.#options;
    if (this.#identities.size >= limit) this.#evict();
    this.#identities.set(cgroupId, identity);
    return identity;
  }

  #makeRoom(): void {
    const { limitBytes = 32 * 1024 * 1024 } = this.#options;
    while (this.bytes > limitBytes && this.#identities.size > 0) this.#evict();
  }

  #evict(): void {
    for (const oldest of this.#identities.keys()) {
      this.forget(oldest);
      this.evicted++;
      return;
    }
  }
}
