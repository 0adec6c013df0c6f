import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import { Bench, bodyOf, until } from '../unit/support/delivery.ts';
import { Program, run } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** Certificates as the manifests want them, and a collector that shows and demands them. */
async function startCollector() {
  const folder = bench.folder();
  const made = await run('certs', folder, '--collector', 'localhost', '--client', 'reader');
  expect(made).toMatchObject({ code: 0, stderr: '' });
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
  const own = ['--tls-cert', file('client-reader.crt'), '--tls-key', file('client-reader.key')];
  const served = await run(...words, '--tls-ca', files.ca, ...own);
  expect(served).toMatchObject({ code: 0, stdout: expect.stringContaining('alert 1') });
  const refused = await Promise.all([
    run(...words, '--tls-ca', files.ca),
    run(...words, '--tls', ...own),
    run(...words, '--insecure'),
    // A node's certificate is for what the node has to say, not for what others said.
    run(...words, '--tls-ca', files.ca, '--tls-cert', files.cert, '--tls-key', files.key),
  ]);
  expect(refused.map(({ code, stdout }) => [code, stdout])).toEqual([
    [3, ''],
    [3, ''],
    [3, ''],
    [3, ''],
  ]);
});

test('running the command again renews the certificates and keeps the authority', async () => {
  const { address, file, folder } = await startCollector();
  const serial = () => new X509Certificate(readFileSync(file('agent.crt'))).serialNumber;
  const before = serial();
  const again = await run('certs', folder, '--collector', 'localhost');
  expect(again).toMatchObject({ code: 0, stdout: `${file('collector.crt')}\n${file('agent.crt')}\n` });
  expect(serial()).not.toBe(before);
  const words = ['--tls-ca', file('ca.crt'), '--tls-cert', file('client-reader.crt')];
  words.push('--tls-key', file('client-reader.key'));
  const served = await run('subscribe', '--address', address, '--since', 'all', '--no-follow', ...words);
  expect(served).toMatchObject({ code: 0, stdout: '' });
});

test('certificates are made for what is asked, by default for a first installation', async () => {
  const folder = join(bench.folder(), 'new');
  const all = await run('certs', folder);
  expect(all.stdout.split('\n').map((path) => path.slice(folder.length + 1))).toEqual([
    'ca.crt',
    'collector.crt',
    'agent.crt',
    'client-admin.crt',
    '',
  ]);
  const nodes = await run('certs', folder, '--node', 'node-1', '--node', 'node-2', '--client', 'tool', '--days', '7');
  expect(nodes.stdout.split('\n').map((path) => path.slice(folder.length + 1))).toEqual([
    'node-node-1.crt',
    'node-node-2.crt',
    'client-tool.crt',
    '',
  ]);
  const wrong = await Promise.all([
    run('certs', folder, '--node', '../x'),
    run('certs', folder, '--collector', 'a b'),
    run('certs', folder, '--days', '0'),
    run('certs'),
    run('certs', '/proc/no/such'),
  ]);
  expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2, 2, 3]);
  expect(wrong[4]?.stderr).toContain('/proc/no/such');
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
