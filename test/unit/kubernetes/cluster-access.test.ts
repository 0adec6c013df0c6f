import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { inClusterAccess, kubeconfigAccess } from '../../../agent/kubernetes/cluster-access.ts';
import { Bench } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

const CONFIG = `
apiVersion: v1
kind: Config
current-context: there
contexts:
- name: there
  context: {cluster: c, user: u}
clusters:
- name: c
  cluster:
    server: https://10.0.0.1:6443/
    certificate-authority-data: ${Buffer.from('CA').toString('base64')}
users:
- name: u
  user:
    client-certificate: cert.pem
    client-key-data: ${Buffer.from('KEY').toString('base64')}
    token: secret
`;

function kubeconfig(text: string): string {
  const path = join(bench.folder(), 'kubeconfig');
  writeFileSync(path, text);
  writeFileSync(join(path, '../cert.pem'), 'CERT');
  return path;
}

test('a kubeconfig tells server, certificates and token of its current context', () => {
  const { token, ...access } = kubeconfigAccess(kubeconfig(CONFIG));
  expect([access, token()]).toEqual([
    { server: 'https://10.0.0.1:6443', ca: 'CA', cert: 'CERT', key: 'KEY' },
    'secret',
  ]);
});

test.each([
  ['nothing to read', undefined, 'it cannot be read'],
  ['no context', 'a: 1', 'it has no current-context'],
  ['another context', CONFIG.replace('current-context: there', 'current-context: x'), 'contexts has no entry "x"'],
  ['another cluster', CONFIG.replace('cluster: c,', 'cluster: d,'), 'clusters has no entry "d"'],
  ['plain HTTP', CONFIG.replace('https:', 'http:'), 'the server of cluster c is not https://HOST:PORT'],
  ['no certificate', CONFIG.replace('cert.pem', 'none.pem'), 'client-certificate none.pem cannot be read'],
  ['no YAML', 'a: [', 'Flow sequence'],
])('%s is an error that names the file', (_, text, message) => {
  const path = text === undefined ? join(bench.folder(), 'none') : kubeconfig(text);
  expect(() => kubeconfigAccess(path)).toThrow(`the kubeconfig ${path} cannot be used`);
  expect(() => kubeconfigAccess(path)).toThrow(message);
});

test('in a pod the service account is used, and its token of the moment', () => {
  const folder = bench.folder();
  const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  expect(inClusterAccess(environment, folder)).toBe(undefined);
  writeFileSync(join(folder, 'token'), 'one\n');
  writeFileSync(join(folder, 'ca.crt'), 'CA');
  const access = inClusterAccess(environment, folder);
  expect([access?.server, access?.ca, access?.token()]).toEqual(['https://10.96.0.1:443', 'CA', 'one']);
  writeFileSync(join(folder, 'token'), 'two\n');
  expect(access?.token()).toBe('two');
  expect(inClusterAccess({}, folder)).toBe(undefined);
  const six = inClusterAccess({ ...environment, KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder);
  expect(six?.server).toBe('https://[fd00::1]:443');
});
