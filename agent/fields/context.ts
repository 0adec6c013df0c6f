import type { Accounts } from '../events/accounts.ts';
import type { ByteString } from '../events/bytestring.ts';
import type { Event, Names } from '../events/event.ts';
import type { Process, ProcessLookup } from '../events/process.ts';

/** What the machine is; the same for every event. */
export interface Machine {
  readonly hostname: ByteString;
  /** Name of the cluster that it is in; '' or undefined = not told. */
  readonly cluster?: ByteString | undefined;
  /** Event time of the first event of the stream, ns since 1970. */
  firstEventNs: bigint | undefined;
  /** Minutes that local time is ahead of UTC, at a time (ns since 1970). */
  utcOffsetMinutes(timeNs: bigint): number;
  /** Service name of a port, from the services table. */
  service(port: number): ByteString | undefined;
}

/** All that a field can look at for one event. One object, filled anew for each event by the pipeline. */
export interface MatchContext {
  event: Event;
  /** The process that the event belongs to, after the event was applied to state; undefined for a kernel thread. */
  process: Process | undefined;
  /** Running number of the event in its stream, from 1. */
  eventNumber: number;
  readonly processes: ProcessLookup;
  readonly accounts: Accounts;
  readonly machine: Machine;
  /** `accounts` and `processes` as event parameters need them. */
  readonly names: Names;
}

/** Names by id, from the tables that a context has. */
export function namesOf(accounts: Accounts, processes: ProcessLookup): Names {
  return {
    user: (uid) => accounts.user(uid)?.name,
    group: (gid) => accounts.group(gid),
    process: (pid) => processes.byPid(pid)?.comm,
  };
}
