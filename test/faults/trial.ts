import { until } from '../unit/support/delivery.ts';
import { DISK_FAULTS, FAULTS, pause, randomOf } from './faults.ts';
import { Fleet } from './fleet.ts';

export interface TrialOptions {
  /** How long harm is done. Each kind of harm comes at least once, however short it is. */
  readonly seconds: number;
  readonly seed: number;
  readonly nodes: number;
  readonly subscribers: number;
  readonly perSecond: number;
  readonly disks: boolean;
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

const DRAIN_MS = 90_000;
const CALM_MS = 400;

/** Runs a fleet under faults and counts what arrived. */
export async function runTrial(options: TrialOptions): Promise<Figures> {
  const { seed, seconds, disks, subscribers, perSecond, onFault } = options;
  const random = randomOf(seed);
  const nodes = Array.from({ length: options.nodes }, (_, index) => `node-${index + 1}`);
  const fleet = await Fleet.start({ nodes, subscribers, perSecond, disks });
  try {
    const faults = Object.entries({ ...FAULTS, ...(disks ? DISK_FAULTS : {}) });
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
    await until(() => missing().length === 0, 'all arrives', DRAIN_MS).catch(() => {});
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
