import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { EnvelopeBody, Heartbeat } from '../../../agent/events/alert.ts';
import { createForwarder } from '../../../agent/outputs/forwarder.ts';
import {
  type CollectorConnection,
  connect,
  type SubscribeOptions,
  subscribe,
} from '../../../collector/client/client.ts';
import type { CollectorNotice, CollectorOptions } from '../../../collector/main.ts';
import { alertOf, Bench, bodyOf, numberOf, range, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

const uuidOf = (number: number) => alertOf(number).uuid;

/** Alerts of two namespaces in turn, and one of none. */
const ALERTS: readonly EnvelopeBody[] = range(0, 7).map((number) =>
  bodyOf(number, {
    context: number === 6 ? {} : { 'k8s.ns.name': number % 2 === 0 ? 'shop' : 'bank' },
    priority: number % 3 === 0 ? 'Critical' : 'Notice',
    rule: `Rule ${number % 3}`,
  }),
);

interface Started {
  readonly address: string;
  readonly connection: CollectorConnection;
  readonly notices: CollectorNotice[];
  send(bodies: readonly EnvelopeBody[]): Promise<void>;
  stop(): Promise<void>;
}

async function start(options: Partial<CollectorOptions> = {}, token?: string): Promise<Started> {
  const notices: CollectorNotice[] = [];
  const collector = await bench.collector({ onNotice: (notice) => notices.push(notice), ...options });
  const { address } = collector;
  const connection = connectTo(address, token);
  const spool = bench.spool();
  let sent = 0;
  const send = async (bodies: readonly EnvelopeBody[]) => {
    const agent = { agentId: 'node-1', hostname: 'host-1', version: '1.0' };
    const forwarder = createForwarder({ spool, address, ...agent });
    await spool.append([...bodies]);
    sent = bodies.length;
    await until(() => forwarder.stats().acknowledged === sent, 'all is stored');
    await forwarder.stop();
  };
  return { address, connection, notices, send, stop: () => collector.stop() };
}

function connectTo(address: string, token?: string): CollectorConnection {
  const connection = connect({ address, ...(token === undefined ? {} : { token }) });
  bench.onEnd(() => connection.close());
  return connection;
}

async function numbersOf(page: ReturnType<CollectorConnection['query']>): Promise<number[]> {
  return (await page).results.map(({ envelope }) =>
    envelope.body.type === 'alert' ? numberOf(envelope.body.alert) : -1,
  );
}

/** Reads until all that was stored has come. */
async function readStored(options: SubscribeOptions): Promise<number[]> {
  const numbers: number[] = [];
  for await (const item of subscribe(options)) {
    if (item.type === 'record' && item.envelope.body.type === 'alert') numbers.push(numberOf(item.envelope.body.alert));
    if (item.type === 'progress' && item.live) break;
  }
  return numbers;
}

test('queries choose by namespace, rule, priority, text and identity, page by page', async () => {
  const { connection, send } = await start();
  await send(ALERTS);
  expect(await numbersOf(connection.query())).toEqual([6, 5, 4, 3, 2, 1, 0]);
  expect(await numbersOf(connection.query({ namespaces: ['shop'] }))).toEqual([4, 2, 0]);
  expect(await numbersOf(connection.query({ namespaces: ['shop', 'bank'], priority: 'Critical' }))).toEqual([3, 0]);
  expect(await numbersOf(connection.query({ rules: ['Rule 1'], nodes: ['node-1'] }))).toEqual([4, 1]);
  expect(await numbersOf(connection.query({ uuid: uuidOf(5) }))).toEqual([5]);
  expect(await numbersOf(connection.query({ uuid: 'none' }))).toEqual([]);
  const first = await connection.query({ limit: 3 });
  expect(await numbersOf(connection.query({ limit: 10, pageToken: first.nextPageToken ?? '' }))).toEqual([3, 2, 1, 0]);
  let text = await connection.query({ text: 'alert 4' });
  while (text.unindexed > 0) text = await connection.query({ text: 'alert 4' });
  expect(text.results.map(({ envelope }) => envelope.sequence)).toEqual([5]);
});

test.each([
  ['a filter that does not compile', { filters: ['proc.nme = x'] }, 'E_FILTER', /column 1: .*proc\.name/],
  ['a text without words', { text: '***' }, 'E_FILTER', /letter or digit/],
  ['a page token of nobody', { pageToken: 'x' }, 'E_CURSOR', /page token/],
])('%s is refused by name', async (_, options, code, message) => {
  const { connection } = await start();
  const refused = connection.query(options);
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  await expect(refused).rejects.toMatchObject({ cause: { code: 3 } });
});

test('stats count by time and dimension, and tell what took how long', async () => {
  const { connection, send } = await start();
  await send(ALERTS);
  const { timeNs } = alertOf(0);
  const minute = timeNs - (timeNs % 60_000_000_000n);
  const range_ = { fromNs: minute, toNs: minute + 60_000_000_000n };
  const stats = await connection.stats({ ...range_, by: 'namespace', bucketSeconds: 60 });
  expect(stats.cells).toEqual([
    { bucketNs: minute, key: '', count: 1 },
    { bucketNs: minute, key: 'bank', count: 3 },
    { bucketNs: minute, key: 'shop', count: 3 },
  ]);
  expect(stats).toMatchObject({ alerts: 7, records: 7, subscribers: 0, statuses: {} });
  const critical = await connection.stats({ ...range_, by: 'priority', priority: 'Critical' });
  expect(critical.cells).toEqual([{ bucketNs: minute, key: 'Critical', count: 3 }]);
  const today = await connection.stats({ fromNs: 1n });
  expect(today.detect.count).toBe(7);
  await expect(connection.stats({ bucketSeconds: 61 })).rejects.toMatchObject({ code: 'E_REQUEST' });
  await expect(connection.stats({ bucketSeconds: 60, fromNs: 1n })).rejects.toMatchObject({ code: 'E_REQUEST' });
});

test('what is said of an alert is added, holds from then on, and is stored in place for subscribers', async () => {
  const { address, connection, send } = await start();
  await send(ALERTS);
  const say = (action: Parameters<CollectorConnection['triage']>[0]['action'], more = {}) =>
    connection.triage({ uuids: [uuidOf(0)], action, author: 'ana', ...more });
  await say('acknowledge');
  await say('assign', { assignee: 'ben' });
  await say('note', { note: 'seen <b>before</b>\n' });
  const [state] = await say('false-positive', { note: 'backup job' });
  expect(state).toMatchObject({ status: 'false-positive', assignee: 'ben' });
  expect(state?.entries.map(({ author, action, note }) => [author, action, note])).toEqual([
    ['ana', 'acknowledge', ''],
    ['ana', 'assign', ''],
    ['ana', 'note', 'seen <b>before</b>\n'],
    ['ana', 'false-positive', 'backup job'],
  ]);
  const page = await connection.query({ withTriage: true, statuses: ['false-positive'] });
  expect(page.results.map(({ triage }) => triage)).toEqual([state]);
  expect(await numbersOf(connection.query({ statuses: ['open'], limit: 3 }))).toEqual([6, 5, 4]);
  const { respond, statuses } = await connection.stats({ fromNs: 1n });
  expect([respond.count, statuses]).toEqual([1, { 'false-positive': 1 }]);
  const listener = bench.listen({ address, sinceNs: 0n, allKinds: true });
  await until(() => listener.live, 'all has come');
  expect(listener.items.filter((item) => item.type === 'record' && item.envelope.body.type === 'triage').length).toBe(
    4,
  );
});

test.each([
  ['an alert that is not stored', { uuids: [uuidOf(0), uuidOf(99)] }, 'E_NOT_FOUND'],
  ['no alert', { uuids: [] }, 'E_REQUEST'],
  ['an alert twice', { uuids: [uuidOf(0), uuidOf(0)] }, 'E_REQUEST'],
  ['nobody', { author: '' }, 'E_REQUEST'],
  ['an empty note', { action: 'note' as const }, 'E_REQUEST'],
  ['a note too long', { note: 'x'.repeat(10_001) }, 'E_REQUEST'],
])('triage of %s is refused, and nothing is added', async (_, change, code) => {
  const { connection, send } = await start();
  await send(ALERTS.slice(0, 1));
  const request = { uuids: [uuidOf(0)], action: 'acknowledge' as const, author: 'ana', ...change };
  await expect(connection.triage(request)).rejects.toMatchObject({ code });
  expect((await connection.query({ withTriage: true })).results[0]?.triage).toBeUndefined();
});

test('nodes are listed with what their heartbeats told; silence raises an alert in place, and the return another', async () => {
  const { connection, send, address } = await start();
  const heartbeat: Heartbeat = {
    ...{ timeNs: BigInt(Date.now()) * 1_000_000n, version: '1.0', ruleSetDigest: 'd', hookPlan: 'syscall' },
    ...{ kinds: ['execve'], produced: 10n, lost: 1n, intervalMs: 1000 },
  };
  await send([{ type: 'heartbeat', heartbeat }]);
  const [agent] = await connection.agents();
  expect(agent).toMatchObject({ agentId: 'node-1', hostname: 'host-1', version: '1.0', produced: 10n, silent: false });
  expect(Math.abs(Number(agent?.clockSkewNs))).toBeLessThan(20e9);
  expect(await connection.agents(['other'])).toEqual([]);
  const listener = bench.listen({ address, nodes: ['host-1'] });
  await until(() => listener.alerts.length === 1, 'the alert of the silence', 19_000);
  expect(listener.alerts[0]).toMatchObject({ rule: 'Node fell silent', priority: 'Critical', hostname: 'host-1' });
  await send([bodyOf(1, { hostname: 'host-1' })]);
  await until(() => listener.alerts.length === 3, 'the alert of the return');
  expect(listener.alerts.map(({ rule }) => rule).sort()).toEqual([
    'Node fell silent',
    'Node is back',
    'Shell in a container',
  ]);
  expect((await connection.agents())[0]).toMatchObject({ silent: false, records: 2 });
}, 30_000);

test('a named subscription goes on behind what was acknowledged, also after a restart; the rest comes again', async () => {
  const dataDir = bench.folder();
  const first = await start({ dataDir });
  await first.send(ALERTS);
  const seen: number[] = [];
  for await (const item of subscribe({ address: first.address, name: 'siem', sinceNs: 0n })) {
    if (item.type !== 'record' || item.envelope.body.type !== 'alert') continue;
    seen.push(numberOf(item.envelope.body.alert));
    // The last one was not dealt with: its loop did not come round again.
    if (seen.length === 4) break;
  }
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(await first.connection.subscriptions()).toMatchObject([{ name: 'siem', behind: 4, connected: false }]);
  await first.stop();
  const second = await start({ dataDir });
  expect(await readStored({ address: second.address, name: 'siem', sinceNs: 0n })).toEqual([3, 4, 5, 6]);
  await second.connection.unsubscribe('siem');
  expect(await second.connection.subscriptions()).toEqual([]);
  await expect(second.connection.unsubscribe('siem')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  await expect(second.connection.acknowledge('siem', 'x')).rejects.toMatchObject({ code: 'E_CURSOR' });
});

test('a named subscription has one stream: the earlier one ends', async () => {
  const { address } = await start();
  const one = bench.listen({ address, name: 'siem' });
  await until(() => one.live, 'the first is live');
  const other = bench.listen({ address, name: 'siem' });
  await until(() => one.error !== undefined, 'the first ends');
  expect(one.error).toMatchObject({ message: expect.stringContaining('another stream of this name has begun') });
  await until(() => other.live, 'the second is live');
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function clientsFile(text: string): string {
  const path = join(bench.folder(), 'clients.yaml');
  writeFileSync(path, text);
  return path;
}

const CLIENTS = `clients:
  - { name: all, token_sha256: ${sha256('all-token')}, operations: [subscribe, query, agents, stats, triage] }
  - { name: shop, token_sha256: ${sha256('shop-token')}, namespaces: [shop], operations: [subscribe, query, stats, triage] }
  - { name: counter, token_sha256: ${sha256('counter-token')}, operations: [stats] }
  - { name: old, token_sha256: ${sha256('old-token')}, expires: 2020-01-01T00:00:00Z }
`;

/** A collector that knows its clients, filled before it did. */
async function startKnown() {
  const gap = { stage: 'kernel', cause: 'ring-full', count: 3n, fromNs: 1n, toNs: 2n } as const;
  const file = clientsFile(CLIENTS);
  const { address, send } = await start({ clients: file });
  await send([...ALERTS, { type: 'gap', gap }]);
  return { address, file, as: (token?: string) => connectTo(address, token) };
}

test('a client that is not known, or no longer, is told so', async () => {
  const { as, address } = await startKnown();
  for (const token of [undefined, 'wrong', 'old-token']) {
    const refused = as(token).query();
    await expect(refused).rejects.toMatchObject({ code: 'E_UNKNOWN_CLIENT', cause: { code: 16 } });
    const listener = bench.listen({ address, ...(token === undefined ? {} : { token }) });
    await until(() => listener.error !== undefined, 'the subscription is refused');
    expect(listener.error).toMatchObject({ code: 'E_UNKNOWN_CLIENT' });
  }
});

test('a client may do what its operations are, and nothing else', async () => {
  const { as } = await startKnown();
  const counter = as('counter-token');
  expect((await counter.stats({ fromNs: 1n })).alerts).toBe(7);
  for (const refused of [counter.query(), counter.agents(), counter.subscriptions()]) {
    await expect(refused).rejects.toMatchObject({ code: 'E_NOT_ALLOWED', cause: { code: 7 } });
  }
});

test('a client of one namespace sees, counts and judges nothing of others', async () => {
  const { as, address } = await startKnown();
  const shop = as('shop-token');
  expect(await numbersOf(shop.query())).toEqual([4, 2, 0]);
  expect(await numbersOf(shop.query({ namespaces: ['bank'] }))).toEqual([]);
  expect(await numbersOf(shop.query({ uuid: uuidOf(1) }))).toEqual([]);
  expect((await shop.stats({ fromNs: 1n, by: 'namespace' })).cells.map(({ key }) => key)).toEqual(['shop']);
  expect((await shop.stats({ fromNs: 1n, namespaces: ['bank'] })).alerts).toBe(0);
  const judge = (number: number) => shop.triage({ uuids: [uuidOf(number)], action: 'acknowledge', author: '' });
  await expect(judge(1)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  expect((await judge(2))[0]?.entries).toMatchObject([{ author: 'shop', client: 'shop' }]);
  const listener = bench.listen({ address, token: 'shop-token', sinceNs: 0n, allKinds: true });
  await until(() => listener.live, 'all has come');
  expect(listener.numbers).toEqual([0, 2, 4]);
  const kinds = listener.items.flatMap((item) => (item.type === 'record' ? [item.envelope.body.type] : []));
  expect(kinds).toEqual(['alert', 'alert', 'alert', 'gap']);
});

test('names of subscriptions belong to their client', async () => {
  const { as, address } = await startKnown();
  const listener = bench.listen({ address, token: 'shop-token', name: 'mine' });
  await until(() => listener.live, 'live');
  expect(await as('all-token').subscriptions()).toEqual([]);
  await expect(as('all-token').unsubscribe('mine')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  expect((await as('shop-token').subscriptions()).map(({ name }) => name)).toEqual(['mine']);
});

test('a token that is taken away ends the streams that it opened', async () => {
  const { address, file } = await startKnown();
  const listener = bench.listen({ address, token: 'shop-token' });
  await until(() => listener.live, 'live');
  writeFileSync(file, CLIENTS.replace(/.*name: shop.*\n/, ''));
  await until(() => listener.error !== undefined, 'the stream ends');
  expect(listener.error).toMatchObject({ code: 'E_UNKNOWN_CLIENT' });
});

test.each([
  ['no list', 'clients: 5', ':1:1: expected `clients:` with a list'],
  ['no YAML', 'clients: [', ':1:11: '],
  ['an unknown key', 'clients:\n  - { name: a, tokn: b }', ":2:16: unknown key 'tokn'; expected one of name, "],
  [
    'an unknown operation',
    'clients:\n  - { name: a, certificate: b, operations: [read] }',
    ":2:45: operations: 'read'; expected one of subscribe, ",
  ],
  [
    'a time that is none',
    'clients:\n  - { name: a, certificate: b, expires: soon }',
    ":2:41: expires: 'soon'; expected a time",
  ],
  [
    'a token in clear',
    'clients:\n  - { name: a, token_sha256: secret }',
    ":2:30: token_sha256: 'secret'; expected 64 hexadecimal",
  ],
  ['neither token nor certificate', 'clients:\n  - { name: a }', ':2:5: client a: expected either'],
  [
    'twins',
    'clients:\n  - { name: a, certificate: b }\n  - { name: c, certificate: b }',
    ': two clients have the certificate b',
  ],
])("a clients' file with %s is refused by line and column", async (_, text, message) => {
  const file = clientsFile(text);
  await expect(start({ clients: file })).rejects.toMatchObject({
    code: 'E_CONFIG',
    message: expect.stringContaining(`${file}${message}`),
  });
});

test("a clients' file that is spoilt while in use is told, and clients stay as they were", async () => {
  const dataDir = bench.folder();
  const file = clientsFile(CLIENTS);
  const { address, notices } = await start({ dataDir, clients: file });
  const connection = connectTo(address, 'all-token');
  await connection.agents();
  writeFileSync(file, 'clients: nonsense');
  const told = () => notices.some(({ kind }) => kind === 'clients-wrong');
  await until(() => {
    void connection.agents();
    return told();
  }, 'it is told');
  expect(await connection.agents()).toEqual([]);
});
