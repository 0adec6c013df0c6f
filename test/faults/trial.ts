import { setTimeout as wait } from 'node:timers/promises';
import { hasFakeTime } from './clock.ts';
import { CLOCK_FAULTS, DISK_FAULTS, FAULTS, pause, randomOf } from './faults.ts';
import { Fleet, type Received } from './fleet.ts';

export interface TrialOptions {
  /** How long harm is done. Each kind of harm comes at least once, however short it is. */
  readonly seconds: number;
  readonly seed: number;
  readonly nodes: number;
  readonly subscribers: number;
  readonly perSecond: number;
  readonly disks: boolean;
  /** Part of the names of the harm to do; absent = all. */
  readonly only?: string;
  readonly onFault?: (name: string) => void;
}

export interface Figures {
  /** How often each harm was done. */
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: number;
  /** On an agent's disk, as it said itself. */
  readonly raised: number;
  /** For each subscriber: raised and never received, received twice after its cursor was lost, and so on. */
  readonly subscribers: readonly {
    readonly received: number;
    readonly lost: number;
    readonly repeated: number;
    readonly outOfOrder: number;
  }[];
  /** Of those lost, some: node and number. */
  readonly examples: readonly string[];
  /** From the last harm until everything had arrived. */
  readonly drainedMs: number;
}

/** The proxies are in this process too: it must not be busy with looking. */
const LOOK_MS = 200;
/** What has not come when nothing came for so long is lost. */
const SILENCE_MS = 45_000;
const CALM_MS = 400;

/** Runs a fleet under faults and counts what arrived. */
export async function runTrial(options: TrialOptions): Promise<Figures> {
  const { seed, seconds, only = '', disks, subscribers, perSecond, onFault } = options;
  const clocks = hasFakeTime();
  const random = randomOf(seed);
  const nodes = Array.from({ length: options.nodes }, (_, index) => `node-${index + 1}`);
  const fleet = await Fleet.start({ nodes, subscribers, perSecond, disks, clocks });
  try {
    const faults = Object.entries({ ...FAULTS, ...(disks ? DISK_FAULTS : {}), ...(clocks ? CLOCK_FAULTS : {}) }).filter(
      ([name]) => name.includes(only),
    );
    const counts: Record<string, number> = {};
    let waiting: typeof faults = [];
    const endMs = Date.now() + seconds * 1000;
    for (let done = 0; Date.now() < endMs || done < faults.length; done++) {
      if (waiting.length === 0) waiting = [...faults];
      const [chosen] = waiting.splice(Math.floor(random() * waiting.length), 1);
      if (chosen === undefined) break;
      const [name, fault] = chosen;
      onFault?.(name);
      counts[name] = (counts[name] ?? 0) + 1;
      await fault(fleet, random);
      await pause(random, CALM_MS);
    }
    const lastMs = Date.now();
    await fleet.quiet();
    const ledgers = nodes.map((node) => ({ node, raised: fleet.ledger(node).raised }));
    const missing = () =>
      fleet.received.flatMap((received) =>
        ledgers.flatMap(({ node, raised }) => {
          const seen = received.get(node)?.seen;
          return [...raised].filter((number) => seen?.has(number) !== true).map((number) => `${node}/${number}`);
        }),
      );
    await arrival(ledgers, fleet.received);
    return {
      faults: counts,
      kills: [...fleet.agents.values(), fleet.collector].reduce((sum, { kills }) => sum + kills, 0),
      raised: ledgers.reduce((sum, { raised }) => sum + raised.size, 0),
      subscribers: fleet.received.map((received) => {
        const all = ledgers.map(({ node, raised }) => ({ raised, got: received.get(node) }));
        const sum = (of: (each: (typeof all)[number]) => number) => all.reduce((total, each) => total + of(each), 0);
        return {
          received: sum(({ got }) => got?.seen.size ?? 0),
          lost: sum(({ raised, got }) => [...raised].filter((number) => got?.seen.has(number) !== true).length),
          repeated: sum(({ got }) => got?.repeated ?? 0),
          outOfOrder: sum(({ got }) => got?.outOfOrder ?? 0),
        };
      }),
      examples: missing().slice(0, 10),
      drainedMs: Date.now() - lastMs,
    };
  } finally {
    await fleet.stop();
  }
}

/** Waits until every subscriber has everything, or until nothing has come for long. */
async function arrival(
  ledgers: readonly { readonly node: string; readonly raised: ReadonlySet<number> }[],
  subscribers: readonly ReadonlyMap<string, Received>[],
): Promise<void> {
  const count = () =>
    subscribers.reduce((sum, nodes) => sum + [...nodes.values()].reduce((n, { seen }) => n + seen.size, 0), 0);
  let last = { count: count(), ms: Date.now() };
  const mayCome = (): boolean => {
    const now = count();
    if (now !== last.count) last = { count: now, ms: Date.now() };
    return Date.now() - last.ms < SILENCE_MS;
  };
  for (const received of subscribers) {
    for (const { node, raised } of ledgers) {
      const seen = received.get(node)?.seen;
      for (const number of raised) while (seen?.has(number) !== true && mayCome()) await wait(LOOK_MS);
    }
  }
}
