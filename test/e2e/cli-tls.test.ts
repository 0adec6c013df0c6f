import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import { Bench, bodyOf, until } from '../unit/support/delivery.ts';
import { Program, run } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

const SCRIPT = fileURLToPath(new URL('../../deploy/kubernetes/make-certificates.sh', import.meta.url));

/** Certificates as the manifests want them, and a collector that shows and demands them. */
async function startCollector() {
  const folder = bench.folder();
  execFileSync('bash', [SCRIPT, folder, 'localhost'], { stdio: 'pipe' });
  const file = (name: string) => join(folder, name);
  const tls = ['--tls-ca', file('ca.crt'), '--tls-cert', file('collector.crt'), '--tls-key', file('collector.key')];
  const words = ['collector', '--listen', '0.0.0.0:0', '--http', 'none', '--data', bench.folder(), ...tls];
  const program = new Program(words);
  bench.onEnd(() => program.end('SIGKILL'));
  const { grpc } = await program.logged('ready');
  return { address: `localhost:${String(grpc).split(':').at(-1)}`, file, folder };
}

test('agents and subscribers with a certificate are served; others, and other authorities, are not', async () => {
  const { address, file } = await startCollector();
  const files = { ca: file('ca.crt'), cert: file('agent.crt'), key: file('agent.key') };
  const spool = bench.spool();
  const forwarder = createForwarder({ spool, address, agentId: 'node-1', hostname: 'n', version: 'test', tls: files });
  bench.onEnd(() => forwarder.stop());
  await spool.append([bodyOf(1)]);
  await until(() => forwarder.stats().acknowledged === 1, 'the alert is acknowledged');

  const words = ['subscribe', '--address', address, '--since', 'all', '--no-follow'];
  const own = ['--tls-cert', files.cert, '--tls-key', files.key];
  const served = await run(...words, '--tls-ca', files.ca, ...own);
  expect(served).toMatchObject({ code: 0, stdout: expect.stringContaining('alert 1') });
  const refused = await Promise.all([
    run(...words, '--tls-ca', files.ca),
    run(...words, '--tls', ...own),
    run(...words, '--insecure'),
  ]);
  expect(refused.map(({ code, stdout }) => [code, stdout])).toEqual([
    [3, ''],
    [3, ''],
    [3, ''],
  ]);
});

test('running the script again renews the certificates and keeps the authority', async () => {
  const { address, file, folder } = await startCollector();
  const before = execFileSync('openssl', ['x509', '-in', file('agent.crt'), '-noout', '-serial'], { encoding: 'utf8' });
  execFileSync('bash', [SCRIPT, folder, 'localhost'], { stdio: 'pipe' });
  const after = execFileSync('openssl', ['x509', '-in', file('agent.crt'), '-noout', '-serial'], { encoding: 'utf8' });
  expect(after).not.toBe(before);
  const words = ['--tls-ca', file('ca.crt'), '--tls-cert', file('agent.crt'), '--tls-key', file('agent.key')];
  const served = await run('subscribe', '--address', address, '--since', 'all', '--no-follow', ...words);
  expect(served).toMatchObject({ code: 0, stdout: '' });
});

test('a certificate that is not there, or without its key, is named', async () => {
  const words = ['collector', '--listen', '127.0.0.1:0', '--http', 'none', '--data', bench.folder()];
  const [absent, alone] = await Promise.all([
    run(...words, '--tls-cert', '/nonexistent.crt', '--tls-key', '/nonexistent.key'),
    run(...words, '--tls-cert', '/nonexistent.crt'),
  ]);
  expect([absent.code, alone.code]).toEqual([3, 3]);
  expect(absent.stderr).toContain('/nonexistent.crt cannot be read');
  expect(alone.stderr).toContain('expected both `cert` and `key`');
});
