import type { Fleet } from './fleet.ts';

/** Numbers from 0 to below 1. */
export type Random = () => number;

/** Does harm, and mends it again. */
export type Fault = (fleet: Fleet, random: Random) => Promise<void>;

const agentOf = (fleet: Fleet, random: Random) => {
  const agents = [...fleet.agents.values()];
  return agents[Math.floor(random() * agents.length)] ?? fleet.collector;
};

/** Every harm that delivery has to bear, by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'agent killed': async (fleet, random) => {
    const agent = agentOf(fleet, random);
    await agent.kill();
    await pause(random, 300);
    await agent.start();
  },
  'collector killed': async (fleet, random) => {
    await fleet.collector.kill();
    await pause(random, 300);
    await fleet.collector.start();
  },
  'both killed': async (fleet, random) => {
    const agent = agentOf(fleet, random);
    await Promise.all([agent.kill(), fleet.collector.kill()]);
    await Promise.all([agent.start(), fleet.collector.start()]);
  },
  'agent paused': (fleet, random) => paused(agentOf(fleet, random), random),
  'collector paused': (fleet, random) => paused(fleet.collector, random),
  'connections broken': async (fleet) => {
    fleet.agentSide.cut();
    fleet.clientSide.cut();
  },
  'network away': async (fleet, random) => {
    fleet.agentSide.cut(true);
    if (random() < 0.5) fleet.clientSide.cut(true);
    await pause(random, 1500);
    fleet.agentSide.up();
    fleet.clientSide.up();
  },
  'network silent': async (fleet, random) => {
    fleet.agentSide.hold();
    fleet.clientSide.hold();
    await pause(random, 1500);
    fleet.agentSide.release();
    fleet.clientSide.release();
  },
  'network slow': async (fleet, random) => {
    fleet.agentSide.slow(200_000);
    await pause(random, 1500);
    fleet.agentSide.slow(0);
  },
  'certificates renewed': async (fleet, random) => {
    fleet.issue();
    if (random() < 0.5) fleet.agentSide.cut();
  },
};

/** Those that need disks of their own. */
export const DISK_FAULTS: Readonly<Record<string, Fault>> = {
  "agents' disk full": async (fleet, random) => {
    fleet.disks?.agent.fill();
    await pause(random, 1500);
    fleet.disks?.agent.free();
  },
  "collector's disk full": async (fleet, random) => {
    fleet.disks?.collector.fill();
    await pause(random, 1500);
    fleet.disks?.collector.free();
  },
  'disk full, then killed': async (fleet, random) => {
    const agent = agentOf(fleet, random);
    fleet.disks?.agent.fill();
    await pause(random, 500);
    await agent.kill();
    fleet.disks?.agent.free();
    await agent.start();
  },
};

/** Those that need agents with a clock of their own. */
export const CLOCK_FAULTS: Readonly<Record<string, Fault>> = {
  'clock set forward': async (fleet, random) => {
    fleet.clock?.step(Math.round(2400 * random()));
    await pause(random, 500);
  },
  'clock set back': async (fleet, random) => {
    fleet.clock?.step(-Math.round(2400 * random()));
    await pause(random, 500);
  },
};

async function paused(process: Fleet['collector'], random: Random): Promise<void> {
  process.signal('SIGSTOP');
  await pause(random, 1500);
  process.signal('SIGCONT');
}

/** From a tenth of the time up to all of it: how long harm lasts is part of the experiment. */
export function pause(random: Random, longestMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, longestMs * (0.1 + 0.9 * random())));
}

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
