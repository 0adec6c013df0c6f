import { type IncomingMessage, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { createForwarder } from '../../../agent/outputs/forwarder.ts';
import { Bench, bodyOf, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface Wish {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the answer once this stands in it. */
  readonly through?: string;
}

function ask(address: string, path: string, { method = 'GET', headers = {}, through }: Wish = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      `http://${address}${path}`,
      { method, headers, setHost: headers['host'] === undefined },
      (answer) => {
        let text = '';
        const done = () => resolve({ status: answer.statusCode, headers: answer.headers, text });
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (through === undefined || !text.includes(through)) return;
          done();
          call.destroy();
        });
        answer.on('end', done);
      },
    );
    call.on('error', reject);
    call.end();
  });
}

async function startPage(options: Parameters<Bench['collector']>[0] = {}) {
  const collector = await bench.collector({ http: '127.0.0.1:0', ...options });
  return { collector, address: collector.httpAddress ?? '' };
}

test('every answer forbids scripts of others, framing and guessing of types', async () => {
  const { address } = await startPage();
  for (const path of ['/', '/app.js', '/text.js', '/style.css', '/icon.svg', '/healthz', '/nothing']) {
    const { headers } = await ask(address, path);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

test('health, readiness and metrics are answered', async () => {
  const { address } = await startPage();
  expect(await ask(address, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  expect(await ask(address, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
  expect((await ask(address, '/metrics')).text).toContain('atalaya_build_info{version="test"} 1');
  expect(await ask(address, '/nothing')).toMatchObject({ status: 404 });
});

test('only reading is answered', async () => {
  const { address } = await startPage();
  expect((await ask(address, '/', { method: 'POST' })).status).toBe(405);
  expect((await ask(address, '/healthz', { method: 'DELETE' })).status).toBe(405);
});

test('a request that carries the name of another site is refused, an address and a known name are not', async () => {
  const { address } = await startPage({ httpHosts: ['atalaya.example'] });
  const statusFor = async (host: string) => (await ask(address, '/', { headers: { host } })).status;
  expect(await statusFor('evil.example')).toBe(421);
  expect(await statusFor('evil.example:5066')).toBe(421);
  expect(await statusFor('localhost.evil.example')).toBe(421);
  expect(await statusFor('localhost:5066')).toBe(200);
  expect(await statusFor('[::1]:5066')).toBe(200);
  expect(await statusFor('atalaya.example')).toBe(200);
});

test('other machines get health and metrics, and alerts only where that was asked for', async (context) => {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
  if (own === undefined) return context.skip('this machine has no address but loopback');
  const port = (address: string) => address.split(':').at(-1);
  const closed = await startPage({ http: '0.0.0.0:0' });
  const open = await startPage({ http: '0.0.0.0:0', httpOpen: true });
  const statusOf = async (address: string, path: string) => (await ask(`${own}:${port(address)}`, path)).status;
  expect(await statusOf(closed.address, '/')).toBe(403);
  expect(await statusOf(closed.address, '/events')).toBe(403);
  expect(await statusOf(closed.address, '/readyz')).toBe(200);
  expect(await statusOf(closed.address, '/metrics')).toBe(200);
  expect(await statusOf(open.address, '/')).toBe(200);
});

test('the stream has alerts and gaps with their cursor, and goes on after the last that was seen', async () => {
  const { collector, address } = await startPage();
  const spool = bench.spool();
  const forwarder = createForwarder({
    spool,
    address: collector.address,
    agentId: 'node-1',
    hostname: 'n',
    version: 't',
  });
  bench.onEnd(() => forwarder.stop());
  const gap = { stage: 'kernel', cause: 'ring-full', lane: 'bulk', count: 12n, fromNs: 1n, toNs: 2n } as const;
  await spool.append([bodyOf(1, { output: 'a\nb\u2028data: forged' }), { type: 'gap', gap }, bodyOf(2)]);
  await until(() => forwarder.stats().acknowledged === 3, 'all are stored');
  const { text, headers } = await ask(address, '/events', { through: '"live":true}\n\n' });
  expect(headers['content-type']).toBe('text/event-stream');
  const events = text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))));
  const of = (name: string) => events.filter(({ event }) => event === name).map(({ data }) => JSON.parse(data));
  expect(of('alert').map(({ output }) => output)).toEqual([
    'a\nb\u2028data: forged',
    expect.stringContaining('alert 2'),
  ]);
  expect(of('gap')).toEqual([expect.objectContaining({ node: 'node-1', count: 12, cause: 'ring-full' })]);
  const first = events.find(({ event }) => event === 'alert');
  const rest = await ask(address, '/events', {
    headers: { 'last-event-id': first?.id },
    through: '"live":true}\n\n',
  });
  expect(rest.text.match(/^event: alert$/gm)).toHaveLength(1);
  expect(rest.text.match(/^event: gap$/gm)).toHaveLength(1);
});

test.each([
  ['?filter=proc.nme%20%3D%20x', /column 1: .*did you mean 'proc\.name'/],
  ['?priority=Urgent', /'Urgent' is no priority; expected one of Emergency/],
])('a wrong selection %s is refused in words', async (query, words) => {
  const { address } = await startPage();
  const answer = await ask(address, `/events${query}`);
  expect(answer.status).toBe(400);
  expect(answer.text).toMatch(words);
});

test('a cursor of another database is refused, not taken for one of this', async () => {
  const { address } = await startPage();
  expect(await ask(address, '/events', { headers: { 'last-event-id': '0123456789ab-1' } })).toMatchObject({
    status: 400,
  });
});
