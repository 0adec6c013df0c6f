import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApiClient } from '../../../agent/kubernetes/api-client.ts';
import { type PodWatch, type PodWatchOptions, watchPods } from '../../../agent/kubernetes/pod-watch.ts';
import { Bench, until } from '../support/delivery.ts';
import { ClusterServer, podObject, status } from './support/cluster.ts';

const bench = new Bench();
let server: ClusterServer;
beforeEach(async () => {
  server = await new ClusterServer(bench.folder()).start();
  bench.onEnd(() => server.stop());
});
afterEach(() => bench.end());

const LIST = '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&limit=500';
const watchFrom = (version: number) =>
  `/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=300&fieldSelector=spec.nodeName%3Dnode-1&resourceVersion=${version}`;

function watch(more: Partial<PodWatchOptions> = {}) {
  const told: string[] = [];
  const notices: string[] = [];
  const client = createApiClient(server.access);
  const made: PodWatch = watchPods({
    client,
    node: 'node-1',
    onPod: ({ pod }) => told.push(`${pod.uid} ${pod.labels.get('app') ?? ''}`),
    onGone: (uid) => told.push(`${uid} gone`),
    onNotice: (notice) => notices.push(notice.kind === 'failing' ? `failing: ${notice.reason}` : notice.kind),
    random: () => 0.5,
    backoffMs: [5, 20],
    spreadMs: 10,
    ...more,
  });
  bench.onEnd(async () => {
    await made.stop();
    client.close();
  });
  return { told, notices, watch: made };
}

test('lists the pods of the node page by page, then hears of changes', async () => {
  server.pods = [podObject('a', 1), podObject('b', 2), podObject('c', 3)];
  const { told, watch: watching, notices } = watch();
  await until(() => server.watching === 1, 'the watch is open');
  expect(told).toEqual(['a web', 'b web', 'c web']);
  expect(server.requests).toEqual([LIST, `${LIST}&continue=2`, watchFrom(100)]);
  expect(server.authorizations).toEqual(new Set(['Bearer token-1']));
  server.send('ADDED', podObject('d', 101));
  server.send('MODIFIED', podObject('a', 102, { labels: { app: 'other' } }));
  server.send('DELETED', podObject('b', 103));
  await until(() => told.length === 6, 'the changes');
  expect(told.slice(3)).toEqual(['d web', 'a other', 'b gone']);
  expect(watching.stats()).toEqual({ pods: 3, lists: 1, watches: 1, events: 3, failures: 0, malformed: 0 });
  expect(notices).toEqual(['watching']);
});

test('goes on after a dropped connection where it was, by the last bookmark too', async () => {
  server.pods = [podObject('a', 1)];
  const { watch: watching } = watch();
  await until(() => server.watching === 1, 'the watch is open');
  server.send('ADDED', podObject('b', 110));
  server.send('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '150' } });
  await until(() => watching.stats().events === 2, 'both are heard');
  server.drop();
  await until(() => server.requests.length === 3 && server.watching === 1, 'another watch');
  expect(server.requests).toEqual([LIST, watchFrom(100), watchFrom(150)]);
  expect(watching.stats()).toMatchObject({ pods: 2, lists: 1, failures: 0 });
});

describe('lists anew, and hears what is gone, when the server does not know the version any more:', () => {
  test.each([
    [
      'as the answer to a watch',
      () => {
        server.mischief = ({ url }, response) =>
          url?.includes('resourceVersion=100') === true && status(response, 410, 'too old resource version');
        server.drop();
      },
    ],
    ['as an event', () => server.send('ERROR', { kind: 'Status', code: 410, message: 'too old resource version' })],
  ])('%s', async (_, tell) => {
    server.pods = [podObject('a', 1), podObject('b', 2)];
    const { told, watch: watching, notices } = watch();
    await until(() => server.watching === 1, 'the watch is open');
    server.pods = [podObject('b', 2), podObject('c', 3)];
    server.version = 200;
    tell();
    await until(() => server.requests.includes(watchFrom(200)), 'a watch from the new version');
    expect(told).toEqual(['a web', 'b web', 'b web', 'c web', 'a gone']);
    expect(watching.stats()).toMatchObject({ pods: 2, lists: 2, failures: 0 });
    expect(notices).toEqual(['watching']);
  });
});

test.each([
  [401, 'Unauthorized'],
  [403, 'pods is forbidden'],
  [500, 'etcdserver: request timed out'],
])('an answer of %i is told once, and the agent goes on trying', async (code, message) => {
  server.mischief = (_, response) => status(response, code, message);
  server.pods = [podObject('a', 1)];
  const { notices, watch: watching, told } = watch();
  await until(() => watching.stats().failures >= 3, 'three failures');
  server.mischief = () => false;
  await until(() => told.length === 1, 'the pod');
  expect(notices).toEqual([`failing: HTTP status ${code}: ${message}`, 'watching']);
});

test.each([
  ['garbage', '<html>'],
  ['another object', '{"kind":"Pod"}'],
  ['nothing', ''],
])('a list that is %s is a failure', async (_, body) => {
  server.mischief = (__, response) => {
    response.end(body);
    return true;
  };
  const { watch: watching, told } = watch();
  await until(() => watching.stats().failures >= 2, 'two failures');
  expect(told).toEqual([]);
});

test('what is no event is counted and left out', async () => {
  const { told, watch: watching } = watch();
  await until(() => server.watching === 1, 'the watch is open');
  server.sendRaw('{"type":\n[]\n{"type":"ADDED","object":{"metadata":{}}}\n\n');
  server.send('ADDED', podObject('a', 101));
  await until(() => told.length === 1, 'the pod');
  expect(watching.stats()).toMatchObject({ events: 1, malformed: 4 });
});

test('events that come in pieces are put together, and a line without end is given up', async () => {
  const { told, watch: watching, notices } = watch();
  await until(() => server.watching === 1, 'the watch is open');
  const line = `${JSON.stringify({ type: 'ADDED', object: podObject('a', 101, { labels: { app: 'ü' } }) })}\n`;
  const bytes = Buffer.from(line);
  const middle = bytes.indexOf(0xc3) + 1;
  server.sendRaw(bytes.subarray(0, middle).toString('latin1'));
  expect(told).toEqual([]);
  server.drop();
  await until(() => server.watching === 1, 'another watch');
  server.sendRaw(line);
  await until(() => told.length === 1, 'the pod');
  expect(told).toEqual(['a \xc3\xbc']);
  server.sendRaw('x'.repeat(5_000_000));
  await until(() => watching.stats().failures === 1, 'the line is given up');
  expect(notices).toContain('failing: a line is longer than 4194304 bytes');
});

test('a watch on which nothing comes is begun again', async () => {
  const { watch: watching } = watch({ quietMs: 30 });
  await until(() => watching.stats().watches >= 3, 'three watches');
  expect(watching.stats()).toMatchObject({ lists: 1, failures: 0 });
});

test('a server that is slow is waited for, and an end does not wait for it', async () => {
  server.mischief = () => true;
  const { watch: watching } = watch();
  await until(() => server.requests.length === 1, 'the question');
  await watching.stop();
  expect(watching.stats()).toMatchObject({ lists: 1, watches: 0, pods: 0 });
});

test('a server with another certificate is not believed', async () => {
  const other = await new ClusterServer(bench.folder()).start();
  bench.onEnd(() => other.stop());
  const client = createApiClient({ ...server.access, server: other.address });
  bench.onEnd(() => client.close());
  await expect(client.get('/api/v1/pods', AbortSignal.timeout(10_000))).rejects.toThrow(/certificate/);
  expect(other.requests).toEqual([]);
});
