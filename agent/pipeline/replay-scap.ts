import { readFileSync } from 'node:fs';
import type { ByteString } from '../events/bytestring.ts';
import type { Event } from '../events/event.ts';
import type { MatchContext } from '../fields/context.ts';
import { AtalayaError } from '../lib/errors.ts';
import { ScapCapture } from '../sources/scap/capture.ts';
import type { ScapError } from '../sources/scap/damage.ts';
import { scapChunks } from '../sources/scap/source.ts';
import { parseServices } from '../state/services.ts';
import type { SourceContexts } from './context.ts';
import type { ReplaySource, ReplayStep } from './replay-source.ts';
import { type ScapWorld, scapOptions } from './scap.ts';
import { thisMachine, type World } from './world.ts';

/** A capture of another tool: it brings its own state. */
export async function openScapReplay(path: string): Promise<ReplaySource> {
  const scapWorld = localScapWorld();
  let current: MatchContext | undefined;
  let visit = (_event: Event): void => {};
  const capture = new ScapCapture(
    scapOptions(scapWorld, (context) => {
      current = context;
      visit(context.event);
    }),
  );
  const damage = ({ offset, message }: ScapError): AtalayaError =>
    new AtalayaError('E_CAPTURE', `${path}: at byte ${offset}: ${message}`);
  const step = (read: () => ScapError | undefined, fail: (error: ScapError) => void): ReplayStep => ({
    type: 'events',
    forEach: (take) => {
      visit = take;
      const error = read();
      if (error !== undefined) fail(error);
    },
  });
  return {
    world: await worldOf(path, scapWorld),
    plan: undefined,
    contexts: contextsOf(capture, () => current as MatchContext),
    notes: () => notesOf(capture),
    async *steps() {
      let error: ScapError | undefined;
      const fail = (found: ScapError): void => {
        error = found;
      };
      for await (const chunk of scapChunks(path, () => capture.offset)) {
        if (Buffer.isBuffer(chunk)) yield step(() => capture.push(chunk), fail);
        else error = chunk;
        if (error !== undefined) throw damage(error);
      }
      yield step(() => capture.end(), fail);
      if (error !== undefined) throw damage(error);
    },
  };
}

/** What was not used of the capture. */
function notesOf({ blocks, mismatches, state }: ScapCapture): string[] {
  const { threads } = state;
  const notes: readonly (readonly [count: number, what: string])[] = [
    [blocks.unknownBlocks, 'blocks of unknown types were passed over'],
    [blocks.unknownEvents, 'events of unknown types were passed over'],
    [mismatches, 'parameters are missing, for the beginning of their call was not recorded'],
    [threads.stats.refused, 'threads were not kept: there are too many'],
    [threads.fdBudget.refused, 'descriptors were not kept: there are too many'],
  ];
  return notes.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
}

function contextsOf({ state }: ScapCapture, current: () => MatchContext): SourceContexts {
  const { stats } = state.threads;
  return {
    cgroups: () => state.containers.size,
    of: current,
    processes: {
      seed: () => {},
      stats: {
        get processes() {
          return stats.threads;
        },
        get bytes() {
          return stats.bytes;
        },
        get unknown() {
          return stats.unknown;
        },
        get skipped() {
          return stats.refused;
        },
        forks: 0,
        execs: 0,
        exits: 0,
        healed: 0,
        notFound: 0,
        evicted: 0,
      },
    },
  };
}

/** What such a capture does not tell is as it is here: names of ports, the time zone. */
export function localScapWorld(): ScapWorld {
  return {
    services: parseServices(text('/etc/services')),
    utcOffsetMinutes: (timeNs) => -new Date(Number(timeNs / 1_000_000n)).getTimezoneOffset(),
  };
}

/** The machine that the capture's first blocks tell of. */
async function worldOf(path: string, { services, utcOffsetMinutes }: ScapWorld): Promise<World> {
  const { hostname, bootNs } = await firstMachine(path);
  return {
    hostname,
    bootId: `${hostname}:${bootNs}`,
    machine: thisMachine(),
    accounts: { user: () => undefined, group: () => undefined },
    services,
    utcOffsetMinutes,
    cgroupPath: () => undefined,
    lookUp: () => undefined,
    refresh: () => {},
  };
}

async function firstMachine(path: string): Promise<{ readonly hostname: ByteString; readonly bootNs: bigint }> {
  const capture = new ScapCapture(scapOptions({ services: new Map(), utcOffsetMinutes: () => 0 }, () => {}));
  for await (const chunk of scapChunks(path, () => 0)) {
    if (!Buffer.isBuffer(chunk) || capture.push(chunk) !== undefined) break;
    if (capture.state.machine !== undefined || capture.blocks.events > 0) break;
  }
  const { hostname = '', bootNs = 0n } = capture.state.machine ?? {};
  return { hostname, bootNs };
}

/** Bytes of a file of the system; '' when it is not there. */
function text(path: string): ByteString {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
