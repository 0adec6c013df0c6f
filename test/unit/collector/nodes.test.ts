import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { EnvelopeBody, Heartbeat } from '../../../agent/events/alert.ts';
import { type NodeEvents, NodeRegistry } from '../../../collector/ingest/nodes.ts';
import { OWN_AGENT_ID } from '../../../collector/ingest/own-run.ts';
import { StoredRecord } from '../../../collector/store/record.ts';
import { openStore } from '../../../collector/store/store.ts';
import { encodeEnvelope } from '../../../proto/envelope.ts';
import { decodeHead } from '../../../proto/head.ts';
import { Bench, bodyOf, range } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

const SECOND_NS = 1_000_000_000n;
let id = 0;

function recordOf(body: EnvelopeBody, storedNs: bigint, agentId = 'node-1'): StoredRecord {
  const position = { agentId, bootId: 'boot-7', epoch: 3n, sequence: ++id, previousHash: Buffer.alloc(0) };
  const bytes = encodeEnvelope(position, body);
  return new StoredRecord(id, { ...decodeHead(bytes), storedNs, body: bytes });
}

function heartbeat(timeNs: bigint, change: Partial<Heartbeat> = {}): EnvelopeBody {
  const kinds = ['execve'];
  const digests = { version: '1.2', ruleSetDigest: 'abc', hookPlan: 'syscall' };
  return { type: 'heartbeat', heartbeat: { timeNs, ...digests, kinds, produced: 100n, lost: 2n, ...change } };
}

function gap(cause: string, count: bigint): EnvelopeBody {
  return { type: 'gap', gap: { stage: 'kernel', cause, count, fromNs: 1n, toNs: 2n } };
}

/** What the registry told, in order. */
class Told implements NodeEvents {
  readonly events: string[] = [];

  silent({ agentId, sequence }: { readonly agentId: string; readonly sequence: bigint }): void {
    this.events.push(`silent ${agentId} ${sequence - BigInt(first)}`);
  }

  back({ agentId }: { readonly agentId: string }, sinceNs: bigint): void {
    this.events.push(`back ${agentId} ${sinceNs}`);
  }
}
let first = 0;

function registry() {
  const told = new Told();
  first = id;
  return { told, nodes: new NodeRegistry(undefined, told) };
}

const tick = (nodes: NodeRegistry, seconds: number) => {
  for (const _ of range(0, seconds * 2)) nodes.tick(500);
};

test('a node that sends nothing for longer than twelve seconds is silent, once, and back with its next record', () => {
  const { nodes, told } = registry();
  nodes.saw([recordOf(heartbeat(SECOND_NS), SECOND_NS)]);
  tick(nodes, 12);
  expect(told.events).toEqual([]);
  tick(nodes, 1);
  tick(nodes, 60);
  expect(told.events).toEqual(['silent node-1 1']);
  nodes.saw([recordOf(bodyOf(1), 80n * SECOND_NS), recordOf(bodyOf(2), 80n * SECOND_NS)]);
  expect(told.events.slice(1)).toEqual([`back node-1 ${SECOND_NS}`]);
  tick(nodes, 13);
  expect(told.events.length).toBe(3);
});

test('who sends heartbeats seldom may be silent for longer', () => {
  const { nodes, told } = registry();
  nodes.saw([recordOf(heartbeat(SECOND_NS, { intervalMs: 60_000 }), SECOND_NS)]);
  tick(nodes, 143);
  expect(told.events).toEqual([]);
  tick(nodes, 3);
  expect(told.events).toEqual(['silent node-1 1']);
});

test('a collector that stood still for a while blames nobody', () => {
  const { nodes, told } = registry();
  nodes.saw([recordOf(heartbeat(SECOND_NS), SECOND_NS)]);
  nodes.tick(3_600_000);
  expect(told.events).toEqual([]);
});

test('an agent that has only connected is not yet missed, and the collector itself is no node', () => {
  const { nodes, told } = registry();
  nodes.open('new', 'host', '1')();
  nodes.saw([recordOf(bodyOf(1), SECOND_NS, OWN_AGENT_ID)]);
  tick(nodes, 30);
  expect(told.events).toEqual([]);
  expect(nodes.all().map(({ state }) => state.agentId)).toEqual(['new']);
});

test('keeps what heartbeats and gaps told, also over a restart', () => {
  const { store } = openStore(join(bench.folder(), 'c.db'));
  bench.onEnd(() => store.close());
  const nodes = new NodeRegistry(store.catalog);
  const last = 2n ** 62n;
  nodes.open('node-1', 'host-1', '1.1');
  nodes.saw([
    recordOf(heartbeat(SECOND_NS, { produced: 2n ** 63n, lost: 7n }), last),
    recordOf(gap('ring-full', 5n), last),
    recordOf(gap('pool-full', 50n), last),
    recordOf(gap('ring-full', 6n), last),
  ]);
  nodes.sawWrong('node-1', 'hole');
  nodes.save();
  const [before] = nodes.all();
  const [after] = new NodeRegistry(store.catalog).all();
  expect(after?.state).toEqual(before?.state);
  expect([before?.streams, after?.streams]).toEqual([1, 0]);
  expect(after?.state).toMatchObject({
    hostname: 'host-1',
    version: '1.2',
    bootId: 'boot-7',
    produced: 2n ** 63n,
    lost: 7n,
    records: 4,
    holes: 1,
    lastSeenNs: last,
    losses: [
      { stage: 'kernel', cause: 'ring-full', count: 11n, gaps: 2 },
      { stage: 'kernel', cause: 'pool-full', count: 50n, gaps: 1 },
    ],
  });
});

test('silence that was told is not told again after a restart, and a node that is not heard then is', () => {
  const { store } = openStore(join(bench.folder(), 'c.db'));
  bench.onEnd(() => store.close());
  const before = new NodeRegistry(store.catalog, new Told());
  before.saw([recordOf(heartbeat(SECOND_NS), SECOND_NS, 'gone')]);
  tick(before, 13);
  before.saw([recordOf(heartbeat(SECOND_NS), SECOND_NS, 'here')]);
  before.save();
  const told = new Told();
  const after = new NodeRegistry(store.catalog, told);
  tick(after, 13);
  expect(told.events.map((event) => event.split(' ').slice(0, 2).join(' '))).toEqual(['silent here']);
});

test('the skew of a clock is told by the heartbeats that were fastest', () => {
  const { nodes } = registry();
  const skew = () => nodes.all()[0]?.state.skewNs;
  // One lay in the spool for an hour, the others took 3 ms and 1 ms; the clock is 5 s ahead.
  for (const [storedS, delayNs] of [
    [4000n, 3600n * SECOND_NS],
    [4005n, 3_000_000n],
    [4010n, 1_000_000n],
  ] as const) {
    const storedNs = storedS * SECOND_NS;
    nodes.saw([recordOf(heartbeat(storedNs - delayNs + 5n * SECOND_NS), storedNs)]);
  }
  expect(skew()).toBe(5n * SECOND_NS - 1_000_000n);
});

test('nodes that nothing came from for long are forgotten, unless they are connected', () => {
  const { nodes } = registry();
  nodes.saw([recordOf(bodyOf(1), SECOND_NS, 'old'), recordOf(bodyOf(1), SECOND_NS, 'connected')]);
  nodes.saw([recordOf(bodyOf(1), 9n * SECOND_NS, 'new')]);
  nodes.open('connected');
  nodes.forget(5n * SECOND_NS);
  expect(nodes.all().map(({ state }) => state.agentId)).toEqual(['connected', 'new']);
});
