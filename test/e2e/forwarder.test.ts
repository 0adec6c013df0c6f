import { copyFileSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { openAuthority } from '../../agent/certificates/authority.ts';
import { createForwarder, type ForwarderNotice, type ForwarderOptions } from '../../agent/outputs/forwarder.ts';
import type { Spool } from '../../agent/outputs/spool.ts';
import { Proxy } from '../faults/proxy.ts';
import { Bench, bodyOf, range, until } from '../unit/support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

const DAY_MS = 86_400_000;

function forward(spool: Spool, address: string, options: Partial<ForwarderOptions> = {}) {
  const notices: ForwarderNotice[] = [];
  const identity = { agentId: 'node-1', hostname: 'host-1', version: 'test' };
  const onNotice = (notice: ForwarderNotice) => notices.push(notice);
  const forwarder = createForwarder({ spool, address, ...identity, onNotice, ...options });
  bench.onEnd(() => forwarder.stop());
  return { forwarder, notices };
}

function reasonsOf(notices: readonly ForwarderNotice[]): string[] {
  return notices.flatMap((notice) => (notice.kind === 'disconnected' ? [notice.reason] : []));
}

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Certificates of a new authority: of a collector, of node-1 and one that has expired. */
function certificates(nowMs = Date.now()) {
  const folder = bench.folder();
  const hosts = ['localhost', '127.0.0.1'];
  const collector = { identity: { role: 'collector', name: 'localhost' }, hosts, file: 'collector' } as const;
  const node = { identity: { role: 'agent', name: 'node-1' }, hosts: [], file: 'node' } as const;
  const authority = openAuthority(folder, nowMs);
  authority.issue(collector, 30);
  authority.issue(node, 30);
  const past = openAuthority(folder, nowMs - 60 * DAY_MS);
  past.issue({ ...node, file: 'node-old' }, 30);
  past.issue({ ...collector, file: 'collector-old' }, 30);
  const of = (name: string) => ({
    ca: join(folder, 'ca.crt'),
    cert: join(folder, `${name}.crt`),
    key: join(folder, `${name}.key`),
  });
  return { collector: of('collector'), node: of('node'), nodeOld: of('node-old'), collectorOld: of('collector-old') };
}

test('of several collectors the first that answers is taken, and the next when that one breaks', async () => {
  const [first, second] = [await bench.collector(), await bench.collector()];
  const dead = `127.0.0.1:${await freePort()}`;
  const spool = bench.spool();
  const { forwarder, notices } = forward(spool, `${dead}, ${first.address},${second.address}`);
  await spool.append([bodyOf(1)]);
  await until(() => forwarder.stats().acknowledged === 1, 'the first is acknowledged');
  expect(notices).toMatchObject([
    { kind: 'disconnected', address: dead, reason: expect.stringContaining('ECONNREFUSED') },
    { kind: 'connected', address: first.address },
  ]);
  await first.stop();
  const listener = bench.listen({ address: second.address, sinceNs: 0n });
  await spool.append([bodyOf(2)]);
  await until(() => listener.alerts.length === 1, 'the second arrives at the other');
  expect(listener.numbers).toEqual([2]);
  expect(forwarder.stats()).toMatchObject({ connected: true, address: second.address });
});

test('a collector that takes connections and says nothing does not hold up the next one', async () => {
  const silent = createServer();
  const sockets: Socket[] = [];
  silent.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  bench.onEnd(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const collector = await bench.collector();
  const spool = bench.spool();
  const { port } = silent.address() as { port: number };
  const { forwarder } = forward(spool, `127.0.0.1:${port},${collector.address}`);
  await spool.append([bodyOf(1)]);
  await until(() => forwarder.stats().acknowledged === 1, 'the next one has it', 30_000);
});

test('compressed records arrive whole and are fewer bytes; what was not asked for is not compressed', async () => {
  const collector = await bench.collector();
  const listener = bench.listen({ address: collector.address, sinceNs: 0n });
  const port = Number(collector.address.split(':').at(-1));
  const bytes = { gzip: 0, none: 0, auto: 0 };
  for (const compression of ['gzip', 'none', 'auto'] as const) {
    const proxy = await Proxy.start(() => port);
    bench.onEnd(() => proxy.stop());
    const agentId = `node-${compression}`;
    const spool = bench.spool({ agentId });
    const { forwarder } = forward(spool, proxy.address, { compression, agentId });
    await spool.append(range(0, 2000).map((number) => bodyOf(number)));
    await until(() => forwarder.stats().acknowledged === 2000, 'all are acknowledged');
    await forwarder.stop();
    bytes[compression] = proxy.bytes;
  }
  await until(() => listener.alerts.length === 6000, 'all arrive');
  expect(listener.numbers).toEqual([...range(0, 2000), ...range(0, 2000), ...range(0, 2000)]);
  expect(bytes.gzip * 3).toBeLessThan(bytes.none);
  // To this machine, auto is plain.
  expect(bytes.auto * 2).toBeGreaterThan(bytes.none);
});

test('certificates of files that were replaced are used without a restart, on either side', async () => {
  const [old, renewed] = [certificates(), certificates()];
  const folder = bench.folder();
  const place = (files: typeof old, name: string) => {
    // As Kubernetes does it: all files change at once, by one symbolic link.
    mkdirSync(join(folder, name));
    for (const side of ['collector', 'node'] as const) {
      for (const kind of ['ca', 'cert', 'key'] as const)
        copyFileSync(files[side][kind], join(folder, name, `${side}.${kind}`));
    }
    symlinkSync(name, join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'now'));
  };
  const filesOf = (side: string) => ({
    ca: join(folder, `now/${side}.ca`),
    cert: join(folder, `now/${side}.cert`),
    key: join(folder, `now/${side}.key`),
  });
  place(old, 'a');
  const collector = await bench.collector({ listen: '127.0.0.1:0', tls: filesOf('collector') });
  const port = Number(collector.address.split(':').at(-1));
  const proxy = await Proxy.start(() => port);
  bench.onEnd(() => proxy.stop());
  const spool = bench.spool();
  const { forwarder } = forward(spool, proxy.address, { tls: filesOf('node') });
  await spool.append([bodyOf(1)]);
  await until(() => forwarder.stats().acknowledged === 1, 'the first is acknowledged');
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const before = await shown();
  place(renewed, 'b');
  const endMs = Date.now() + 10_000;
  while ((await shown()) === before && Date.now() < endMs) await until(() => true, 'the next look');
  expect(await shown()).not.toBe(before);
  proxy.cut();
  await spool.append([bodyOf(2)]);
  await until(() => forwarder.stats().acknowledged === 2, 'the second is acknowledged with the new ones');
  expect(forwarder.stats().reconnects).toBeGreaterThan(0);
});

test('what is wrong with certificates is said in words', async () => {
  const [own, foreign] = [certificates(), certificates()];
  const good = await bench.collector({ listen: '127.0.0.1:0', tls: own.collector });
  const old = await bench.collector({ listen: '127.0.0.1:0', tls: own.collectorOld });
  const plain = await bench.collector();
  const said = async (address: string, tls: ForwarderOptions['tls']) => {
    const { forwarder, notices } = forward(bench.spool(), address, tls === undefined ? {} : { tls });
    await until(() => reasonsOf(notices).length > 0, 'a reason');
    await forwarder.stop();
    return reasonsOf(notices)[0];
  };
  expect(await said(old.address, own.node)).toContain("the collector's certificate has expired");
  expect(await said(good.address, own.nodeOld)).toMatch(
    /our certificate .*node-old.crt expired on|our certificate has expired/,
  );
  expect(await said(good.address, { ...foreign.node, ca: own.node.ca })).toMatch(
    /is not of the authority in|does not know who signed our certificate/,
  );
  expect(await said(good.address, foreign.node)).toContain(
    "the collector's certificate is not of an authority in `tls.ca`",
  );
  expect(await said(good.address, { ca: own.node.ca })).toContain('certificate required');
  expect(await said(plain.address, own.node)).toMatch(/speaks plain text there|disconnected before secure TLS/);
  const other = good.address.replace('127.0.0.1', '127.0.0.2');
  expect(await said(other, own.node)).toMatch(/is for another name than its address|ECONNREFUSED/);
});

test('an older TLS than 1.3 is not spoken', async () => {
  const own = certificates();
  const collector = await bench.collector({ listen: '127.0.0.1:0', tls: own.collector });
  const port = Number(collector.address.split(':').at(-1));
  const attempt = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string>((resolve) => {
      const socket = tlsConnect(
        { port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1.2', maxVersion },
        () => {
          resolve(socket.getProtocol() ?? '');
          socket.destroy();
        },
      );
      socket.on('error', (error) => resolve(error.message));
    });
  expect(await attempt('TLSv1.3')).toBe('TLSv1.3');
  expect(await attempt('TLSv1.2')).toContain('alert protocol version');
});
