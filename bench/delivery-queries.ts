import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type CollectorConnection, connect } from '../collector/client/client.ts';
import { startCollector } from '../collector/main.ts';
import { toMatch } from '../collector/store/search-text.ts';
import { openStore, type Store } from '../collector/store/store.ts';
import { decodeHead } from '../proto/head.ts';
import { makeAlert, NODES, Run } from './support/alerts.ts';
import { atMost, type Figure } from './support/table.ts';

const DAYS = 7;
const DAY_NS = 86_400_000_000_000n;
const BATCH = 1000;
const ROUNDS = 15;
const INDEX_MS = 3_600_000;
/** What was promised. */
const NEWEST_MS = 50;
const TEXT_MS = 300;
const HEAT_MS = 300;

/** Questions to a collector in which alerts of seven days are stored, asked over gRPC one after another. */
export async function benchQueries(folder: string, count: number): Promise<Figure[]> {
  mkdirSync(folder, { recursive: true });
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const filling = await fill(join(folder, 'collector.db'), count, nowNs);
  const collector = await startCollector({ dataDir: folder, listen: '127.0.0.1:0', version: 'bench' });
  const connection = connect({ address: collector.address });
  try {
    return [...filling, ...(await ask(connection, nowNs))];
  } finally {
    connection.close();
    await collector.stop();
  }
}

/** Stores the alerts, seven days ago to now, and waits until all can be searched. */
async function fill(path: string, count: number, nowNs: bigint): Promise<Figure[]> {
  const { store } = openStore(path);
  const runs = Array.from({ length: NODES }, (_, node) => new Run(`node-${node}`, 1n));
  const stepNs = (BigInt(DAYS) * DAY_NS) / BigInt(count);
  let spentMs = 0;
  for (let first = 0; first < count; first += BATCH) {
    const storedNs = nowNs - BigInt(count - first) * stepNs;
    const columns = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => {
      const number = first + index;
      const body = runs[number % NODES]?.next(makeAlert(number, storedNs - BigInt(number % 1000) * 1_000_000n));
      if (body === undefined) throw new Error('there is no such node');
      return { ...decodeHead(body), storedNs, body };
    });
    const beganMs = performance.now();
    store.append(columns, []);
    spentMs += performance.now() - beganMs;
    // Others have their turn, as they have between the transactions of a collector.
    if (first % (BATCH * 10) === 0) await wait(0);
  }
  const behind = await waitForIndex(store);
  const bytes = store.bytes();
  await store.close();
  return [
    { name: `storing, of ${count} alerts`, value: `${((spentMs * 1000) / count).toFixed(1)} us each` },
    {
      name: 'size of the store',
      value: `${(bytes / count / 1024).toFixed(2)} KiB each`,
      note: `indices complete ${behind} s later`,
    },
  ];
}

/** Every day's index is complete when its share of a word that is in all of them is found. */
async function waitForIndex(store: Store): Promise<string> {
  const beganMs = performance.now();
  const complete = () =>
    store.unindexed() === 0 && store.partitions().every(({ firstId }) => isIndexed(store, firstId));
  for (const endMs = Date.now() + INDEX_MS; !complete(); await wait(200)) {
    if (Date.now() > endMs) throw new Error('the indices were not complete in time');
  }
  return ((performance.now() - beganMs) / 1000).toFixed(0);
}

/** The last alert of the partition that ends before an id, and the first of that id, are found by word. */
function isIndexed(store: Store, firstId: number): boolean {
  const last = firstId === store.tail() + 1 ? store.head() : firstId - 1;
  return [firstId, last].every((id) => store.search(toMatch('user'), id + 1, 1).records[0]?.id === id);
}

async function ask(connection: CollectorConnection, nowNs: bigint): Promise<Figure[]> {
  const weekNs = nowNs - BigInt(DAYS) * DAY_NS;
  const newest = await time(async () => {
    const page = await connection.query({ namespaces: ['namespace-3'], priority: 'Error', limit: 100 });
    if (page.results.length !== 100) throw new Error('there are not a hundred');
  });
  const rare = await time(async () => {
    const page = await connection.query({ text: 'container=namespace-3-55', limit: 100 });
    if (page.results.length === 0) throw new Error('nothing is found');
  });
  const common = await time(async () => {
    const page = await connection.query({ text: 'shadow', limit: 100 });
    if (page.results.length !== 100) throw new Error('there are not a hundred');
  });
  const prefix = await time(async () => {
    const page = await connection.query({ text: 'kube* shad*', limit: 100 });
    if (page.results.length !== 100) throw new Error('there are not a hundred');
  });
  const heat = await time(async () => {
    const { cells } = await connection.stats({ fromNs: weekNs, by: 'namespace', bucketSeconds: 3600 });
    if (cells.length < DAYS * 24) throw new Error('cells are missing');
  });
  const minutes = await time(async () => {
    const { cells } = await connection.stats({
      fromNs: weekNs,
      by: 'namespace',
      bucketSeconds: 600,
      priority: 'Error',
    });
    if (cells.length < DAYS * 144) throw new Error('cells are missing');
  });
  return [
    atMost('newest 100 of a namespace and priority', newest, NEWEST_MS, 'ms'),
    atMost('search of words that few have', rare, TEXT_MS, 'ms'),
    atMost('search of a word that a fifth has', common, TEXT_MS, 'ms'),
    atMost('search of begins of words', prefix, TEXT_MS, 'ms'),
    atMost('heat map of 7 days by namespace and hour', heat, HEAT_MS, 'ms'),
    { name: 'heat map of 7 days by namespace and ten minutes, urgent ones', value: `${minutes.toFixed(2)} ms` },
  ];
}

/** Median of the rounds, in milliseconds; the first, which opens files, is left out. */
async function time(work: () => Promise<void>): Promise<number> {
  await work();
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const beganMs = performance.now();
    await work();
    taken.push(performance.now() - beganMs);
  }
  return taken.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}
