import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect } from 'vitest';
import { Program } from '../e2e/support/program.ts';
import { liveTest as test } from '../kernel/support/live.ts';
import { Bench, until } from '../unit/support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** How a request gets to the kernel: by a call, by a thread that polls, by a worker, without a completion. */
const WAYS = ['called', 'polled', 'worker', 'skipped'] as const;

test('our rules see what is done by io_uring, whichever way it is asked', async () => {
  const folder = bench.folder();
  const program = join(folder, 'uring');
  const source = fileURLToPath(new URL('uring.c', import.meta.url));
  execFileSync('cc', ['-O1', '-Wall', '-Werror', '-Wno-unused-function', '-o', program, source]);
  // A name that has no business on the network.
  const quiet = join(folder, 'ls');
  copyFileSync(program, quiet);
  // A ring that is older than the agent.
  const early = spawn(program, ['early', 'open', '/etc/shadow'], { stdio: ['pipe', 'pipe', 'ignore'], cwd: '/' });
  bench.onEnd(() => void early.kill());
  await once(early.stdout, 'data');
  const agent = new Program([
    ...['run', '--collector', 'none', '--http', 'none', '--data', join(folder, 'data'), '--output', 'stdout'],
  ]);
  bench.onEnd(() => agent.end());
  await agent.logged('ready');
  const port = await listen();

  const untold: string[] = [];
  for (const way of WAYS) {
    const home = join(folder, way);
    const history = join(home, '.bash_history');
    mkdirSync(home);
    writeFileSync(history, 'secret\n');
    const acts = [
      { argv: [program, way, 'open', '/etc/shadow'], rule: 'Password file read by a program that has no need to' },
      { argv: [program, way, 'unlink', history], rule: 'Shell history removed' },
      { argv: [quiet, way, 'connect', String(port)], rule: 'Shell or system tool talks to the network' },
    ];
    for (const { argv, rule } of acts) {
      const [file = '', ...args] = argv;
      expect(await once(spawn(file, args, { stdio: 'ignore', cwd: '/' }), 'close')).toEqual([0, null]);
      const command = args.join(' ');
      const isTold = () => agent.alerts.some((alert) => alert.rule === rule && alert.output.includes(command));
      await until(isTold, command).catch(() => untold.push(`${rule}: ${command}`));
    }
  }
  early.stdin.end('x');
  await once(early, 'close');
  const isTold = () => agent.alerts.some(({ output }) => output.includes('early open /etc/shadow'));
  await until(isTold, 'early').catch(() => untold.push('a ring that is older than the agent'));
  expect(untold).toEqual([]);
}, 120_000);

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  bench.onEnd(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
