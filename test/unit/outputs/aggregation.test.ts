import { cpSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { aggregationOf } from '../../../agent/config/aggregation.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import type { Alert, EnvelopeBody } from '../../../agent/events/alert.ts';
import { type AggregationOptions, Aggregator } from '../../../agent/outputs/aggregator.ts';
import type { Spool } from '../../../agent/outputs/spool.ts';
import { decodeEnvelope } from '../../../proto/envelope.ts';
import { alertOf, Bench, bodyOf, numberOf, range, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

function aggregation(windowMs: number, key = ['proc.name'], samples = 2): AggregationOptions {
  return { groupingOf: () => ({ windowMs, key }), samples };
}

function alertsOf(bodies: readonly EnvelopeBody[]): Alert[] {
  return bodies.flatMap((body) => (body.type === 'alert' ? [body.alert] : []));
}

function alertsIn(spool: Spool): Alert[] {
  const records = spool.page(0, 100_000, Number.MAX_SAFE_INTEGER) ?? [];
  return records.flatMap(({ bytes }) => {
    const { body } = decodeEnvelope(bytes);
    return body.type === 'alert' ? [body.alert] : [];
  });
}

function take(aggregator: Aggregator, numbers: readonly number[], nowMs: number, change: Partial<Alert> = {}): Alert[] {
  const taken = aggregator.take(
    numbers.map((number) => bodyOf(number, change)),
    nowMs,
  );
  taken.apply();
  return alertsOf(taken.bodies);
}

test('the first goes out at once, the others as one record when the window ends', () => {
  const aggregator = new Aggregator(aggregation(1000));
  expect(take(aggregator, [1, 2, 3], 5000)).toEqual([alertOf(1)]);
  expect(take(aggregator, [4], 5999)).toEqual([]);
  const [summary, next] = take(aggregator, [5], 6000);
  expect(summary).toEqual(
    alertOf(2, {
      output: `${alertOf(2).output} [3 like it, the last at 22:13:20]`,
      count: 3,
      lastNs: alertOf(4).lastNs,
      samples: [2, 3].map((number) => ({
        uuid: alertOf(number).uuid,
        timeNs: alertOf(number).timeNs,
        output: alertOf(number).output,
      })),
      aggregateOf: alertOf(1).uuid,
    }),
  );
  // A new window begins.
  expect(next).toEqual(alertOf(5));
  expect(take(aggregator, [], 7000)).toEqual([]);
  expect(aggregator.size).toBe(0);
});

test('a single further alert goes out as it was', () => {
  const aggregator = new Aggregator(aggregation(1000));
  take(aggregator, [1, 2], 0);
  expect(take(aggregator, [], 1000)).toEqual([alertOf(2)]);
});

test('other rules, other values of a key and what is no alert are left alone', () => {
  const aggregator = new Aggregator(aggregation(1000, ['proc.name', 'proc.pid', 'evt.time']));
  expect(take(aggregator, [1], 0).length).toBe(1);
  expect(take(aggregator, [1], 0, { rule: 'Another' }).length).toBe(1);
  expect(take(aggregator, [1], 0, { context: { 'proc.name': 'sh', 'proc.pid': 1001 } }).length).toBe(1);
  expect(take(aggregator, [1], 0).length).toBe(0);
  const gap: EnvelopeBody = { type: 'gap', gap: { stage: 'kernel', cause: 'x', fromNs: 0n, toNs: 1n, count: 1n } };
  expect(aggregator.take([gap], 0).bodies).toEqual([gap]);
});

test('what was not applied has not happened', () => {
  const aggregator = new Aggregator(aggregation(1000));
  aggregator.take([bodyOf(1)], 0);
  expect(take(aggregator, [1], 0)).toEqual([alertOf(1)]);
  aggregator.take([bodyOf(2), bodyOf(3)], 0);
  take(aggregator, [4], 0);
  expect(take(aggregator, [], 1000).map(numberOf)).toEqual([4]);
});

test('a clock that is set back ends windows instead of holding them open', () => {
  const aggregator = new Aggregator(aggregation(1000));
  take(aggregator, [1, 2, 3], 1_000_000);
  expect(take(aggregator, [4], 1_001_000).map(({ count }) => count)).toEqual([2, 1]);
  take(aggregator, [5], 1_001_500);
  expect(take(aggregator, [], 1_002_000).map(({ count }) => count)).toEqual([1]);
});

test('more than can be open at once go out one by one', () => {
  const aggregator = new Aggregator(aggregation(1000, ['proc.pid']));
  expect(take(aggregator, range(0, 10_001), 0).length).toBe(10_001);
  expect(aggregator.size).toBe(10_000);
  expect(take(aggregator, [5, 10_000], 0).map(numberOf)).toEqual([10_000]);
});

test('every event is counted once, whatever the windows', () => {
  const aggregator = new Aggregator(aggregation(300, ['proc.pid'], 0));
  const out: Alert[] = [];
  for (const step of range(0, 500)) {
    const numbers = range(0, step % 7).map((number) => (step * 13 + number * 5) % 11);
    out.push(...take(aggregator, numbers, step * 37));
  }
  out.push(...take(aggregator, [], Number.POSITIVE_INFINITY));
  const given = range(0, 500).reduce((sum, step) => sum + (step % 7), 0);
  expect(out.reduce((sum, { count }) => sum + count, 0)).toBe(given);
  expect(out.length).toBeLessThan(given);
});

test('the count follows after a kill, at the next start', async () => {
  const dir = bench.folder();
  const first = bench.spool({ dir, aggregation: aggregation(3_600_000) });
  await first.append(range(0, 50).map((number) => bodyOf(number)));
  expect(first.stats()).toMatchObject({ records: 1, aggregates: 1 });
  const copy = bench.folder();
  // What a killed process leaves behind: files as they are, nothing closed.
  cpSync(dir, copy, { recursive: true });
  const second = bench.spool({ dir: copy, aggregation: aggregation(50) });
  expect(second.stats()).toMatchObject({ records: 1, aggregates: 1 });
  await second.append(range(50, 60).map((number) => bodyOf(number)));
  await second.close();
  const third = bench.spool({ dir: copy });
  expect(alertsIn(third).map(({ count }) => count)).toEqual([1, 59]);
  expect(alertsIn(third)[1]).toMatchObject({ aggregateOf: alertOf(0).uuid, samples: [{ uuid: alertOf(1).uuid }, {}] });
});

test('a window that ends while nothing happens ends all the same, and outputs hear of it', async () => {
  const spool = bench.spool({ aggregation: aggregation(300) });
  const shown: Alert[] = [];
  spool.onCommit(({ bodies }) => shown.push(...alertsOf(bodies)));
  await spool.append(range(0, 20).map((number) => bodyOf(number)));
  expect(shown.map(({ count }) => count)).toEqual([1]);
  await until(() => shown.length === 2, 'the rest is told');
  expect(shown.map(({ count }) => count)).toEqual([1, 19]);
  expect(spool.stats().aggregates).toBe(0);
});

test('records under an earlier name of the agent go on under its present one', async () => {
  const dir = bench.folder();
  const first = bench.spool({ dir, agentId: 'old' });
  await first.append(range(0, 1200).map((number) => bodyOf(number)));
  await first.close();
  const second = bench.spool({ dir, agentId: 'new' });
  await second.append([bodyOf(1200)]);
  const records = (second.page(0, 100_000, Number.MAX_SAFE_INTEGER) ?? []).map(({ bytes }) => decodeEnvelope(bytes));
  expect(new Set(records.map(({ agentId }) => agentId))).toEqual(new Set(['new']));
  expect(records.map(({ sequence }) => sequence)).toEqual(range(1, 1202));
  expect(alertsIn(second).map(numberOf)).toEqual(range(0, 1201));
});

test('a configuration says which rules are put together, by which fields', () => {
  const configOf = (text: string) => {
    const loaded = loadConfig({ file: { path: 'c.yaml', text } });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return aggregationOf(loaded.config.aggregation);
  };
  expect(configOf('{}').groupingOf('any')).toBeUndefined();
  const some = configOf(`
aggregation:
  window_seconds: 10
  rules:
    - rule: Read *
      key: [fd.name]
    - rule: Shell
      window_seconds: 0
`);
  expect(some.groupingOf('Read sensitive file')).toEqual({ windowMs: 10_000, key: ['fd.name'] });
  expect(some.groupingOf('Shell')).toBeUndefined();
  expect(some.groupingOf('other')).toEqual({ windowMs: 10_000, key: ['container.id', 'proc.exepath', 'user.uid'] });
  expect(() => configOf('aggregation: {key: [proc.nam]}')).toThrow("aggregation.key names 'proc.nam'");
  expect(() => configOf('aggregation: {rules: [{key: [fd.name]}]}')).toThrow();
});
