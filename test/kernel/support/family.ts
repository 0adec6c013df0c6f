import { statSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { KIND_OF_CODE, KIND_STRUCT } from '../../../agent/decode/kinds.ts';
import { eventHeader } from '../../../agent/decode/layout.gen.ts';
import type { Event } from '../../../agent/events/event.ts';
import { type CollectedKind, LANES, type Lane } from '../../../agent/events/kinds.ts';
import { compareDecoded, decodeRecord } from './decoded.ts';
import { readMember } from './record.ts';
import { type PlanOptions, planFor, type RunningSensor, startSensor } from './sensor.ts';
import { actOf, unproven } from './testified.ts';
import { compare, type Difference, parseTestimonies, type Testimony } from './testimony.ts';
import { compileVictim, type Victim } from './victim.ts';

/** What an act left. */
export interface Act {
  readonly output: string;
  /** All records of the victim's processes. */
  readonly own: readonly Buffer[];
  /** Of these, those of the kind asked for. */
  readonly records: readonly Buffer[];
}

/** An act, its testimonies, and by testimony the event of the record that says the same. */
export interface Observation extends Act {
  readonly testimonies: readonly Testimony[];
  readonly events: readonly Event[];
}

export interface Family {
  readonly kinds: readonly CollectedKind[];
  /** Kinds of which a record was compared with a testimony and found the same, so far. */
  readonly seen: ReadonlySet<CollectedKind>;
  /** Runs an act and fails unless each of its testimonies has a record, and an event, that says the same. */
  observe(act: string, kind?: CollectedKind): Promise<Observation>;
  /** Runs an act without a look at what it says. */
  run(act: string, kind?: CollectedKind): Promise<Act>;
  laneOf(record: Buffer): Lane | undefined;
  /** The running sensor, for tests that look at more. */
  sensor(): RunningSensor;
  setPlan(options: FamilyPlan): void;
}

export interface FamilyPlan extends PlanOptions {
  readonly without?: readonly CollectedKind[];
}

/** A victim and a sensor for its kinds, which stand for as long as the file's tests run. */
export function createFamily(victimName: string, kinds: readonly CollectedKind[]): Family {
  let victim: Victim | undefined;
  let running: RunningSensor | undefined;
  const seen = new Set<CollectedKind>();
  const acts = new Set<string>();
  // fork, exec and exit tell which processes are the victim's, and when it has ended.
  const collected = [...new Set<CollectedKind>([...kinds, 'fork', 'exec', 'exit'])];

  beforeAll(() => {
    victim = compileVictim(victimName);
    running = startSensor({ plan: planFor(collected) });
  });
  afterAll(async () => {
    await running?.stop();
    victim?.remove();
    // Only where all tests of the file ran: what docs/kinds.md says of the victim is what it said here.
    if (kinds.every((kind) => seen.has(kind))) expect(unproven(victimName, acts)).toEqual([]);
  });

  const sensor = () => {
    if (running === undefined) throw new Error('the sensor does not run');
    return running;
  };
  const run = async (act: string, kind = act as CollectedKind): Promise<Act> => {
    if (victim === undefined) throw new Error('there is no victim');
    sensor().forget();
    const { pid, output } = await victim.run(act);
    const own = await sensor().until(`end of the victim ${act}`, () => recordsOf(sensor().records, pid));
    return { output, own, records: own.filter((record) => kindOf(record) === kind) };
  };
  return {
    kinds,
    seen,
    sensor,
    setPlan: ({ without = [], ...options }) =>
      sensor().sensor.setPlan(
        planFor(
          collected.filter((kind) => !without.includes(kind)),
          options,
        ),
      ),
    laneOf: (record) => LANES[record.readUInt8(eventHeader.lane)],
    run,
    observe: async (name, kind) => {
      const act = await run(name, kind);
      const testimonies = parseTestimonies(act.output);
      expect(testimonies, `testimonies of ${name}`).not.toHaveLength(0);
      const matched = match(testimonies, act.own);
      for (const testimony of testimonies) {
        seen.add(testimony.kind);
        acts.add(actOf(testimony));
      }
      return { ...act, testimonies, events: matched.map(decodeRecord) };
    },
  };
}

/** Fails with every testimony that no record of its own agrees with, beside the record that is nearest to it. */
function match(testimonies: readonly Testimony[], records: readonly Buffer[]): Buffer[] {
  const left = new Set(records);
  const complaints: unknown[] = [];
  const matched: Buffer[] = [];
  for (const testimony of testimonies) {
    const candidates = [...left].filter((record) => kindOf(record) === testimony.kind);
    const judged = candidates.map((record) => ({ record, differences: differencesOf(testimony, record) }));
    const best = judged.reduce<(typeof judged)[number] | undefined>(
      (a, b) => (a === undefined || b.differences.length < a.differences.length ? b : a),
      undefined,
    );
    if (best?.differences.length === 0) {
      left.delete(best.record);
      matched.push(best.record);
    } else {
      complaints.push({ act: `${testimony.kind} by ${testimony.call}`, nearest: best?.differences ?? 'no record' });
    }
  }
  expect(complaints).toEqual([]);
  return matched;
}

function differencesOf(testimony: Testimony, record: Buffer): Difference[] {
  const raw = compare(testimony, record);
  return raw.length > 0 ? raw : compareDecoded(testimony, decodeRecord(record));
}

function kindOf(record: Buffer): CollectedKind | undefined {
  return KIND_OF_CODE[record.readUInt16LE(eventHeader.kind)];
}

/** All records of a process and its descendants, once the process has ended. `pid` is what this process calls it. */
function recordsOf(records: readonly Buffer[], pid: number): Buffer[] | undefined {
  const ownNamespace = statSync('/proc/self/ns/pid').ino;
  const start = records.findIndex(
    (record) =>
      kindOf(record) === 'exec' &&
      record.readUInt32LE(eventHeader.vpid) === pid &&
      record.readUInt32LE(eventHeader.pidNs) === ownNamespace,
  );
  // What the process did before it became the victim is not the victim's.
  const [started, ...since] = start < 0 ? [] : records.slice(start);
  if (started === undefined) return undefined;
  const root = started.readUInt32LE(eventHeader.pid);
  const tree = new Set([root]);
  const own: Buffer[] = [started];
  let hasEnded = false;
  for (const record of since) {
    const owner = record.readUInt32LE(eventHeader.pid);
    if (!tree.has(owner)) continue;
    own.push(record);
    const kind = kindOf(record);
    if (kind === 'fork') tree.add(Number(readMember(record, KIND_STRUCT.fork, 'childPid')));
    if (kind === 'exit' && owner === root && readMember(record, KIND_STRUCT.exit, 'groupDead') === 1n) hasEnded = true;
  }
  return hasEnded ? own : undefined;
}
