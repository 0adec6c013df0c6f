import { expect, test } from 'vitest';
import type { ContainerIdentity } from '../../../agent/events/process.ts';
import { PENDING } from '../../../agent/fields/field.ts';
import { HOST } from '../../../agent/state/container-id.ts';
import { infoOf } from '../support/container-info.ts';
import { createPipeline } from '../support/context.ts';

const FULL_ID = 'c'.repeat(64);
const SANDBOX = '5'.repeat(64);
const INFO = infoOf({
  name: 'app',
  image: 'docker.io/library/nginx:1.25',
  imageRepository: 'docker.io/library/nginx',
  imageTag: '1.25',
  privileged: true,
  ip: '10.0.0.2',
  labels: new Map([
    ['team', 'shop'],
    ['tier', 'front'],
  ]),
  mounts: [
    { source: '/srv/data', destination: '/data', mode: 'rw', writable: true, propagation: 'private' },
    { source: '/', destination: '/host', mode: 'ro', writable: false, propagation: 'rslave' },
  ],
  pod: {
    name: 'web-0',
    namespace: 'shop',
    uid: 'u1',
    sandboxId: SANDBOX,
    ip: '10.0.0.2',
    cniJson: '{"eth0":{}}',
    labels: new Map([['app', 'web']]),
  },
});

function at(container: ContainerIdentity | undefined) {
  const pipeline = createPipeline({ container: () => container });
  pipeline.feed('open', { tid: 100, pid: 100 });
  return pipeline;
}

const identity = (more: Partial<ContainerIdentity>): ContainerIdentity => ({
  id: FULL_ID.slice(0, 12),
  fullId: FULL_ID,
  type: 'containerd',
  cgroupPath: '/x',
  ...more,
});

const NAMES = ['container.id', 'container.name', 'container.image.repository', 'k8s.pod.name', 'container.privileged'];

test.each([
  ['the host', HOST, ['host', 'host', '', undefined, false]],
  ['a cgroup whose path is not known', undefined, [PENDING, PENDING, PENDING, PENDING, PENDING]],
  [
    'a container that is asked for',
    identity({ isPending: true }),
    ['cccccccccccc', PENDING, PENDING, PENDING, PENDING],
  ],
  [
    'a container that nobody knows',
    identity({ isPending: false }),
    ['cccccccccccc', undefined, undefined, undefined, undefined],
  ],
  ['a known container', identity({ info: INFO }), ['cccccccccccc', 'app', 'docker.io/library/nginx', 'web-0', true]],
])('in %s', (_, container, values) => {
  expect(at(container).fields(...NAMES)).toEqual(values);
});

test.each([
  ['container.mount', 0, '/srv/data:/data:rw:true:private'],
  ['container.mount', '/srv/*', '/srv/data:/data:rw:true:private'],
  ['container.mount', 5, undefined],
  ['container.mount.dest', '/', '/host'],
  ['container.mount.source', '/data', '/srv/data'],
  ['container.mount.mode', '/', 'ro'],
  ['container.mount.rdwr', '/', 'false'],
  ['container.mount.propagation', 1, 'rslave'],
  ['container.label', 'team', 'shop'],
  ['container.label', 'none', undefined],
  ['k8s.pod.label', 'app', 'web'],
])('%s[%s] is %s', (name, argument, value) => {
  expect(at(identity({ info: INFO })).field(name, argument)).toBe(value);
});

test('lists are one text, ids are short and whole', () => {
  expect(
    at(identity({ info: INFO })).fields(
      'container.labels',
      'container.mounts',
      'k8s.pod.labels',
      'k8s.pod.sandbox_id',
      'k8s.pod.full_sandbox_id',
      'k8s.ns.name',
      'k8s.pod.uid',
      'k8s.pod.id',
      'k8s.pod.ip',
      'container.cni.json',
    ),
  ).toEqual([
    'team:shop,tier:front',
    '/srv/data:/data:rw:true:private,/:/host:ro:false:rslave',
    'app:web',
    SANDBOX.slice(0, 12),
    SANDBOX,
    'shop',
    'u1',
    'u1',
    '10.0.0.2',
    '{"eth0":{}}',
  ]);
});

test("a pod is told by its container's labels where no sandbox is known", () => {
  const labels = new Map([
    ['io.kubernetes.pod.name', 'web-0'],
    ['io.kubernetes.pod.namespace', 'shop'],
    ['io.kubernetes.pod.uid', 'u1'],
  ]);
  expect(at(identity({ info: infoOf({ labels }) })).fields('k8s.pod.name', 'k8s.ns.name', 'k8s.pod.uid')).toEqual([
    'web-0',
    'shop',
    'u1',
  ]);
});

test('outside of pods there is none', () => {
  expect(at(identity({ info: infoOf() })).fields('k8s.pod.name', 'k8s.ns.name', 'k8s.pod.ip')).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
