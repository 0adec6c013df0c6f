import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CHAIN_START, type ChainTail, link } from '../../../agent/outputs/chain.ts';
import { Committer, type Sender } from '../../../collector/ingest/committer.ts';
import { openStore, type Store } from '../../../collector/store/store.ts';
import { Bench, bodyOf, range, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** One run of an agent: makes envelopes that follow each other. */
class Run {
  private readonly owner;
  private tail: ChainTail = CHAIN_START;

  constructor(epoch: bigint, agentId = 'node-1') {
    this.owner = { agentId, bootId: 'boot-1', epoch };
  }

  make(count: number): Uint8Array[] {
    return range(0, count).map(() => {
      const { bytes, tail } = link(this.owner, this.tail, bodyOf(this.tail.sequence + 1));
      this.tail = tail;
      return bytes;
    });
  }

  /** What follows was made after another predecessor. */
  forge(): void {
    this.tail = { ...this.tail, hash: Buffer.alloc(32, 1) };
  }
}

class FakeSender implements Sender {
  readonly agentId: string;
  readonly heard: string[] = [];

  constructor(agentId = 'node-1') {
    this.agentId = agentId;
  }

  acknowledge(epoch: bigint, sequence: number): void {
    this.heard.push(`ack ${epoch}:${sequence}`);
  }

  refuse(reason: string, kind: string): void {
    this.heard.push(`refused ${reason} (${kind})`);
  }

  unavailable(reason: string): void {
    this.heard.push(`unavailable ${reason}`);
  }
}

function open(path = join(bench.folder(), 'c.db')) {
  const { store } = openStore(path);
  bench.onEnd(() => store.close());
  return store;
}

function committerOf(store: Store) {
  const stored: number[] = [];
  const states: (string | undefined)[] = [];
  const wrong: string[] = [];
  let nowNs = 1000n;
  const committer = new Committer({
    store,
    nowNs: () => (nowNs -= 1n),
    onStored: (records) => stored.push(...records.map(({ id }) => id)),
    onWrong: (agentId, what, epoch, sequence) => wrong.push(`${agentId} ${what} ${epoch}:${sequence}`),
    onState: (failing) => states.push(failing?.message),
  });
  return { committer, stored, states, wrong };
}

test('acknowledges what is on disk, once for all batches at hand', async () => {
  const { committer, stored } = committerOf(open());
  const sender = new FakeSender();
  const run = new Run(7n);
  committer.add(sender, run.make(2));
  committer.add(sender, run.make(3));
  expect(sender.heard).toEqual([]);
  await until(() => sender.heard.length > 0, 'the acknowledgement');
  expect(sender.heard).toEqual(['ack 7:5']);
  expect(stored).toEqual([1, 2, 3, 4, 5]);
});

test('what comes again is acknowledged again and stored once, also through another stream and after a restart', async () => {
  const path = join(bench.folder(), 'c.db');
  const first = open(path);
  const run = new Run(7n);
  const envelopes = run.make(4);
  const { committer } = committerOf(first);
  const senders = [new FakeSender(), new FakeSender()] as const;
  committer.add(senders[0], envelopes.slice(0, 3));
  committer.add(senders[1], envelopes);
  committer.close();
  expect(senders.map(({ heard }) => heard)).toEqual([['ack 7:3'], ['ack 7:4']]);
  expect(committer.counts).toMatchObject({ stored: 4, duplicates: 3, brokenChains: 0, holes: 0 });
  first.close();
  const again = committerOf(open(path));
  const late = new FakeSender();
  again.committer.add(late, [...envelopes, ...run.make(1)]);
  again.committer.close();
  expect(late.heard).toEqual(['ack 7:5']);
  expect(again.committer.counts).toMatchObject({ stored: 1, duplicates: 4, brokenChains: 0 });
});

test('runs and agents are apart: equal numbers of another epoch or node are new', () => {
  const { committer } = committerOf(open());
  const one = new FakeSender();
  const other = new FakeSender('node-2');
  committer.add(one, new Run(1n).make(2));
  committer.add(one, new Run(2n).make(1));
  committer.add(other, new Run(1n, 'node-2').make(3));
  committer.close();
  expect(one.heard).toEqual(['ack 1:2', 'ack 2:1']);
  expect(other.heard).toEqual(['ack 1:3']);
  expect(committer.counts.stored).toBe(6);
});

test('a hole is stored and counted; a broken chain is refused and told, and stored as evidence when it comes again', () => {
  const { committer, stored, wrong } = committerOf(open());
  const sender = new FakeSender();
  const other = new FakeSender('node-2');
  const run = new Run(1n);
  const [a, , c] = run.make(3);
  run.forge();
  const rest = run.make(2);
  const envelopes = [a, c, ...rest].filter((bytes) => bytes !== undefined);
  committer.add(sender, envelopes);
  committer.add(other, new Run(1n, 'node-2').make(1));
  committer.flush();
  expect(sender.heard).toEqual([
    'refused record 4 of this run was made after another one than is stored (altered)',
    'ack 1:3',
  ]);
  expect([stored.length, other.heard]).toEqual([3, ['ack 1:1']]);
  const next = new FakeSender();
  committer.add(next, envelopes);
  committer.close();
  expect(next.heard).toEqual(['ack 1:5']);
  expect(committer.counts).toMatchObject({ stored: 5, holes: 1, brokenChains: 1, refused: 1, duplicates: 2 });
  expect(wrong).toEqual(['node-1 hole 1:3', 'node-1 broken-chain 1:4']);
});

test('another record under the number of the last one is refused, and the stored one stays', () => {
  const store = open();
  const { committer } = committerOf(store);
  const sender = new FakeSender();
  const run = new Run(1n);
  const [a, b] = run.make(2);
  committer.add(
    sender,
    [a, b].filter((bytes) => bytes !== undefined),
  );
  committer.flush();
  const { bytes } = link(
    { agentId: 'node-1', bootId: 'boot-1', epoch: 1n },
    { sequence: 1, hash: Buffer.alloc(32) },
    bodyOf(99),
  );
  committer.add(sender, [bytes]);
  committer.close();
  expect(sender.heard).toEqual([
    'ack 1:2',
    'refused another record is stored under the number 2 of this run (altered)',
  ]);
  expect(committer.counts).toMatchObject({ stored: 2, forged: 1, refused: 1 });
  expect(store.after(1, 1)[0]?.columns.body).toEqual(b);
});

test('the first that is seen of a run need not be its first', () => {
  const { committer } = committerOf(open());
  committer.add(new FakeSender(), new Run(1n).make(5).slice(3));
  committer.close();
  expect(committer.counts).toMatchObject({ stored: 2, holes: 0, brokenChains: 0 });
});

test.each([
  ['bytes that are no envelope', Buffer.from([0xff, 1, 2, 3])],
  ["an envelope of agent 'node-9' in the stream of 'node-1'", new Run(1n, 'node-9').make(1)[0]],
  ['an envelope without a body', Buffer.from([0x0a, 6, ...Buffer.from('node-1')])],
])('%s: refused, what came before is kept, others are not harmed', (reason, bytes) => {
  const { committer, stored } = committerOf(open());
  const sender = new FakeSender();
  const other = new FakeSender('node-2');
  committer.add(sender, [...new Run(1n).make(2), bytes ?? Buffer.alloc(0), ...new Run(3n).make(1)]);
  committer.add(other, new Run(1n, 'node-2').make(1));
  committer.close();
  expect(sender.heard).toEqual([`refused ${reason} (wrong)`, 'ack 1:2']);
  expect(other.heard).toEqual(['ack 1:1']);
  expect(stored.length).toBe(3);
  expect(committer.counts.refused).toBe(1);
});

test('when the store cannot write nothing is acknowledged, that is told once, and later it goes on', () => {
  const store = open();
  let broken = true;
  const flaky: Store = Object.assign(Object.create(store) as Store, {
    append: (...args: Parameters<Store['append']>) => {
      if (broken) throw new Error('disk full');
      return store.append(...args);
    },
  });
  const { committer, stored, states } = committerOf(flaky);
  const envelopes = new Run(1n).make(2);
  const flush = () => {
    const sender = new FakeSender();
    committer.add(sender, envelopes);
    committer.flush();
    return sender.heard;
  };
  const heard = [flush(), flush()];
  expect(heard).toEqual([['unavailable cannot store: disk full'], ['unavailable cannot store: disk full']]);
  expect(committer.failing?.message).toBe('disk full');
  broken = false;
  expect(flush()).toEqual(['ack 1:2']);
  expect(stored).toEqual([1, 2]);
  expect(states).toEqual(['disk full', undefined]);
  committer.close();
});

test('storing times never go back, though the clock does', () => {
  const store = open();
  const { committer } = committerOf(store);
  for (const epoch of [1n, 2n, 3n]) {
    committer.add(new FakeSender(), new Run(epoch).make(1));
    committer.flush();
  }
  committer.close();
  expect(store.after(0, 10).map(({ columns }) => columns.storedNs)).toEqual([999n, 999n, 999n]);
});

test('what is still on its way from a sender that was not served is not stored behind a hole', async () => {
  const store = open();
  let failing = true;
  const troubled = Object.assign(Object.create(store) as Store, {
    append: (...given: Parameters<Store['append']>) => {
      if (failing) throw new Error('the disk is full');
      return store.append(...given);
    },
  });
  const { committer, stored, wrong } = committerOf(troubled);
  const [sender, run] = [new FakeSender(), new Run(7n)];
  const [first, second, third] = [run.make(2), run.make(2), run.make(2)];
  committer.add(sender, first);
  committer.flush();
  failing = false;
  committer.add(sender, second);
  committer.flush();
  expect(sender.heard).toEqual(['unavailable cannot store: the disk is full']);
  expect(stored).toEqual([]);
  // The agent's next stream begins with what was not acknowledged.
  const next = new FakeSender();
  for (const batch of [first, second, third]) committer.add(next, batch);
  await until(() => next.heard.length > 0, 'the acknowledgement');
  expect(next.heard).toEqual(['ack 7:6']);
  expect([stored.length, committer.counts.holes, committer.counts.duplicates]).toEqual([6, 0, 0]);
  expect(wrong).toEqual([]);
});

test('nothing more is taken of a sender that was refused, in this transaction or a later one', async () => {
  const { committer, stored } = committerOf(open());
  const [sender, run] = [new FakeSender(), new Run(7n)];
  const [good, more] = [run.make(2), run.make(2)];
  committer.add(sender, [Buffer.from('garbage')]);
  committer.add(sender, good);
  committer.flush();
  committer.add(sender, more);
  committer.flush();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sender.heard).toEqual(['refused bytes that are no envelope (wrong)']);
  expect(stored).toEqual([]);
});
