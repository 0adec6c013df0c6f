import type { Accounts } from '../events/accounts.ts';
import type { Event } from '../events/event.ts';
import type { ContainerIdentity, Process } from '../events/process.ts';
import { type MatchContext, namesOf } from '../fields/context.ts';
import { createContainers } from '../state/containers.ts';
import { createProcessTable, type ProcessTable } from '../state/process-table.ts';
import type { World } from './world.ts';

/** State and the one context that every event is put in. */
export interface Contexts {
  readonly processes: ProcessTable;
  /** Number of cgroups whose path is known. */
  readonly cgroups: () => number;
  /** Memory of what is known of containers, estimated; those that were forgotten for want of it. */
  readonly containers: { readonly bytes: number; readonly evicted: number };
  /** Brings state up to the event; the context is valid until the next call. */
  of(event: Event): MatchContext;
  /** What is known of the event's container now. */
  container(event: Event): ContainerIdentity | undefined;
  /** Told of each container that more became known of, or never will. */
  onContainer: ((container: ContainerIdentity) => void) | undefined;
}

/** Names where the process of the moment lives. */
function accountsAt(of: (process: Process | undefined) => Accounts, now: () => Process | undefined): Accounts {
  return { user: (uid) => of(now()).user(uid), group: (gid) => of(now()).group(gid), at: of };
}

/** As much of it as a pipeline needs: a source may bring state of its own. */
export interface SourceContexts
  extends Pick<Contexts, 'cgroups' | 'of'>,
    Partial<Pick<Contexts, 'container' | 'containers' | 'onContainer'>> {
  readonly processes: Pick<ProcessTable, 'seed' | 'stats'>;
}

export function createContexts(world: World, processLimitBytes: number): Contexts {
  const containers = createContainers({ path: (id, pid) => world.cgroupPath(id, pid), onMet: world.askContainer });
  const processes = createProcessTable(
    { container: (id, pid) => containers.of(id, pid), lookUp: (pid) => world.lookUp(pid) },
    { limitBytes: processLimitBytes },
  );
  const { services } = world;
  const accounts: Accounts =
    world.accountsOf === undefined ? world.accounts : accountsAt(world.accountsOf, () => context?.process);
  let context: MatchContext | undefined;
  const begin = (event: Event): MatchContext => ({
    event,
    process: undefined,
    eventNumber: 0,
    processes,
    accounts,
    machine: {
      hostname: world.hostname,
      cluster: world.cluster,
      firstEventNs: event.timeNs,
      utcOffsetMinutes: (timeNs) => world.utcOffsetMinutes(timeNs),
      service: (port) => services.get(port),
    },
    names: namesOf(accounts, processes),
  });
  /** A container that ends at once has taken its cgroup with it when it is looked for: its first exec tells the path. */
  const place = ({ cgroupId, image, pid }: Event): void => {
    const path = image?.cgroupPath;
    if (path === undefined || cgroupId === 0 || containers.has(cgroupId)) return;
    world.placeCgroup?.(cgroupId, path);
    containers.place(cgroupId, path, pid);
  };
  const contexts: Contexts = {
    processes,
    containers,
    cgroups: () => containers.size,
    container: (event) => containers.of(event.cgroupId, event.pid),
    onContainer: undefined,
    of: (event) => {
      if (event.kind === 'exec') place(event);
      context ??= begin(event);
      context.event = event;
      context.process = processes.apply(event);
      context.eventNumber++;
      return context;
    },
  };
  world.listener = {
    container: (fullId, info) => {
      const cgroups = containers.learn(fullId, info);
      for (const cgroupId of cgroups) processes.refreshContainer(cgroupId);
      const [first] = cgroups;
      const identity = first === undefined ? undefined : containers.of(first, 0);
      if (identity !== undefined) contexts.onContainer?.(identity);
    },
    cgroupGone: (id) => containers.forget(id),
  };
  return contexts;
}
