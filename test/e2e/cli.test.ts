import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import { Bench, bodyOf, range, until } from '../unit/support/delivery.ts';
import { Program, run } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

function start(words: readonly string[]): Program {
  const program = new Program(words);
  bench.onEnd(() => program.end('SIGKILL'));
  return program;
}

/** A collector of its own process. Addresses are those that it got. */
async function startCollector(dataDir = bench.folder(), listen = '127.0.0.1:0') {
  const program = start(['collector', '--listen', listen, '--http', '127.0.0.1:0', '--data', dataDir]);
  const ready = await program.logged('ready');
  return { program, dataDir, address: String(ready['grpc']), http: String(ready['http']) };
}

/** Spool and forwarder as the agent has them. */
function startDelivery(address: string) {
  const spool = bench.spool();
  const forwarder = createForwarder({ spool, address, agentId: 'node-1', hostname: 'node-1', version: 'test' });
  bench.onEnd(() => forwarder.stop());
  return { spool, forwarder };
}

async function startSubscriber(address: string, ...words: readonly string[]): Promise<Program> {
  const program = start(['subscribe', '--address', address, ...words]);
  await program.said('connected to');
  return program;
}

const uuids = ({ lines }: Program): string[] => lines.map((line) => JSON.parse(line).uuid as string);

test('alerts reach a subscriber, for people and as JSON, each with a cursor to go on from', async () => {
  const { address } = await startCollector();
  const { spool } = startDelivery(address);
  const [people, json] = await Promise.all([startSubscriber(address), startSubscriber(address, '--json')]);
  await spool.append([bodyOf(1), bodyOf(2)]);
  await until(() => people.lines.length === 2 && json.lines.length === 2, 'both have both');
  expect(people.lines[0]).toBe('2023-11-14T22:13:20.000Z node-1 Warning Shell in a container: alert 1 (user=root)');
  const [first, second] = json.lines.map((line) => JSON.parse(line));
  expect(first).toEqual({
    cursor: expect.any(String),
    hostname: 'node-1',
    output: '10:00:00.000000000: Warning alert 1 (user=root)',
    output_fields: { 'container.id': null, 'evt.time': 1_700_000_000_000_000_000, 'fd.num': 1, 'user.name': 'root' },
    priority: 'Warning',
    rule: 'Shell in a container',
    source: 'syscall',
    tags: ['container', 'mitre_execution'],
    time: '2023-11-14T22:13:20.000000001Z',
    uuid: '00000000-0000-8000-8000-000000000001',
  });
  expect(json.stdout).toContain('"evt.time":1700000000000000001');
  const rest = await run('subscribe', '--address', address, '--cursor', first.cursor, '--no-follow', '--json');
  expect(rest.stdout.trim()).toBe(json.lines[1]);
  expect(rest.stderr).toContain(`go on with --cursor ${second.cursor}`);
});

test('a subscriber gets what its flags select', async () => {
  const { address } = await startCollector();
  const { spool, forwarder } = startDelivery(address);
  await spool.append([
    bodyOf(1, { priority: 'Critical' }),
    bodyOf(2, { rule: 'Other' }),
    bodyOf(3, { tags: ['network'] }),
    bodyOf(4, { context: { 'proc.name': 'sh' } }),
  ]);
  await until(() => forwarder.stats().acknowledged === 4, 'all are stored');
  const numbersOf = async (...words: string[]) => {
    const { stdout } = await run('subscribe', '--address', address, '--since', 'all', '--no-follow', ...words);
    return [...stdout.matchAll(/alert (\d)/g)].map(([, number]) => Number(number));
  };
  expect(await numbersOf()).toEqual([1, 2, 3, 4]);
  expect(await numbersOf('--priority', 'critical')).toEqual([1]);
  expect(await numbersOf('--rule', 'Other')).toEqual([2]);
  expect(await numbersOf('--tag', 'network', '--tag', 'none')).toEqual([3]);
  expect(await numbersOf('--filter', 'proc.name = sh')).toEqual([4]);
  expect(await numbersOf('--filter', 'proc.name = bash', '--filter', 'evt.num > 1')).toEqual([2, 3]);
  expect(await numbersOf('--node', 'node-2')).toEqual([]);
  expect(await numbersOf('--since', '2999-01-01')).toEqual([]);
});

test('hostile names forge no line, colour no terminal and break no JSON', async () => {
  const hostile = 'x\n2026-01-01T00:00:00Z node-9 Critical forged: y\r\u001b[31m\u009b31m\u202e\u2028\u0000"\\%s';
  const { address } = await startCollector();
  const { spool, forwarder } = startDelivery(address);
  const fields = { 'proc.name': hostile };
  await spool.append([bodyOf(1, { rule: hostile, hostname: hostile, output: hostile, outputFields: fields })]);
  await until(() => forwarder.stats().acknowledged === 1, 'it is stored');
  const words = ['subscribe', '--address', address, '--since', 'all', '--no-follow'];
  const people = await run(...words);
  const json = await run(...words, '--json');
  for (const { stdout } of [people, json]) {
    expect(stdout.match(/\n/g)).toHaveLength(1);
    expect(stdout.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
  expect(JSON.parse(json.stdout)).toMatchObject({ output: hostile, output_fields: fields, rule: hostile });
});

test.each(['\u001b[31mred\n', 'proc.name = "\u202e"x', 'grün'])(
  'a hostile filter %j is told safely',
  async (filter) => {
    const { address } = await startCollector();
    const ended = await run('subscribe', '--address', address, '--filter', filter);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^atalaya: .* is wrong: column \d+: .*\n$/);
    expect(ended.stderr.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  },
);

test('a filter that is wrong is told with its column and the nearest name', async () => {
  const { address } = await startCollector();
  const ended = await run('subscribe', '--address', address, '--filter', 'evt.num > 1 and proc.nme = x');
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/column 17: .*proc\.nme.*did you mean 'proc\.name'\?/);
});

test.each([
  [['--cursor', 'nonsense'], 'no cursor'],
  [['--cursor', '0123456789ab-1'], 'of another database'],
])('%j is wrong usage', async (words, reason) => {
  const { address } = await startCollector();
  const ended = await run('subscribe', '--address', address, ...words);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(reason);
});

test.each([
  ['subscribe', '--since', 'yesterday'],
  ['subscribe', '--priority', 'urgent'],
  ['subscribe', '--address', 'nonsense'],
  ['subscribe', '--address', 'collector.example:5065'],
  ['subscribe', '--cursor'],
  ['subscribe', 'word'],
  ['collector', '--http', '80'],
  ['collector', '--listen', '0.0.0.0:0'],
  ['collector', '--frobnicate'],
])('%s %s %s is wrong usage and says so in one line', async (...words) => {
  const ended = await run(...words);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(/^atalaya: .{20,}\n$/);
});

test('without a collector, subscribing ends with 3 and names the address', async () => {
  const ended = await run('subscribe', '--address', '127.0.0.1:1');
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('no collector answers at 127.0.0.1:1');
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends collector and subscriber cleanly', async (signal) => {
  const { program, address } = await startCollector();
  const subscriber = await startSubscriber(address);
  expect(await subscriber.end(signal)).toMatchObject({ code: 0, stdout: '' });
  expect(await program.end(signal)).toMatchObject({ code: 0, signal: null, stdout: '' });
});

test('`subscribe | head -1` ends cleanly, also when no second alert comes', async () => {
  const { address } = await startCollector();
  const { spool } = startDelivery(address);
  const atalaya = fileURLToPath(new URL('../../bin/atalaya', import.meta.url));
  const script = 'set -o pipefail; "$0" "$1" subscribe --address "$2" --since all | head -1';
  const shell = spawn('bash', ['-c', script, process.execPath, atalaya, address], { detached: true });
  bench.onEnd(() => shell.exitCode === null && process.kill(-(shell.pid as number)));
  let [out, err] = ['', ''];
  shell.stdout.on('data', (bytes) => {
    out += bytes;
  });
  shell.stderr.on('data', (bytes) => {
    err += bytes;
  });
  await spool.append([bodyOf(1)]);
  const [code] = await once(shell, 'close');
  expect([code, out]).toEqual([0, expect.stringContaining('alert 1')]);
  expect(err).not.toMatch(/EPIPE|Error/);
});

test('a port in use ends the collector with 3 and names it', async () => {
  const { address, http } = await startCollector();
  const grpcTaken = await run('collector', '--listen', address, '--http', 'none', '--data', bench.folder());
  const httpTaken = await run('collector', '--listen', '127.0.0.1:0', '--http', http, '--data', bench.folder());
  expect([grpcTaken.code, httpTaken.code]).toEqual([3, 3]);
  expect(grpcTaken.stderr).toContain(`${address} is in use by another program`);
  expect(httpTaken.stderr).toContain(`${http} is in use by another program`);
});

test('unix sockets that a killed collector left are taken over, those of a living one are not', async () => {
  const folder = bench.folder();
  const [grpc, http] = [`unix:${join(folder, 'grpc.sock')}`, `unix:${join(folder, 'http.sock')}`];
  const words = ['collector', '--listen', grpc, '--http', http, '--data', join(folder, 'data')];
  const killed = start(words);
  await killed.logged('ready');
  const refused = await run('collector', '--listen', grpc, '--http', 'none', '--data', bench.folder());
  expect([refused.code, refused.stderr]).toEqual([3, `atalaya: ${grpc} is in use by another program\n`]);
  await killed.end('SIGKILL');
  const successor = start(words);
  expect(await successor.logged('ready')).toMatchObject({ grpc, http });
  expect(await run('subscribe', '--address', grpc, '--since', 'all', '--no-follow')).toMatchObject({ code: 0 });
});

test('a file in the place of a unix socket is left alone', async () => {
  const path = join(bench.folder(), 'file');
  writeFileSync(path, 'mine');
  const ended = await run('collector', '--listen', `unix:${path}`, '--http', 'none', '--data', bench.folder());
  expect([ended.code, readFileSync(path, 'utf8')]).toEqual([3, 'mine']);
});

test('a data folder that is in use or cannot be made ends the collector with 3', async () => {
  const { dataDir } = await startCollector();
  const addresses = ['--listen', '127.0.0.1:0', '--http', 'none'];
  const taken = await run('collector', ...addresses, '--data', dataDir);
  const impossible = await run('collector', ...addresses, '--data', '/proc/atalaya');
  expect([taken.code, impossible.code]).toEqual([3, 3]);
  expect(taken.stderr).toContain('in use by another process');
  expect(impossible.stderr).toContain('the data folder /proc/atalaya cannot be made');
});

test.each([
  ['HTTP/1', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['garbage', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) & 0xff))],
  ['a cut HTTP/2 preface', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0')],
  ['a large frame', Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(70_000, 0xff)])],
])('%s on the gRPC port harms nothing', async (_, bytes) => {
  const { address, program } = await startCollector();
  const { spool } = startDelivery(address);
  const subscriber = await startSubscriber(address);
  const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.end(bytes);
  await once(socket, 'close');
  await spool.append([bodyOf(1)]);
  await until(() => subscriber.lines.length === 1, 'the alert arrives');
  expect(program.errorLines.map((line) => JSON.parse(line).msg)).toEqual(['ready']);
});

test('a collector killed with -9 keeps what it acknowledged, and agent and subscriber go on with its successor', async () => {
  const { program, dataDir, address } = await startCollector();
  const { spool, forwarder } = startDelivery(address);
  const subscriber = await startSubscriber(address, '--json');
  const numbers = range(0, 3000);
  const appended = (async () => {
    for (const number of numbers)
      if (number % 10 === 9) await spool.append(range(number - 9, number + 1).map((each) => bodyOf(each)));
  })();
  await until(() => forwarder.stats().acknowledged > 300, 'some are acknowledged');
  await program.end('SIGKILL');
  await startCollector(dataDir, address);
  await appended;
  await until(() => subscriber.lines.length >= numbers.length, 'all arrive', 30_000);
  const expected = numbers.map((number) => `00000000-0000-8000-8000-${number.toString(16).padStart(12, '0')}`);
  expect(uuids(subscriber)).toEqual(expected);
  const stored = await run('subscribe', '--address', address, '--since', 'all', '--no-follow', '--json');
  expect(
    stored.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).uuid),
  ).toEqual(expected);
  await until(() => spool.stats().records === 0, 'the spool is empty');
});
