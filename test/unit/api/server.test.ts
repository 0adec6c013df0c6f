import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ApiServer, type Readiness, startApiServer } from '../../../agent/api/server.ts';

let server: ApiServer | undefined;
afterEach(() => server?.stop());

let readiness: Readiness = { ready: true, detail: {} };

async function start(listen = '127.0.0.1:0'): Promise<string> {
  const metrics = { contentType: 'text/plain; version=0.0.4', text: async () => 'up 1\n' };
  server = await startApiServer({ listen, metrics, readiness: () => readiness });
  return `http://${server.address}`;
}

test('metrics, health and readiness are served, and nothing else', async () => {
  const url = await start();
  const metrics = await fetch(`${url}/metrics?x=1`);
  expect([metrics.status, metrics.headers.get('content-type'), await metrics.text()]).toEqual([
    200,
    'text/plain; version=0.0.4',
    'up 1\n',
  ]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  readiness = { ready: true, detail: { rules: 3 } };
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, rules: 3 }]);
  readiness = { ready: false, detail: { problems: ['the spool cannot be written'] } };
  const notReady = await fetch(`${url}/readyz`);
  expect([notReady.status, await notReady.json()]).toEqual([
    503,
    { ready: false, problems: ['the spool cannot be written'] },
  ]);
});

test('a port in use and an address that is none are errors with a code', async () => {
  const url = await start();
  const metrics = { contentType: '', text: async () => '' };
  const again = (listen: string) => startApiServer({ listen, metrics, readiness: () => readiness });
  await expect(again(url.slice('http://'.length))).rejects.toMatchObject({ code: 'E_PORT_IN_USE' });
  await expect(again('nowhere')).rejects.toMatchObject({ code: 'E_ADDRESS' });
  await expect(again('203.0.113.1:1')).rejects.toMatchObject({ code: 'E_LISTEN' });
});

test('an end does not wait for a client that says nothing', async () => {
  const url = new URL(await start());
  const socket = connect(Number(url.port), url.hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  await server?.stop();
  await closed;
});
