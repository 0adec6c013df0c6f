import type { Accounts } from '../events/accounts.ts';
import type { ByteString } from '../events/bytestring.ts';
import type { Event } from '../events/event.ts';
import { type MatchContext, namesOf } from '../fields/context.ts';
import type { ScapCapture, ScapOptions } from '../sources/scap/capture.ts';
import { readScapFile, type ScapResult } from '../sources/scap/source.ts';
import type { ScapThread } from '../sources/scap/thread.ts';
import { containerOfPath, HOST } from '../state/container-id.ts';

/** What a capture's fields ask that the capture does not tell. */
export interface ScapWorld {
  readonly services: ReadonlyMap<number, ByteString>;
  utcOffsetMinutes(timeNs: bigint): number;
}

const LIMITS = { limitBytes: 512 << 20, fdLimit: 1_000_000 } as const;

/**
 * Shows each event of a .scap capture in its context. The process is the thread itself: in such captures names, arguments
 * and ids are a thread's own, and that is what the fields of their rules mean; its leader gives what is shared.
 */
export function readScapContexts(
  path: string,
  world: ScapWorld,
  visit: (context: MatchContext) => void,
): Promise<ScapResult> {
  return readScapFile(path, scapOptions(world, visit));
}

/** The options of a capture whose events are shown in their context. */
export function scapOptions(world: ScapWorld, visit: (context: MatchContext) => void): ScapOptions {
  let context: ScapContext | undefined;
  return {
    containerOfPath,
    ...LIMITS,
    visit: (event, thread, capture) => {
      context ??= new ScapContext(capture, world, event);
      context.process = thread;
      context.eventNumber++;
      visit(context);
    },
  };
}

class ScapContext implements MatchContext {
  event: Event;
  process: ScapThread | undefined;
  eventNumber = 0;
  readonly processes;
  readonly accounts: Accounts;
  readonly machine;
  readonly names;

  constructor({ state }: ScapCapture, { services, utcOffsetMinutes }: ScapWorld, event: Event) {
    this.event = event;
    this.processes = state.threads;
    const { accounts } = state;
    // Ids mean what they mean in the container that the event is of.
    const container = (): ByteString => {
      const id = this.process?.container?.id;
      return id === undefined || id === HOST.id ? '' : id;
    };
    this.accounts = {
      user: (uid: number) => accounts.user(container(), uid),
      group: (gid: number) => accounts.group(container(), gid),
    };
    this.machine = {
      hostname: state.machine?.hostname ?? '',
      firstEventNs: event.timeNs,
      utcOffsetMinutes,
      service: (port: number) => services.get(port),
    };
    this.names = namesOf(this.accounts, this.processes);
  }
}
