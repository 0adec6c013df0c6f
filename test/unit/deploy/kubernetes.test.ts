import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../../agent/config/load.ts';
import { parseEndpoint } from '../../../agent/lib/endpoint.ts';

const folder = fileURLToPath(new URL('../../../deploy/kubernetes', import.meta.url));

/** A manifest, as far as these tests look into it. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds; what is not there fails the test that looks for it.
  readonly spec?: any;
  readonly data?: Readonly<Record<string, string>>;
}

const manifests: readonly Manifest[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) => {
      expect([name, document.errors]).toEqual([name, []]);
      return document.toJS() as Manifest;
    }),
  );

function manifest(kind: string, name: string): Manifest {
  const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

function configOf(name: string) {
  const path = 'atalaya.yaml';
  const result = loadConfig({ file: { path, text: manifest('ConfigMap', name).data?.[path] ?? '' } });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

const portOf = (address: string): number => {
  const endpoint = parseEndpoint(address);
  return endpoint.kind === 'tcp' ? endpoint.port : -1;
};

const workloads = [
  ['DaemonSet', 'atalaya-agent'],
  ['Deployment', 'atalaya-collector'],
] as const;

function podOf(kind: string, name: string) {
  const { template, selector } = manifest(kind, name).spec;
  const [container] = template.spec.containers;
  return { spec: template.spec, container, labels: template.metadata.labels, selector };
}

/** What has no namespace. */
const CLUSTER_WIDE = ['ClusterRole', 'ClusterRoleBinding'];

test('everything is in the namespace, which comes first', () => {
  expect(manifests[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'atalaya' } });
  const others = manifests.slice(1);
  expect(others.map(({ metadata }) => metadata.namespace)).toEqual(
    others.map(({ kind }) => (CLUSTER_WIDE.includes(kind) ? undefined : 'atalaya')),
  );
});

test('the agent may read pods and what manages them, and nothing else', () => {
  const role = manifest('ClusterRole', 'atalaya-agent') as Manifest & { readonly rules: unknown };
  expect(role.rules).toEqual([
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] },
  ]);
  expect(manifest('ClusterRoleBinding', 'atalaya-agent')).toMatchObject({
    roleRef: { kind: 'ClusterRole', name: 'atalaya-agent' },
    subjects: [{ kind: 'ServiceAccount', name: 'atalaya-agent', namespace: 'atalaya' }],
  });
  expect(podOf('DaemonSet', 'atalaya-agent').spec.serviceAccountName).toBe('atalaya-agent');
  expect(podOf('Deployment', 'atalaya-collector').spec.serviceAccountName).toBeUndefined();
  expect(configOf('atalaya-agent').containers.host_root).toBe('/proc/1/root');
});

test('the agent has these four capabilities and no other privilege', () => {
  const { spec, container } = podOf('DaemonSet', 'atalaya-agent');
  expect(container.securityContext).toMatchObject({
    privileged: false,
    runAsUser: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON', 'SYS_PTRACE', 'DAC_READ_SEARCH'] },
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(spec.hostPID).toBe(true);
  expect([spec.hostNetwork, spec.hostIPC]).toEqual([undefined, undefined]);
});

test('the collector is an ordinary user without capabilities', () => {
  const { spec, container } = podOf('Deployment', 'atalaya-collector');
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
  expect(spec.hostPID).toBeUndefined();
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test.each(workloads)('%s %s: token, probes, resources, selector', (kind, name) => {
  const { spec, container, labels, selector } = podOf(kind, name);
  expect(spec.containers).toHaveLength(1);
  expect(spec.automountServiceAccountToken).toBe(false);
  expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' });
  expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' });
  expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'http' });
  expect(container.resources.requests).toMatchObject({ cpu: expect.any(String), memory: expect.any(String) });
  expect(container.resources.limits.memory).toEqual(expect.any(String));
  expect(labels).toMatchObject(selector.matchLabels);
});

test.each(workloads)('%s %s: the configuration passes the check, and its files and ports are there', (kind, name) => {
  const { spec, container } = podOf(kind, name);
  const config = configOf(name);
  const side = kind === 'Deployment' ? config.server : config.collector;
  const mounts: { name: string; mountPath: string; readOnly?: boolean }[] = container.volumeMounts;
  const at = (path: string) => mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
  expect(at(container.args.at(-1))?.name).toBe('config');
  expect(Object.values(side.tls).map((path) => at(path)?.name)).toEqual(['tls', 'tls', 'tls']);
  expect(at(config.data)).toEqual({ name: kind === 'Deployment' ? 'data' : 'spool', mountPath: config.data });
  expect(mounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath)).toEqual([config.data]);
  expect(mounts.map((mount) => mount.name).sort()).toEqual(
    spec.volumes.map((volume: { name: string }) => volume.name).sort(),
  );
  const ports = Object.fromEntries(
    container.ports.map((port: { name: string; containerPort: number }) => [port.name, port.containerPort]),
  );
  expect(ports).toEqual(
    kind === 'Deployment'
      ? { grpc: portOf(config.server.listen), http: portOf(config.server.http) }
      : { http: portOf(config.http) },
  );
});

test('plain text leaves no node', () => {
  expect([configOf('atalaya-agent').collector.insecure, configOf('atalaya-collector').server.insecure]).toEqual([
    false,
    false,
  ]);
  expect(configOf('atalaya-collector').server.http_open).toBe(false);
});

test("agents reach the collector by its service's name and port", () => {
  const service = manifest('Service', 'atalaya-collector');
  const { labels } = podOf('Deployment', 'atalaya-collector');
  const ports = service.spec.ports.map(({ port, targetPort }: { port: number; targetPort: string }) => [
    targetPort,
    port,
  ]);
  expect(configOf('atalaya-agent').collector.address).toBe(
    `atalaya-collector.atalaya.svc:${Object.fromEntries(ports).grpc}`,
  );
  // The certificate must be of the name that agents ask for.
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  expect(readme).toContain('certs certificates --collector atalaya-collector.atalaya.svc\n');
  expect(labels).toMatchObject(service.spec.selector);
  expect(manifest('NetworkPolicy', 'atalaya-collector').spec.podSelector.matchLabels).toEqual(service.spec.selector);
});

test('images have the version of the program', () => {
  const { version } = parse(readFileSync(join(folder, '../../package.json'), 'utf8'));
  for (const [kind, name] of workloads) expect(podOf(kind, name).container.image).toBe(`atalaya:${version}`);
});
