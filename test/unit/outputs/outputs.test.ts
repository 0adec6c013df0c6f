import { execFileSync } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { alertJson } from '../../../agent/outputs/alert-json.ts';
import { createFileOutput } from '../../../agent/outputs/file.ts';
import { LineWriter, type OutputNotice } from '../../../agent/outputs/line-writer.ts';
import { attachOutput } from '../../../agent/outputs/output.ts';
import { createStdoutOutput } from '../../../agent/outputs/stdout.ts';
import { alertOf, Bench, bodyOf, range, until } from '../support/delivery.ts';

const bench = new Bench();
afterEach(() => bench.end());

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

const line = (number: number) => alertJson(alertOf(number));

test('an alert is one line with the keys that Falco has, in its order, and the uuid', () => {
  const alert = alertOf(7, { tags: ['b', 'a'] });
  expect(alertJson(alert)).toBe(
    '{"hostname":"node-1","output":"10:00:00.000000000: Warning alert 7 (user=root)",' +
      '"output_fields":{"container.id":null,"evt.time":1700000000000000007,"fd.num":7,"user.name":"root"},' +
      '"priority":"Warning","rule":"Shell in a container","source":"syscall","tags":["a","b"],' +
      '"time":"2023-11-14T22:13:20.000000007Z","uuid":"00000000-0000-8000-8000-000000000007"}',
  );
});

test('hostile text neither forges a line nor steers a terminal', () => {
  const hostile = 'x\n{"rule":"forged"}\r\u001b[31m\u202e\u009b2J%s"\\';
  const text = alertJson(alertOf(1, { rule: hostile, output: hostile, outputFields: { 'proc.name': hostile } }));
  expect(text).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(text)).toMatchObject({ rule: hostile, output: hostile, output_fields: { 'proc.name': hostile } });
});

test('alerts are written after their commit, and nothing but alerts', async () => {
  const path = join(bench.folder(), 'alerts.json');
  const output = createFileOutput({ path });
  bench.onEnd(() => output.close());
  const spool = bench.spool();
  attachOutput(spool, output);
  const gap = { stage: 'kernel', cause: 'ring-full', fromNs: 1n, toNs: 2n, count: 3n } as const;
  const done = spool.append([bodyOf(1), { type: 'gap', gap }, bodyOf(2)]);
  await output.flush();
  expect(lines(path)).toEqual([]);
  await done;
  await output.flush();
  expect(lines(path)).toEqual([line(1), line(2)]);
  expect(output.stats()).toEqual({ written: 2, dropped: 0, waitingBytes: 0 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what becomes known of an alert later is a line of its own', async () => {
  const path = join(bench.folder(), 'alerts.json');
  const output = createFileOutput({ path });
  bench.onEnd(() => output.close());
  const { uuid } = alertOf(1);
  const context = { 'k8s.ns.name': 'shop', 'container.name': 'app\n{"rule":"forged"}' };
  const spool = bench.spool();
  attachOutput(spool, output);
  await spool.append([bodyOf(1), { type: 'amendment', amendment: { uuid, revision: 1, timeNs: 1n, context } }]);
  await output.flush();
  expect(lines(path)).toEqual([
    line(1),
    '{"amended_fields":{"container.name":"app\\n{\\"rule\\":\\"forged\\"}","k8s.ns.name":"shop"},' +
      `"revision":1,"time":"1970-01-01T00:00:00.000000001Z","uuid":"${uuid}"}`,
  ]);
});

test('a file is continued, after the end of a line that a crash cut short', async () => {
  const path = join(bench.folder(), 'alerts.json');
  writeFileSync(path, `${line(1)}\n{"hostna`);
  const output = createFileOutput({ path });
  output.write([bodyOf(2)]);
  await output.close();
  expect(lines(path)).toEqual([line(1), '{"hostna', line(2)]);
});

test('after a rotation and a signal the new file is written', async () => {
  const path = join(bench.folder(), 'alerts.json');
  const output = createFileOutput({ path });
  output.write([bodyOf(1)]);
  await output.flush();
  renameSync(path, `${path}.1`);
  output.reopen();
  output.write([bodyOf(2)]);
  await output.close();
  expect(lines(`${path}.1`)).toEqual([line(1)]);
  expect(lines(path)).toEqual([line(2)]);
});

test('a file that was moved away is made anew without a signal', async () => {
  const path = join(bench.folder(), 'alerts.json');
  const output = createFileOutput({ path });
  bench.onEnd(() => output.close());
  rmSync(path);
  let number = 0;
  await until(() => {
    output.write([bodyOf(number++)]);
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  }, 'the file is there again');
});

test('a file that cannot be opened is named', () => {
  expect(() => createFileOutput({ path: '/proc/none/alerts.json' })).toThrow(
    expect.objectContaining({ code: 'E_OUTPUT', message: expect.stringContaining('/proc/none/alerts.json') }),
  );
});

test('a full disk is told once, and what waited is written when there is room', async () => {
  const notices: OutputNotice[] = [];
  // Every write to it fails with ENOSPC.
  const full = openSync('/dev/full', 'w');
  const path = join(bench.folder(), 'alerts.json');
  const good = openSync(path, 'w');
  bench.onEnd(() => [full, good].forEach(closeSync));
  let descriptor = full;
  const writer = new LineWriter({ descriptor: () => descriptor, onNotice: (notice) => notices.push(notice) });
  for (const number of range(0, 10)) writer.add(line(number));
  await until(() => notices.length > 0, 'the failure is told');
  descriptor = good;
  await writer.flush();
  expect(lines(path)).toEqual(range(0, 10).map(line));
  expect(notices.map(({ kind }) => kind)).toEqual(['failing', 'recovered']);
});

test('lines beyond the limit are dropped and counted, told once', async () => {
  const notices: OutputNotice[] = [];
  const path = join(bench.folder(), 'alerts.json');
  const descriptor = openSync(path, 'w');
  bench.onEnd(() => closeSync(descriptor));
  const writer = new LineWriter({
    descriptor: () => descriptor,
    limitBytes: 2 * (line(1).length + 1),
    onNotice: (notice) => notices.push(notice),
  });
  for (const number of range(1, 6)) writer.add(line(number));
  await writer.flush();
  expect(lines(path)).toEqual([line(1), line(2)]);
  expect(writer.stats()).toEqual({ written: 2, dropped: 3, waitingBytes: 0 });
  expect(notices).toEqual([{ kind: 'dropping' }]);
});

/** A pipe by name, both of whose ends this process holds. */
function pipe(): { readonly path: string; readonly descriptor: number } {
  const path = join(bench.folder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const descriptor = openSync(path, 'r+');
  return { path, descriptor };
}

test('a reader that stands still stops neither the process nor its end', async () => {
  const { descriptor } = pipe();
  const output = createStdoutOutput({ descriptor });
  output.write(range(0, 2000).map((number) => bodyOf(number)));
  await output.close();
  const { written, dropped } = output.stats();
  expect(written + dropped).toBe(2000);
  expect(dropped).toBeGreaterThan(0);
  closeSync(descriptor);
});

test('a slow reader gets every line', async () => {
  const { path, descriptor } = pipe();
  const output = createStdoutOutput({ descriptor });
  output.write(range(0, 1000).map((number) => bodyOf(number)));
  let text = '';
  const reader = createReadStream(path, { encoding: 'utf8', highWaterMark: 4096 });
  reader.on('data', (chunk) => {
    text += chunk;
  });
  await output.flush();
  await until(() => text.split('\n').length === 1001, 'all lines are read');
  expect(text.split('\n').slice(0, -1)).toEqual(range(0, 1000).map(line));
  reader.destroy();
  closeSync(descriptor);
});

test('when the reader has gone, that is told once and the rest is counted', async () => {
  const { path, descriptor } = pipe();
  const writing = openSync(path, 'w');
  const notices: OutputNotice[] = [];
  const output = createStdoutOutput({ descriptor: writing, onNotice: (notice) => notices.push(notice) });
  closeSync(descriptor);
  output.write([bodyOf(1)]);
  await output.flush();
  output.write([bodyOf(2)]);
  await output.close();
  expect(notices.map(({ kind }) => kind)).toEqual(['gone']);
  expect(output.stats()).toEqual({ written: 0, dropped: 2, waitingBytes: 0 });
  closeSync(writing);
});
