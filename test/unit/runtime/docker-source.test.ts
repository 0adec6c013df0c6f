import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createDockerSource } from '../../../agent/runtime/docker-source.ts';
import { Bench } from '../support/delivery.ts';

const ID = 'c'.repeat(64);
const IMAGE_ID = 'a'.repeat(64);

const ANSWER = {
  Id: ID,
  Name: '/web',
  Image: `sha256:${IMAGE_ID}`,
  Config: {
    Image: 'nginx:1.25',
    User: 'www-data',
    Labels: { team: 'shop' },
    Healthcheck: { Test: ['CMD', 'curl', '-f', 'http://localhost'] },
  },
  HostConfig: { Privileged: true, PidMode: 'host', NetworkMode: 'bridge', IpcMode: 'private', CapAdd: ['CAP_NET_RAW'] },
  NetworkSettings: { IPAddress: '', Networks: { front: { IPAddress: '172.18.0.2' } } },
  Mounts: [{ Source: '/srv', Destination: '/data', Mode: 'z', RW: true, Propagation: 'rprivate' }],
};

const bench = new Bench();
afterEach(() => bench.end());

async function sourceOf(listener: RequestListener) {
  const socket = join(bench.folder(), 'docker.sock');
  const server = createServer(listener).listen(socket);
  await once(server, 'listening');
  bench.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const source = createDockerSource({ socket, onCut: () => {} });
  return {
    source,
    ask: (signal = AbortSignal.timeout(10_000)) => source.describe({ fullId: ID, type: 'docker', pid: 1 }, signal),
  };
}

const answering = (status: number, body: string) =>
  sourceOf((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });

test('tells what the daemon says of a container', async () => {
  const paths: (string | undefined)[] = [];
  const { ask } = await sourceOf((request, response) => {
    paths.push(request.url);
    response.end(JSON.stringify(ANSWER));
  });
  expect(await ask()).toEqual({
    name: 'web',
    image: 'nginx:1.25',
    imageId: IMAGE_ID,
    imageRepository: 'nginx',
    imageTag: '1.25',
    imageDigest: '',
    privileged: true,
    hostPid: true,
    hostNetwork: false,
    hostIpc: false,
    ip: '172.18.0.2',
    labels: new Map([['team', 'shop']]),
    mounts: [{ source: '/srv', destination: '/data', mode: 'z', writable: true, propagation: 'rprivate' }],
    user: 'www-data',
    capabilities: ['CAP_NET_RAW'],
    healthcheck: 'CMD curl -f http://localhost',
  });
  expect(paths).toEqual([`/containers/${ID}/json`]);
});

test('does not know what the daemon does not know', async () => {
  const { ask } = await answering(404, '{"message":"No such container"}');
  expect(await ask()).toBe(undefined);
});

test.each([
  ['an error', 500, '{"message":"x"}', 'HTTP status 500'],
  ['garbage', 200, '<html>', 'not about the container'],
  ['another container', 200, JSON.stringify({ ...ANSWER, Id: 'f'.repeat(64) }), 'not about the container'],
  ['a list', 200, '[]', 'not about the container'],
])('gives an error for %s', async (_, status, body, message) => {
  const { ask } = await answering(status, body);
  await expect(ask()).rejects.toThrow(message);
});

test('reads no more than 4 MiB of an answer without end', async () => {
  let ended = false;
  const { ask } = await sourceOf((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more).on('close', () => {
      ended = true;
    });
    more();
  });
  await expect(ask()).rejects.toThrow('the answer is longer than 4194304 bytes');
  await expect.poll(() => ended).toBe(true);
});

test('gives up when it is told to', async () => {
  const { ask } = await sourceOf(() => {});
  await expect(ask(AbortSignal.timeout(20))).rejects.toThrow();
});

test('is not there when its socket is not', async () => {
  const folder = bench.folder();
  expect(createDockerSource({ socket: join(folder, 'none.sock'), onCut: () => {} }).isThere()).toBe(false);
});
