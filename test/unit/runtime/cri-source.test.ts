import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCriSource } from '../../../agent/runtime/cri-source.ts';
import type { ContainerSource } from '../../../agent/runtime/source.ts';
import { Bench } from '../support/delivery.ts';
import { CriServer, type Known } from './support/cri-server.ts';

const ID = 'c'.repeat(64);
const SANDBOX = '5'.repeat(64);
const IMAGE_ID = 'a'.repeat(64);
const DIGEST = `sha256:${'d'.repeat(64)}`;

const SPEC = {
  ociVersion: '1.0.2',
  process: { user: { uid: 1000, gid: 3000 }, capabilities: { bounding: ['CAP_CHOWN', 'CAP_KILL'] } },
  linux: { maskedPaths: ['/proc/kcore'], namespaces: [{ type: 'pid' }, { type: 'mount' }] },
};

const KNOWN: Known = {
  containers: {
    [ID]: {
      status: {
        id: ID,
        metadata: { name: 'app', attempt: 0 },
        image: { image: 'registry.example:5000/shop/web:1.25' },
        imageRef: `registry.example:5000/shop/web@${DIGEST}`,
        labels: { 'io.kubernetes.pod.name': 'web-0', 'io.kubernetes.container.name': 'app' },
        mounts: [
          { hostPath: '/var/lib/kubelet/pods/u1/etc-hosts', containerPath: '/etc/hosts', readonly: false },
          { hostPath: '/', containerPath: '/host', readonly: true, propagation: 1 },
        ],
      },
      info: {
        info: JSON.stringify({
          sandboxID: SANDBOX,
          pid: 4711,
          config: { image: { image: `sha256:${IMAGE_ID}` }, linux: { security_context: { privileged: true } } },
          runtimeSpec: SPEC,
        }),
      },
    },
  },
  sandboxes: {
    [SANDBOX]: {
      status: {
        id: SANDBOX,
        metadata: { name: 'web-0', namespace: 'shop', uid: 'u1', attempt: 0 },
        network: { ip: '10.244.77.2' },
        linux: { namespaces: { options: { network: 0, pid: 1, ipc: 2 } } },
        labels: { app: 'web', 'io.kubernetes.pod.name': 'web-0' },
      },
      info: { info: JSON.stringify({ image: 'registry.k8s.io/pause:3.9', cniResult: { Interfaces: { eth0: {} } } }) },
    },
  },
};

const bench = new Bench();
let server: CriServer;
let source: ContainerSource;
let cuts = 0;

beforeEach(async () => {
  cuts = 0;
  const socket = join(bench.folder(), 'cri.sock');
  server = await new CriServer(socket, KNOWN).start();
  source = createCriSource({ socket, onCut: () => cuts++ });
  bench.onEnd(() => server.stop());
  bench.onEnd(() => source.close());
});
afterEach(() => bench.end());

const describeIt = (fullId = ID) =>
  source.describe({ fullId, type: 'containerd', pid: 1 }, AbortSignal.timeout(10_000));

test('tells all that runtime, specification and sandbox say of a container', async () => {
  expect(await describeIt()).toEqual({
    name: 'app',
    image: 'registry.example:5000/shop/web:1.25',
    imageId: IMAGE_ID,
    imageRepository: 'registry.example:5000/shop/web',
    imageTag: '1.25',
    imageDigest: DIGEST,
    privileged: true,
    hostPid: false,
    hostNetwork: false,
    hostIpc: true,
    ip: '10.244.77.2',
    labels: new Map([
      ['io.kubernetes.pod.name', 'web-0'],
      ['io.kubernetes.container.name', 'app'],
    ]),
    mounts: [
      {
        source: '/var/lib/kubelet/pods/u1/etc-hosts',
        destination: '/etc/hosts',
        mode: 'rw',
        writable: true,
        propagation: 'private',
      },
      { source: '/', destination: '/host', mode: 'ro', writable: false, propagation: 'rslave' },
    ],
    user: '1000:3000',
    capabilities: ['CAP_CHOWN', 'CAP_KILL'],
    healthcheck: '',
    pod: {
      name: 'web-0',
      namespace: 'shop',
      uid: 'u1',
      sandboxId: SANDBOX,
      ip: '10.244.77.2',
      cniJson: '{"Interfaces":{"eth0":{}}}',
      labels: new Map([
        ['app', 'web'],
        ['io.kubernetes.pod.name', 'web-0'],
      ]),
    },
  });
});

test('knows the sandbox itself as the container that it is', async () => {
  expect(await describeIt(SANDBOX)).toMatchObject({
    name: 'web-0',
    image: 'registry.k8s.io/pause:3.9',
    imageTag: '3.9',
    pod: { namespace: 'shop', uid: 'u1', sandboxId: SANDBOX },
  });
});

test('finds the sandbox in the list when the status does not name it', async () => {
  const one = KNOWN.containers?.[ID];
  server.known = {
    ...KNOWN,
    containers: { [ID]: { ...one, info: {} } },
    list: { containers: [{ id: ID, podSandboxId: SANDBOX }] },
  };
  expect(await describeIt()).toMatchObject({ name: 'app', pod: { name: 'web-0', uid: 'u1' }, user: '' });
});

test('does not know an id that the runtime does not know, nor one that no runtime makes', async () => {
  expect(await describeIt('e'.repeat(64))).toBe(undefined);
  const { calls } = server;
  expect(await describeIt('../../etc/passwd')).toBe(undefined);
  expect(server.calls).toBe(calls);
});

test('keeps the beginning of a label of 256 kB', async () => {
  const one = KNOWN.containers?.[ID];
  const labels = { long: 'x'.repeat(256 * 1024), short: 'y' };
  server.known = { ...KNOWN, containers: { [ID]: { ...one, status: { ...one?.status, labels } } } };
  const info = await describeIt();
  expect([info?.labels.get('long')?.length, info?.labels.get('short'), cuts]).toEqual([4096, 'y', 1]);
});

test('keeps a bounded part of 10,000 labels and 10,000 mounts', async () => {
  const one = KNOWN.containers?.[ID];
  const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`label-${i}`, 'value']));
  const mounts = Array.from({ length: 10_000 }, (_, i) => ({ hostPath: `/source/${i}`, containerPath: `/to/${i}` }));
  server.known = { ...KNOWN, containers: { [ID]: { ...one, status: { ...one?.status, labels, mounts } } } };
  const info = await describeIt();
  expect([info?.labels.size, info?.mounts.length, cuts]).toEqual([256, 256, 2]);
});

describe('gives an error and no container when the runtime', () => {
  test('hangs', async () => {
    server.mood = 'hangs';
    const abort = new AbortController();
    const answer = source.describe({ fullId: ID, type: undefined, pid: 1 }, abort.signal);
    abort.abort(new Error('too late'));
    await expect(answer).rejects.toThrow('too late');
  });

  test('answers with 100 MB', async () => {
    const one = KNOWN.containers?.[ID];
    server.known = { ...KNOWN, containers: { [ID]: { ...one, info: { info: 'x'.repeat(100_000_000) } } } };
    await expect(describeIt()).rejects.toThrow(/RESOURCE_EXHAUSTED/);
  });

  test('answers with another container', async () => {
    const one = KNOWN.containers?.[ID];
    server.known = { ...KNOWN, containers: { [ID]: { ...one, status: { ...one?.status, id: SANDBOX } } } };
    await expect(describeIt()).rejects.toThrow('the runtime answered with another container');
  });

  test('goes away', async () => {
    await describeIt();
    server.stop();
    await expect(describeIt()).rejects.toThrow(/UNAVAILABLE/);
  });

  test('fails inside', async () => {
    server.mood = { status: status.INTERNAL };
    await expect(describeIt()).rejects.toThrow(/INTERNAL/);
  });
});

test('is no runtime any more when the socket speaks another interface', async () => {
  server.mood = { status: status.UNIMPLEMENTED };
  expect([source.isThere(), await describeIt(), source.isThere()]).toEqual([true, undefined, false]);
});

test('takes texts for what they are that are no JSON', async () => {
  const one = KNOWN.containers?.[ID];
  server.known = { ...KNOWN, containers: { [ID]: { ...one, info: { info: '{"runtimeSpec": [' } } }, list: {} };
  expect(await describeIt()).toMatchObject({ name: 'app', user: '', privileged: false, pod: { name: 'web-0' } });
});
