import { expect } from 'vitest';
import { hasFakeTime } from '../faults/clock.ts';
import { runTrial } from '../faults/trial.ts';
import { liveTest } from '../kernel/support/live.ts';

liveTest(
  'whatever is killed, stopped, cut, slowed, filled or renewed, each subscriber has each alert once and in order',
  async () => {
    const options = { seconds: 5, nodes: 2, subscribers: 2, perSecond: 300, disks: true };
    const { raised, subscribers, examples, faults, kills } = await runTrial({ ...options, seed: 7 });
    expect(examples).toEqual([]);
    const each = { lost: 0, repeated: 0, outOfOrder: 0 };
    expect(subscribers).toMatchObject([each, each]);
    expect(Object.keys(faults).length).toBe(hasFakeTime() ? 15 : 13);
    expect(kills).toBeGreaterThanOrEqual(4);
    expect(raised).toBeGreaterThan(1000);
    for (const { received } of subscribers) expect(received).toBeGreaterThanOrEqual(raised);
  },
  180_000,
);
