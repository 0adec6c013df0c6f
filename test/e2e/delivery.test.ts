import { afterEach, expect, test } from 'vitest';
import { createForwarder, type ForwarderOptions } from '../../agent/outputs/forwarder.ts';
import type { Spool } from '../../agent/outputs/spool.ts';
import { alertOf, Bench, bodyOf, range, until } from '../unit/support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

function forward(spool: Spool, address: string, options: Partial<ForwarderOptions> = {}) {
  const identity = { agentId: 'node-1', hostname: 'host-1', version: 'test' };
  const forwarder = createForwarder({ spool, address, ...identity, ...options });
  bench.onEnd(() => forwarder.stop());
  return forwarder;
}

test('an alert reaches a live subscriber whole, typed values included', async () => {
  const collector = await bench.collector();
  const listener = bench.listen({ address: collector.address });
  await until(() => listener.live, 'the subscription is live');
  const spool = bench.spool();
  forward(spool, collector.address);
  await spool.append([bodyOf(7, { completeness: ['gap 3'], redactions: ['proc.args'] })]);
  await until(() => listener.alerts.length === 1, 'the alert arrives');
  expect(listener.alerts[0]).toEqual(alertOf(7, { completeness: ['gap 3'], redactions: ['proc.args'] }));
});

test('what was raised while no collector ran arrives in order when one comes, and leaves the spool', async () => {
  const dataDir = bench.folder();
  const first = await bench.collector({ dataDir });
  const spool = bench.spool();
  const forwarder = forward(spool, first.address);
  await spool.append(range(0, 10).map((number) => bodyOf(number)));
  await until(() => forwarder.stats().acknowledged === 10, 'the first ten are acknowledged');
  await first.stop();
  await spool.append(range(10, 2000).map((number) => bodyOf(number)));
  const second = await bench.collector({ dataDir, listen: first.address });
  const listener = bench.listen({ address: second.address, sinceNs: 0n });
  await until(() => listener.alerts.length >= 2000, 'all arrive');
  expect(listener.numbers).toEqual(range(0, 2000));
  await until(() => spool.stats().records === 0, 'the spool is empty');
  expect(forwarder.stats().inFlight).toBe(0);
});
