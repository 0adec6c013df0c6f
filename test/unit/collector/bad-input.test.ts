import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openAuthority } from '../../../agent/certificates/authority.ts';
import { CHAIN_START, type ChainTail, link } from '../../../agent/outputs/chain.ts';
import { connect } from '../../../collector/client/client.ts';
import type { Collector, CollectorOptions } from '../../../collector/main.ts';
import { openChannel, type Security } from '../../../proto/channel.ts';
import { fromUint64 } from '../../../proto/int64.ts';
import { type AgentMessage, type CollectorMessage, v1 } from '../../../proto/messages.ts';
import { ingestService } from '../../../proto/services.ts';
import { Bench, bodyOf, range, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

function start(options: Partial<CollectorOptions> = {}): Promise<Collector> {
  return bench.collector({ http: '127.0.0.1:0', ...options });
}

/** The value of a metric; 0 where it has none yet. */
function metric(collector: Collector, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`http://${collector.httpAddress}/metrics`, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        const line = text.split('\n').find((each) => each.startsWith(`${name} `));
        resolve(Number(line?.split(' ')[1] ?? 0));
      });
    });
    call.on('error', reject);
    call.end();
  });
}

async function untilMetric(collector: Collector, name: string, value: number): Promise<void> {
  for (const endMs = Date.now() + 10_000; (await metric(collector, name)) !== value; ) {
    if (Date.now() > endMs) throw new Error(`gave up waiting: ${name} is not ${value}`);
  }
}

/** Somebody who is served as before. */
async function isServed({ address }: Collector, security: Security = {}): Promise<boolean> {
  const connection = connect({ address, ...security });
  try {
    return (await connection.query()).results.length >= 0;
  } finally {
    connection.close();
  }
}

/** What comes back for bytes, until the other side closes. */
function exchange({ address }: Collector, bytes: Buffer): Promise<Buffer> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connectTcp(Number(port), host, () => socket.write(bytes));
    const got: Buffer[] = [];
    socket.on('data', (part: Buffer) => got.push(part));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(got)));
    bench.onEnd(() => socket.destroy());
  });
}

test.each([
  ['HTTP/1', Buffer.from('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['garbage', Buffer.alloc(100_000, 0xaa)],
  [
    'half of a preface and garbage',
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(5000, 0xff)]),
  ],
])('%s on the gRPC port ends that connection, is counted, and harms no other', async (_, bytes) => {
  const collector = await start();
  const answer = await exchange(collector, bytes);
  // GOAWAY frames have the type 7; nothing but frames of HTTP/2 was said.
  expect(answer.subarray(0, 4)).toEqual(Buffer.from([0, 0, 6, 4]));
  expect(answer.includes(Buffer.from([8, 7]))).toBe(true);
  await untilMetric(collector, 'atalaya_grpc_refused_connections_total', 1);
  expect(await isServed(collector)).toBe(true);
});

const SUBSCRIBE = {
  ':method': 'POST',
  ':path': '/atalaya.v1.Collector/Subscribe',
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** The head of a gRPC message: not compressed, and its length. */
function head(length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function openHttp2({ address }: Collector) {
  const session = connectHttp2(`http://${address}`);
  session.on('error', () => {});
  bench.onEnd(() => session.destroy());
  return session;
}

test('a message of 100 MB is refused at its head, before it is there', async () => {
  const collector = await start();
  const stream = openHttp2(collector).request(SUBSCRIBE);
  const status = new Promise<IncomingHttpHeaders>((resolve) => {
    stream.on('response', (headers) => headers['grpc-status'] !== undefined && resolve(headers));
    stream.on('trailers', resolve);
  });
  stream.on('error', () => {});
  stream.write(Buffer.concat([head(100_000_000), Buffer.alloc(1000)]));
  const { 'grpc-status': code, 'grpc-message': message } = await status;
  expect(code).toBe('8');
  expect(decodeURIComponent(String(message))).toMatch(/larger than max/);
  expect(await isServed(collector)).toBe(true);
});

test('a client that opens 10,000 streams gets what one client may have, and others are served', async () => {
  const collector = await start();
  const session = openHttp2(collector);
  await new Promise((resolve) => session.once('remoteSettings', resolve));
  const codes = new Map<string, number>();
  const note = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
  for (const _ of range(0, 10_000)) {
    const stream = session.request(SUBSCRIBE);
    stream.on('error', () => {});
    stream.on('response', (headers) => note(String(headers['grpc-status'] ?? 'open')));
    stream.on('close', () => stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && note('refused'));
    stream.end(head(0));
  }
  const refused = () => (codes.get('8') ?? 0) + (codes.get('refused') ?? 0);
  await until(() => (codes.get('open') ?? 0) === 500 && refused() >= 500, 'the limit is met', 15_000);
  expect(await isServed(collector)).toBe(true);
  expect(await metric(collector, 'atalaya_subscribers')).toBe(500);
  expect(await metric(collector, 'atalaya_subscriber_refused_total')).toBe(codes.get('8'));
  session.destroy();
  await untilMetric(collector, 'atalaya_subscribers', 0);
}, 30_000);

interface Heard {
  readonly acks: number[];
  code: number | undefined;
  details: string;
}

/** A stream as an agent opens it, that says what it is told to. */
function openStream(collector: Collector, agentId: string, security: Security = {}) {
  const client = openChannel(collector.address, security);
  const { path, requestSerialize, responseDeserialize } = ingestService.stream;
  const call = client.makeBidiStreamRequest<AgentMessage, CollectorMessage>(
    path,
    requestSerialize,
    responseDeserialize,
  );
  const heard: Heard = { acks: [], code: undefined, details: '' };
  call.on('data', ({ ack }: CollectorMessage) => ack && heard.acks.push(Number(fromUint64(ack.sequence))));
  call.on('error', () => {});
  call.on('status', ({ code, details }) => Object.assign(heard, { code, details }));
  call.write({ hello: { protocol: 1, agentId, hostname: agentId, version: 'test' } });
  bench.onEnd(() => {
    call.cancel();
    client.close();
  });
  return { heard, send: (...envelopes: Uint8Array[]) => call.write({ batch: { envelopes } }) };
}

const OWNER = { agentId: 'node-1', bootId: 'b', epoch: 5n };

function chain(count: number, from: ChainTail = CHAIN_START) {
  let tail = from;
  return range(0, count).map((number) => {
    const linked = link(OWNER, tail, bodyOf(number));
    tail = linked.tail;
    return linked.bytes;
  });
}

test.each([
  [
    'a number above the last that is no number',
    v1.Envelope.encode({ agentId: 'node-1', epoch: 5, sequence: 0, heartbeat: {} }).finish(),
    3,
  ],
  [
    'another record under the last number',
    link(OWNER, { sequence: 2, hash: Buffer.alloc(32, 9) }, bodyOf(77)).bytes,
    15,
  ],
  ['a record that follows another one', link(OWNER, { sequence: 3, hash: Buffer.alloc(32, 9) }, bodyOf(77)).bytes, 15],
  ['bytes that are no record', Buffer.from([0xff, 0xff]), 3],
])('%s ends the stream with its status, and what came before stays', async (_, bytes, code) => {
  const collector = await start();
  const good = openStream(collector, 'node-2');
  const bad = openStream(collector, 'node-1');
  bad.send(...chain(3));
  await until(() => bad.heard.acks.includes(3), 'the good ones are stored');
  bad.send(bytes);
  await until(() => bad.heard.code !== undefined, 'the stream ends');
  expect(bad.heard.code).toBe(code);
  good.send(link({ ...OWNER, agentId: 'node-2' }, CHAIN_START, bodyOf(1)).bytes);
  await until(() => good.heard.acks.includes(1), 'the other is served');
  expect(await metric(collector, 'atalaya_ingest_refused_total')).toBe(1);
});

test('what comes again is acknowledged again, and stored once', async () => {
  const collector = await start();
  const stream = openStream(collector, 'node-1');
  const envelopes = chain(3);
  stream.send(...envelopes);
  stream.send(...envelopes);
  const again = openStream(collector, 'node-1');
  again.send(...envelopes);
  await until(() => again.heard.acks.includes(3), 'the replay is acknowledged');
  expect(await metric(collector, 'atalaya_store_records')).toBe(3);
});

test('a broken chain raises an alert of the collector', async () => {
  const collector = await start();
  const listener = bench.listen({ address: collector.address });
  await until(() => listener.live, 'live');
  const stream = openStream(collector, 'node-1');
  const [first] = chain(1);
  stream.send(first ?? Buffer.alloc(0), link(OWNER, { sequence: 1, hash: Buffer.alloc(32) }, bodyOf(2)).bytes);
  await until(() => listener.alerts.some(({ source }) => source === 'internal'), 'the alert');
  expect(listener.alerts.find(({ source }) => source === 'internal')).toMatchObject({
    rule: 'Records of a node were altered',
    priority: 'Critical',
    outputFields: { 'node.name': 'node-1', 'chain.epoch': 5, 'chain.sequence': 2 },
  });
});

test.each([
  ['no hello', { batch: { envelopes: [] } }],
  ['no protocol', { hello: { agentId: 'a' } }],
  ['no name', { hello: { protocol: 1 } }],
  ["the collector's own name", { hello: { protocol: 1, agentId: '@collector' } }],
  ['a name of absurd length', { hello: { protocol: 1, agentId: 'x'.repeat(300) } }],
])('a stream that begins with %s is refused', async (_, message) => {
  const collector = await start();
  const client = openChannel(collector.address, {});
  bench.onEnd(() => client.close());
  const { path, requestSerialize, responseDeserialize } = ingestService.stream;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  let code: number | undefined;
  call.on('error', () => {});
  call.on('status', (status) => {
    code = status.code;
  });
  call.write(message);
  await until(() => code !== undefined, 'the refusal');
  expect(code).toBe(3);
});

/** Certificates, and a collector that demands them. */
async function startMutual() {
  const folder = join(bench.folder(), 'certificates');
  mkdirSync(folder);
  const authority = openAuthority(folder, Date.now());
  const issue = (role: 'agent' | 'client' | 'collector', name: string, hosts: readonly string[] = []) => {
    authority.issue({ identity: { role, name }, hosts, file: name }, 1);
    return { ca: join(folder, 'ca.crt'), cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  };
  const collector = await start({ tls: issue('collector', 'collector', ['127.0.0.1']) });
  return { collector, issue };
}

test("another node's certificate cannot speak for this one, and a node's reads nothing", async () => {
  const { collector, issue } = await startMutual();
  const tls = issue('agent', 'node-2');
  const impostor = openStream(collector, 'node-1', { tls });
  const itself = openStream(collector, 'node-2', { tls });
  itself.send(link({ ...OWNER, agentId: 'node-2' }, CHAIN_START, bodyOf(1)).bytes);
  await until(() => itself.heard.acks.includes(1) && impostor.heard.code !== undefined, 'both are answered');
  expect([impostor.heard.code, impostor.heard.details]).toEqual([
    7,
    "the certificate is for agent node-2, not for agent 'node-1'",
  ]);
  await expect(isServed(collector, { tls })).rejects.toMatchObject({ code: 'E_NOT_ALLOWED' });
  expect(await isServed(collector, { tls: issue('client', 'reader') })).toBe(true);
  const client = openStream(collector, 'node-1', { tls: issue('client', 'reader') });
  await until(() => client.heard.code !== undefined, "a client's certificate is refused");
  expect(client.heard.code).toBe(7);
});

test('who shows no certificate, or speaks no TLS, is refused and counted', async () => {
  const { collector, issue } = await startMutual();
  const { ca } = issue('client', 'reader');
  const nobody = openStream(collector, 'node-1', { tls: { ca } });
  await until(() => nobody.heard.code !== undefined, 'the refusal');
  expect(nobody.heard.code).toBe(14);
  await exchange(collector, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  expect(await metric(collector, 'atalaya_grpc_refused_connections_total')).toBeGreaterThanOrEqual(2);
});
