import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { listenHttp, stopHttp } from '../../../agent/listen/http.ts';
import { Bench } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** Another program that listens there. */
async function listener(path: string): Promise<ChildProcess> {
  const script = `require('node:net').createServer().listen(process.argv[1], () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  bench.onEnd(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('a pipe was asked for');
  await once(child.stdout, 'data');
  return child;
}

test('the socket of a program that was killed is replaced', async () => {
  const path = join(bench.folder(), 'api.sock');
  const killed = await listener(path);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const server = createServer();
  bench.onEnd(() => stopHttp(server));
  expect(await listenHttp(server, `unix:${path}`)).toBe(`unix:${path}`);
});

test('the socket of a program that lives is left to it', async () => {
  const path = join(bench.folder(), 'api.sock');
  await listener(path);
  const message = `unix:${path} is in use by another program`;
  await expect(listenHttp(createServer(), `unix:${path}`)).rejects.toMatchObject({ code: 'E_PORT_IN_USE', message });
});

test('the address that is given back has the port that it got', async () => {
  const server = createServer();
  bench.onEnd(() => stopHttp(server));
  expect(await listenHttp(server, '127.0.0.1:0')).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
});
