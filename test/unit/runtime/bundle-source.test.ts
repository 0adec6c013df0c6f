import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createBundleSource } from '../../../agent/runtime/bundle-source.ts';
import { Bench } from '../support/delivery.ts';

const ID = 'c'.repeat(64);
const SPEC = {
  ociVersion: '1.0.2',
  hostname: 'box',
  process: { user: { uid: 0, gid: 0 }, capabilities: { bounding: ['CAP_SYS_ADMIN', 'CAP_CHOWN'] } },
  linux: { namespaces: [{ type: 'mount' }, { type: 'network' }, { type: 'ipc' }] },
  mounts: [{ destination: '/host', source: '/', options: ['rbind', 'ro', 'rslave'] }],
  annotations: {
    'io.kubernetes.cri.container-name': 'app',
    'io.kubernetes.cri.image-name': 'docker.io/library/nginx:1.25',
    'io.kubernetes.cri.sandbox-id': '5'.repeat(64),
    'io.kubernetes.cri.sandbox-name': 'web-0',
    'io.kubernetes.cri.sandbox-namespace': 'shop',
    'io.kubernetes.cri.sandbox-uid': 'u1',
  },
};

const bench = new Bench();
afterEach(() => bench.end());

function sourceIn(hostRoot: string, folders: readonly string[] = []) {
  const source = createBundleSource({ hostRoot, folders, onCut: () => {} });
  return (fullId = ID) => source.describe({ fullId, type: undefined, pid: process.pid }, AbortSignal.timeout(10_000));
}

function write(folder: string, text: string = JSON.stringify(SPEC)): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), text);
}

test('tells what the specification of a bundle says, and what its annotations add', async () => {
  const root = bench.folder();
  write(join(root, 'run/containerd/io.containerd.runtime.v2.task/k8s.io', ID));
  expect(await sourceIn(root)()).toEqual({
    name: 'app',
    image: 'docker.io/library/nginx:1.25',
    imageId: '',
    imageRepository: 'docker.io/library/nginx',
    imageTag: '1.25',
    imageDigest: '',
    privileged: true,
    hostPid: true,
    hostNetwork: false,
    hostIpc: false,
    ip: '',
    labels: new Map(),
    mounts: [{ source: '/', destination: '/host', mode: 'rbind,ro', writable: false, propagation: 'rslave' }],
    user: '0:0',
    capabilities: ['CAP_SYS_ADMIN', 'CAP_CHOWN'],
    healthcheck: '',
    pod: {
      name: 'web-0',
      namespace: 'shop',
      uid: 'u1',
      sandboxId: '5'.repeat(64),
      ip: '',
      cniJson: '',
      labels: new Map(),
    },
  });
});

test.each([
  ['podman', join('run/containers/storage/overlay-containers', ID, 'userdata')],
  ['a configured folder', join('srv/bundles', ID)],
])('finds a bundle of %s', async (_, folder) => {
  const root = bench.folder();
  write(join(root, folder));
  expect(await sourceIn(root, ['/srv/bundles'])()).toMatchObject({ name: 'app' });
});

test("finds a bundle by runc's own state", async () => {
  const root = bench.folder();
  write(join(root, 'somewhere/bundle'), JSON.stringify({ ...SPEC, annotations: {} }));
  mkdirSync(join(root, 'run/runc', ID), { recursive: true });
  const state = { config: { labels: ['x=y', 'bundle=/somewhere/bundle'] } };
  writeFileSync(join(root, 'run/runc', ID, 'state.json'), JSON.stringify(state));
  const info = await sourceIn(root)();
  expect([info?.name, info?.pod]).toEqual(['box', undefined]);
});

test.each([
  ['no bundle', () => {}],
  ['no specification', (folder: string) => write(folder, '{"hostname":"box"}')],
  ['garbage', (folder: string) => write(folder, '{')],
  ['5 MB of blanks', (folder: string) => write(folder, JSON.stringify(SPEC) + ' '.repeat(5_000_000))],
  [
    'a FIFO',
    (folder: string) => {
      mkdirSync(folder, { recursive: true });
      execFileSync('mkfifo', [join(folder, 'config.json')]);
    },
  ],
  [
    'a link to a specification',
    (folder: string) => {
      write(`${folder}-other`);
      mkdirSync(folder, { recursive: true });
      symlinkSync(join(`${folder}-other`, 'config.json'), join(folder, 'config.json'));
    },
  ],
])('knows nothing where there is %s', async (_, make) => {
  const root = bench.folder();
  make(join(root, 'bundles', ID));
  expect(await sourceIn(root, ['/bundles'])()).toBe(undefined);
});

test('does not let an id lead out of a folder', async () => {
  const root = bench.folder();
  write(join(root, 'secret'));
  mkdirSync(join(root, 'bundles'));
  const ask = sourceIn(root, ['/bundles']);
  expect([await ask('../secret'), await ask('..'), await ask('.')]).toEqual([undefined, undefined, undefined]);
});
