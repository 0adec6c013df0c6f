import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createForwarder } from '../../agent/outputs/forwarder.ts';
import { connect } from '../../collector/client/client.ts';
import { alertOf, Bench, bodyOf, range, until } from '../unit/support/delivery.ts';
import { run } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** A collector with three alerts, the second of which tries to forge a line, and with words that can be searched. */
async function start() {
  const { address } = await bench.collector();
  const spool = bench.spool();
  const forwarder = createForwarder({ spool, address, agentId: 'node-1', hostname: 'host-1', version: '7.1' });
  bench.onEnd(() => forwarder.stop());
  await spool.append(
    range(1, 4).map((number) =>
      bodyOf(number, {
        output: `10:00:00.000000001: Warning alert ${number}${number === 2 ? '\nforged\u001b[31m' : ''}`,
        context: { 'k8s.ns.name': number === 3 ? 'shop' : 'bank' },
      }),
    ),
  );
  await until(() => forwarder.stats().acknowledged === 3, 'all is stored');
  const connection = connect({ address });
  bench.onEnd(() => connection.close());
  let behind = 1;
  await until(() => {
    void connection.query({ text: 'alert' }).then(({ unindexed }) => {
      behind = unindexed;
    });
    return behind === 0;
  }, 'all is in the index');
  return { address, uuid: (number: number) => alertOf(number).uuid };
}

test('query shows stored alerts, newest first, a line each, and those that are wanted', async () => {
  const { address } = await start();
  const all = await run('query', '--address', address);
  expect(all).toMatchObject({ code: 0, stderr: '' });
  expect(all.stdout.split('\n').map((line) => /alert \d/.exec(line)?.[0])).toEqual([
    'alert 3',
    'alert 2',
    'alert 1',
    undefined,
  ]);
  expect(all.stdout).not.toContain('\u001b');
  const shop = await run('query', '"alert 3"', '--address', address, '--namespace', 'shop', '--json');
  expect(JSON.parse(shop.stdout)).toMatchObject({ rule: 'Shell in a container', hostname: 'node-1' });
  const wrong = await run('query', '--address', address, '--filter', 'proc.nme = x');
  expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining("did you mean 'proc.name'") });
});

test('triage adds what is said, and query shows and chooses by it', async () => {
  const { address, uuid } = await start();
  const said = await run('triage', 'assign', uuid(1), uuid(2), '--to', 'ana', '--author', 'ben', '--address', address);
  expect(said.code).toBe(0);
  expect(said.stdout.split('\n').filter((line) => line.startsWith('0'))).toEqual([
    `${uuid(1)} open, of ana`,
    `${uuid(2)} open, of ana`,
  ]);
  const closed = await run('triage', 'true-positive', uuid(1), '--note', 'a\nb', '--address', address, '--json');
  expect(JSON.parse(closed.stdout)).toMatchObject({
    uuid: uuid(1),
    status: 'true-positive',
    entries: [{ author: 'ben' }, { note: 'a\nb' }],
  });
  const chosen = await run('query', '--address', address, '--status', 'true-positive');
  expect(chosen.stdout).toMatch(/^[^\n]*alert 1[^\n]* \[true-positive, ana\]\n$/);
  const refused = await Promise.all([
    run('triage', 'assign', uuid(1), '--address', address),
    run('triage', 'close', uuid(1), '--address', address),
    run('triage', 'note', uuid(9), '--note', 'x', '--address', address),
  ]);
  expect(refused.map(({ code }) => code)).toEqual([2, 2, 2]);
  expect(refused[2]?.stderr).toContain('is stored');
});

test('agents lists nodes with what is known of them', async () => {
  const { address } = await start();
  const table = await run('agents', '--address', address);
  expect(table.code).toBe(0);
  expect(table.stdout).toMatch(/^node +state +version .*\nnode-1 +connected +7\.1 /);
  const json = await run('agents', '--address', address, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ agentId: 'node-1', silent: false, records: 3 });
});

test('a collector that knows its clients wants a token, from a file', async () => {
  const folder = bench.folder();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  // printf secret | sha256sum
  const digest = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
  const clients = file('clients.yaml', `clients:\n  - { name: tool, token_sha256: ${digest} }\n`);
  const { address } = await bench.collector({ clients });
  const words = ['query', '--address', address];
  const [none, wrong, right, absent] = await Promise.all([
    run(...words),
    run(...words, '--token-file', file('wrong', 'other\n')),
    run(...words, '--token-file', file('right', 'secret\n')),
    run(...words, '--token-file', join(folder, 'absent')),
  ]);
  expect([none.code, wrong.code, right.code, absent.code]).toEqual([3, 3, 0, 2]);
  expect(wrong.stderr).toContain('the token is not known');
});

test('when nobody answers, that is said', async () => {
  const ended = await run('agents', '--address', '127.0.0.1:1');
  expect(ended).toMatchObject({ code: 3, stdout: '' });
});
