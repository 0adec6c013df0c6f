import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { liveTest as test } from '../kernel/support/live.ts';
import { ClusterServer, podObject } from '../unit/kubernetes/support/cluster.ts';
import { Bench, until } from '../unit/support/delivery.ts';
import { Containerd, IMAGE } from './support/containerd.ts';
import { makeImageArchive, makeRoot } from './support/image.ts';
import { type AlertLine, Program } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** What the issue of an alert says of its container, in the alert or in what followed it. */
interface Known {
  readonly 'container.id': unknown;
  readonly 'container.name': unknown;
  readonly 'container.image.repository': unknown;
  readonly 'k8s.pod.name': unknown;
  readonly 'k8s.ns.name': unknown;
  readonly 'k8s.pod.label[app]': unknown;
}

async function startContainerd(): Promise<Containerd> {
  const containerd = new Containerd(bench.folder());
  bench.onEnd(() => containerd.end());
  return containerd.start();
}

/** An agent that raises an alert at every exec in a container whose arguments have the mark. */
async function startAgent(containers: object, more = '', kubernetes: object = {}): Promise<Program> {
  const folder = bench.folder();
  writeFileSync(
    join(folder, 'rules.yaml'),
    `- rule: Marked
  desc: d
  condition: evt.type = execve and proc.args contains "mark-" and container.id != host
  output: x %container.id %container.name %container.image.repository %k8s.pod.name %k8s.ns.name %k8s.pod.label[app] %proc.args %user.name
  priority: NOTICE
${more}`,
  );
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify({ containers, kubernetes }));
  const words = ['run', '--config', join(folder, 'config.yaml'), '--rules', join(folder, 'rules.yaml')];
  const agent = new Program([...words, '--data', join(folder, 'data'), '--http', 'none']);
  bench.onEnd(() => agent.end());
  await agent.logged('ready');
  return agent;
}

/** The alerts whose arguments end so, with the fields that followed. */
function alertsOf(agent: Program, args: string, rule = 'Marked'): (AlertLine & { readonly known: Known })[] {
  return agent.alerts
    .filter((alert) => alert.rule === rule && String(alert.output_fields['proc.args']).endsWith(args))
    .map((alert) => {
      const followed = agent.amendments.filter(({ uuid }) => uuid === alert.uuid).map((line) => line.amended_fields);
      return { ...alert, known: Object.assign({}, alert.output_fields, ...followed) as Known };
    });
}

test('the first exec in a container of a pod says its container, and image and pod follow', async () => {
  const containerd = await startContainerd();
  const agent = await startAgent({ sockets: [`cri:${containerd.socket}`] });
  const pod = await containerd.runPod({ name: 'web-0', namespace: 'shop', uid: 'u1', labels: { app: 'web' } });
  for (let number = 0; number < 5; number++) {
    const id = await containerd.create(pod, { name: `app-${number}`, command: ['/bin/echo', `mark-${number}`] });
    await containerd.startContainer(id);
    const isKnown = () => alertsOf(agent, `mark-${number}`)[0]?.known['k8s.pod.name'] === 'web-0';
    await until(isKnown, `all of container ${number}`);
    expect(alertsOf(agent, `mark-${number}`)).toMatchObject([
      {
        output_fields: { 'container.id': id.slice(0, 12) },
        known: {
          'container.name': `app-${number}`,
          'container.image.repository': IMAGE.split(':')[0],
          'k8s.ns.name': 'shop',
        },
      },
    ]);
  }
});

test('rules that ask for image, pod or privileges of a container that just began are decided with them', async () => {
  const containerd = await startContainerd();
  const rule = (name: string, condition: string): string =>
    `- rule: ${name}\n  desc: d\n  condition: evt.type = execve and proc.args contains "mark-" and ${condition}\n` +
    `  output: "%proc.args"\n  priority: NOTICE\n`;
  const agent = await startAgent(
    { sockets: [`cri:${containerd.socket}`] },
    rule('Image', `container.image.repository = ${IMAGE.split(':')[0]}`) +
      rule('Other image', `container.id != host and not container.image.repository endswith shop/web`) +
      rule('Privileged', 'container.privileged = true') +
      rule('Pod', 'k8s.ns.name = shop and k8s.pod.label[app] = web and container.mount.dest[/etc] = /host/etc'),
  );
  const pod = await containerd.runPod({ name: 'web-0', namespace: 'shop', uid: 'u1', labels: { app: 'web' } });
  const plain = await containerd.create(pod, { name: 'plain', command: ['/bin/echo', 'mark-plain'] });
  const strong = await containerd.create(pod, {
    name: 'strong',
    command: ['/bin/echo', 'mark-strong'],
    privileged: true,
    mounts: [{ hostPath: '/etc', containerPath: '/host/etc', readonly: true }],
  });
  await containerd.startContainer(plain);
  await containerd.startContainer(strong);
  const rules = (args: string) =>
    agent.alerts.flatMap(({ rule: name, output_fields }) => (output_fields['proc.args'] === args ? [name] : [])).sort();
  await until(() => rules('mark-plain').length >= 2 && rules('mark-strong').length >= 4, 'all alerts');
  expect([rules('mark-plain'), rules('mark-strong')]).toEqual([
    ['Image', 'Marked'],
    ['Image', 'Marked', 'Pod', 'Privileged'],
  ]);
});

test('a runtime that hangs costs no alert: its bundle is read, and what only the runtime knows follows when it answers', async () => {
  const containerd = await startContainerd();
  const pod = await containerd.runPod({ name: 'web-0', namespace: 'shop', uid: 'u1', labels: { app: 'web' } });
  const id = await containerd.create(pod, { name: 'app', command: ['/bin/sleep', '1000'] });
  await containerd.startContainer(id);
  containerd.signal('SIGSTOP');
  const agent = await startAgent({ sockets: [`cri:${containerd.socket}`] });
  execFileSync('runc', ['--root', '/run/containerd/runc/k8s.io', 'exec', id, '/bin/echo', 'mark-hang']);
  const alert = () => alertsOf(agent, 'mark-hang')[0];
  await until(() => alert()?.known['k8s.pod.name'] === 'web-0', 'the bundle is told');
  expect(alert()?.output_fields).toMatchObject({ 'container.id': id.slice(0, 12) });
  await until(
    () => agent.log.some(({ source }) => source === `cri:${containerd.socket}`),
    'the log says that it hangs',
  );
  expect(agent.amendments.some(({ amended_fields: fields }) => 'k8s.pod.label[app]' in fields)).toBe(false);
  containerd.signal('SIGCONT');
  await until(() => alertsOf(agent, 'mark-hang')[0]?.known['k8s.pod.label[app]'] === 'web', 'the runtime is told');
  expect(agent.log.filter(({ source }) => source === `cri:${containerd.socket}`).map(({ msg }) => msg)).toEqual([
    'the container runtime does not answer; what it knows is missing',
    'the container runtime answers again',
  ]);
});

test('what only the cluster knows of the pod is told with what the runtime knows', async () => {
  const folder = bench.folder();
  const cluster = await new ClusterServer(folder).start();
  bench.onEnd(() => cluster.stop());
  const kubeconfig = join(folder, 'kubeconfig');
  const server = { server: cluster.address, 'certificate-authority': join(folder, 'ca.crt') };
  const config = {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'agent' } }],
    clusters: [{ name: 'test', cluster: server }],
    users: [{ name: 'agent', user: { token: 'token-1' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const containerd = await startContainerd();
  const asked = '%k8s.pod.service_account %k8s.workload.kind %k8s.workload.name %k8s.cluster.name %k8s.pod.owners';
  const rule = `- rule: Cluster\n  desc: d\n  condition: evt.type = execve and proc.args contains "mark-"\n  output: x %proc.args ${asked}\n  priority: NOTICE\n`;
  const sockets = [`cri:${containerd.socket}`];
  const agent = await startAgent({ sockets }, rule, { kubeconfig, node: 'node-1', cluster: 'test-cluster' });
  await agent.logged('the pods of this node are watched');
  const pod = await containerd.runPod({
    name: 'web-5d9c7b8f6-u7',
    namespace: 'shop',
    uid: 'u7',
    labels: { app: 'web' },
  });
  const id = await containerd.create(pod, { name: 'app', command: ['/bin/echo', 'mark-cluster'] });
  cluster.send('ADDED', podObject('u7', 101, { containerId: id }));
  await containerd.startContainer(id);
  const known = () => alertsOf(agent, 'mark-cluster', 'Cluster')[0]?.known as Record<string, unknown> | undefined;
  await until(() => known()?.['k8s.workload.name'] === 'web', 'all of the pod');
  expect(known()).toMatchObject({
    'k8s.pod.service_account': 'shop-web',
    'k8s.workload.kind': 'Deployment',
    'k8s.pod.owners': 'ReplicaSet/web-5d9c7b8f6,Deployment/web',
    'k8s.cluster.name': 'test-cluster',
  });
});

/** Runs a bundle with runc to its end. */
async function runBundle(bundle: string, root: string, id: string, args: readonly string[]): Promise<void> {
  mkdirSync(bundle);
  execFileSync('runc', ['spec', '--bundle', bundle]);
  const spec = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  spec.process.terminal = false;
  spec.process.args = args;
  spec.process.user = { uid: 1000, gid: 3000 };
  spec.process.rlimits = [];
  spec.root = { path: root, readonly: true };
  spec.hostname = 'box';
  spec.annotations = { 'org.opencontainers.image.ref.name': 'registry.test/box:2' };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
  const child = spawn('runc', ['--root', join(bundle, 'state'), 'run', '--bundle', bundle, id], { stdio: 'pipe' });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`runc: ${said}`);
}

test("without any runtime that answers the bundle tells, and users have their container's names", async () => {
  const folder = bench.folder();
  const bundles = join(folder, 'bundles');
  mkdirSync(bundles);
  const root = makeRoot(folder);
  const agent = await startAgent({ sockets: [`cri:${folder}/none.sock`], bundles: [bundles] });
  const id = randomBytes(32).toString('hex');
  await runBundle(join(bundles, id), root, id, ['/bin/sh', '-c', 'sleep 2; : mark-bundle']);
  await until(() => alertsOf(agent, 'mark-bundle')[0]?.known['container.name'] === 'box', 'the bundle is told');
  expect(alertsOf(agent, 'mark-bundle')[0]?.known).toMatchObject({
    'container.id': id.slice(0, 12),
    'container.image.repository': 'registry.test/box',
    'k8s.pod.name': null,
    'user.name': 'captain',
  });
});

test("podman's API tells of its containers", async () => {
  const folder = bench.folder();
  const conf = join(folder, 'containers.conf');
  writeFileSync(
    conf,
    '[containers]\ndefault_ulimits = ["nofile=1024:20000", "nproc=4096:4096"]\nnetns = "host"\n' +
      '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\n',
  );
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')];
  const env = { ...process.env, CONTAINERS_CONF: conf };
  const podman = (...words: string[]): string =>
    execFileSync('podman', [...storage, ...words], { env, encoding: 'utf8' });
  const archive = makeImageArchive(folder, makeRoot(folder), ['registry.test/pod:3'], []);
  podman('load', '--input', archive);
  const socket = join(folder, 'podman.sock');
  const service = spawn('podman', [...storage, 'system', 'service', '--time=0', `unix://${socket}`], { env });
  bench.onEnd(async () => {
    service.kill();
    await new Promise((resolve) => service.on('close', resolve));
    podman('rm', '--all', '--force');
    // Layers are mounted below; what is left would keep the folder from being removed.
    podman('system', 'reset', '--force');
  });
  await until(() => existsSync(socket), 'podman listens', 30_000);
  const agent = await startAgent({ sockets: [`docker:${socket}`] });
  const words = ['--name', 'pod-test', '--label', 'team=shop', 'registry.test/pod:3', '/bin/echo', 'mark-podman'];
  podman('run', '--network', 'none', ...words);
  await until(() => alertsOf(agent, 'mark-podman')[0]?.known['container.name'] === 'pod-test', 'podman tells');
  expect(alertsOf(agent, 'mark-podman')[0]?.known).toMatchObject({
    'container.image.repository': 'registry.test/pod',
    'k8s.pod.name': null,
  });
});
