import { afterEach, expect, test } from 'vitest';
import { createApiClient } from '../../../agent/kubernetes/api-client.ts';
import { readPod } from '../../../agent/kubernetes/pod-facts.ts';
import { createPods } from '../../../agent/kubernetes/pods.ts';
import { infoOf } from '../support/container-info.ts';
import { Bench, until } from '../support/delivery.ts';
import { ClusterServer, podObject, status } from './support/cluster.ts';

const bench = new Bench();
afterEach(() => bench.end());

const factsOf = (...given: Parameters<typeof podObject>) => {
  const facts = readPod(podObject(...given));
  if (facts === undefined) throw new Error('no pod');
  return facts;
};
const ID = 'a'.padEnd(64, 'c');

async function start() {
  const server = await new ClusterServer(bench.folder()).start();
  const client = createApiClient(server.access);
  bench.onEnd(() => server.stop());
  bench.onEnd(() => client.close());
  const changes: (readonly string[])[] = [];
  const pods = createPods({ client, onChange: (ids) => changes.push(ids) });
  return { server, pods, changes };
}

test('a container is joined to its pod by id, with service account, node, probes and all that manages it', async () => {
  const { pods, changes, server } = await start();
  pods.put(factsOf('a', 1));
  await until(() => changes.length === 2, 'the owners');
  const info = infoOf({ name: 'app', image: 'nginx:1.25' });
  expect(pods.enrich(ID, info)).toEqual({
    ...info,
    livenessProbe: 'cat /tmp/healthy',
    readinessProbe: '',
    pod: {
      name: 'web-5d9c7b8f6-a',
      namespace: 'shop',
      uid: 'a',
      sandboxId: '',
      ip: '10.244.1.5',
      cniJson: '',
      labels: new Map([
        ['app', 'web'],
        ['pod-template-hash', '5d9c7b8f6'],
      ]),
      serviceAccount: 'shop-web',
      node: 'node-1',
      owners: [
        { kind: 'ReplicaSet', name: 'web-5d9c7b8f6' },
        { kind: 'Deployment', name: 'web' },
      ],
    },
  });
  expect(changes).toEqual([[ID], [ID]]);
  pods.put(factsOf('b', 2));
  await until(() => changes.length === 4, 'the owners of the second');
  expect(server.requests).toEqual(['/apis/apps/v1/namespaces/shop/replicasets/web-5d9c7b8f6?']);
});

test('by the uid that the runtime tells before the cluster knows the container', async () => {
  const { pods } = await start();
  pods.put(factsOf('a', 1));
  const labels = new Map([['io.kubernetes.pod.uid', 'a']]);
  expect(pods.enrich('f'.repeat(64), infoOf({ labels })).pod?.serviceAccount).toBe('shop-web');
  expect(pods.enrich('f'.repeat(64), infoOf())).toEqual(infoOf());
});

test('who may not ask for controllers knows the first one', async () => {
  const { pods, changes, server } = await start();
  server.mischief = (_, response) => status(response, 403, 'replicasets is forbidden');
  pods.put(factsOf('a', 1));
  await until(() => changes.length === 2, 'an answer');
  expect(pods.enrich(ID, infoOf()).pod?.owners).toEqual([{ kind: 'ReplicaSet', name: 'web-5d9c7b8f6' }]);
});

test('a pod that is gone is known for a while, and not for ever', async () => {
  const { pods } = await start();
  pods.put(factsOf('a', 1));
  pods.remove('a');
  expect(pods.enrich(ID, infoOf()).pod?.uid).toBe('a');
  for (let number = 0; number < 64; number++) pods.remove(`other-${number}`);
  expect(pods.enrich(ID, infoOf()).pod).toBe(undefined);
});

test('a label of 256 kB and 10,000 labels are cut', () => {
  const labels = {
    long: 'x'.repeat(256 * 1024),
    ...Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, ''])),
  };
  const pod = readPod(podObject('a', 1, { labels }))?.pod;
  expect([pod?.labels.size, pod?.labels.get('long')?.length]).toEqual([256, 1024]);
});

test.each([undefined, null, 5, [], {}, { metadata: { uid: 5, name: 'x' } }, { metadata: { uid: 'x' } }])(
  '%j is no pod',
  (value) => {
    expect(readPod(value)).toBe(undefined);
  },
);
