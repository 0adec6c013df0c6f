import type { Event } from '../events/event.ts';
import { type MatchContext, namesOf } from '../fields/context.ts';
import { createContainers } from '../state/containers.ts';
import { createProcessTable, type ProcessTable } from '../state/process-table.ts';
import type { World } from './world.ts';

/** State and the one context that every event is put in. */
export interface Contexts {
  readonly processes: ProcessTable;
  /** Number of cgroups whose path is known. */
  readonly cgroups: () => number;
  /** Brings state up to the event; the context is valid until the next call. */
  of(event: Event): MatchContext;
}

/** As much of it as a pipeline needs: a source may bring state of its own. */
export interface SourceContexts extends Pick<Contexts, 'cgroups' | 'of'> {
  readonly processes: Pick<ProcessTable, 'seed' | 'stats'>;
}

export function createContexts(world: World, processLimitBytes: number): Contexts {
  const containers = createContainers({ path: (id, pid) => world.cgroupPath(id, pid) });
  const processes = createProcessTable(
    { container: (id, pid) => containers.of(id, pid), lookUp: (pid) => world.lookUp(pid) },
    { limitBytes: processLimitBytes },
  );
  const { accounts, services } = world;
  let context: MatchContext | undefined;
  const begin = (event: Event): MatchContext => ({
    event,
    process: undefined,
    eventNumber: 0,
    processes,
    accounts,
    machine: {
      hostname: world.hostname,
      firstEventNs: event.timeNs,
      utcOffsetMinutes: (timeNs) => world.utcOffsetMinutes(timeNs),
      service: (port) => services.get(port),
    },
    names: namesOf(accounts, processes),
  });
  return {
    processes,
    cgroups: () => containers.size,
    of: (event) => {
      context ??= begin(event);
      context.event = event;
      context.process = processes.apply(event);
      context.eventNumber++;
      return context;
    },
  };
}
