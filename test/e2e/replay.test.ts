import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import {
  BLOCK_HEADER_BYTES,
  BlockType,
  CODEC,
  compress,
  decodeBlockHeader,
  decodeStored,
  encodeBlock,
  MAGIC,
} from '../../agent/sources/capture/block.ts';
import { decodeJson, encodeJson } from '../../agent/sources/capture/json.ts';
import { Bench } from '../unit/support/delivery.ts';
import { run } from './support/program.ts';

const bench = new Bench();
afterEach(() => bench.end());

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEMO = join(ROOT, 'rules/demo/first-alerts.cap');

/** A copy of the demonstration's capture to be spoilt. */
function copy(): string {
  const path = join(bench.folder(), 'copy.cap');
  copyFileSync(DEMO, path);
  return path;
}

test('alerts go to standard output and to files alike, the summary to standard error', async () => {
  const file = join(bench.folder(), 'alerts.jsonl');
  const replayed = await run('replay', DEMO, DEMO, '--output', 'stdout', '--output', `file:${file}`);
  expect(replayed.code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(replayed.stdout);
  const uuids = replayed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { uuid: string }).uuid);
  // The same capture twice: the same alerts twice.
  expect(uuids.length).toBeGreaterThan(10);
  expect(uuids.slice(uuids.length / 2)).toEqual(uuids.slice(0, uuids.length / 2));
  expect(replayed.stderr).toMatch(new RegExp(`^${DEMO}: \\d+ events in .*, ${uuids.length / 2} alerts$`, 'm'));
  expect(replayed.stderr).toMatch(/^ +1 {2}Critical +Shell started with a network connection as its input$/m);
});

test('what stands before the damage is replayed', async () => {
  const path = copy();
  const whole = readFileSync(path);
  truncateSync(path, whole.length - 10);
  const cut = await run('replay', path);
  expect(cut.code).toBe(4);
  expect(cut.stderr).toMatch(/at byte \d+: the file ends within a block/);
  expect(cut.stdout).toBe((await run('replay', DEMO)).stdout);

  const flipped = Buffer.from(whole);
  flipped.writeUInt8(flipped.readUInt8(whole.length - 100) ^ 1, whole.length - 100);
  writeFileSync(path, flipped);
  const wrong = await run('replay', path);
  expect(wrong.code).toBe(4);
  expect(wrong.stderr).toMatch(/at byte \d+: (the block is damaged|expected the head of a block)/);
});

test('a capture of another schema is refused, with both named', async () => {
  const path = copy();
  const bytes = readFileSync(path);
  const head = decodeBlockHeader(bytes.subarray(MAGIC.length));
  if (head === undefined) throw new Error('the capture has no header');
  const begin = MAGIC.length + BLOCK_HEADER_BYTES;
  const stored = decodeStored(head, bytes.subarray(begin, begin + head.storedLength));
  if (typeof stored === 'string') throw new Error(stored);
  const header = encodeJson({ ...(decodeJson(stored) as object), abi: 999 });
  const block = encodeBlock(BlockType.header, await compress(header), header.length, CODEC);
  writeFileSync(path, Buffer.concat([MAGIC, block, bytes.subarray(begin + head.storedLength)]));
  const { code, stderr, stdout } = await run('replay', path);
  expect([code, stdout]).toEqual([4, '']);
  expect(stderr).toMatch(/its events have another schema \(ABI 999, .*\); expected ABI \d+/);
});

test('what is no capture, is not there, or has wrong rules is told by an exit code of its own', async () => {
  const folder = bench.folder();
  const noise = join(folder, 'noise.cap');
  const rules = join(folder, 'rules.yaml');
  writeFileSync(noise, Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) & 0xff)));
  writeFileSync(rules, '- rule: a\n');
  const [random, empty, missing, folderItself, wrongRules] = await Promise.all([
    run('replay', noise),
    run('replay', '/dev/null'),
    run('replay', join(folder, 'none.cap')),
    run('replay', folder),
    run('replay', DEMO, '--rules', rules),
  ]);
  expect([random, empty, missing, folderItself, wrongRules].map(({ code, stdout }) => [code, stdout])).toEqual([
    [4, ''],
    [4, ''],
    [3, ''],
    [3, ''],
    [2, ''],
  ]);
  expect(random.stderr).toContain(noise);
  expect(missing.stderr).toContain('no such file');
  expect(wrongRules.stderr).toContain(`${rules}:1:`);
});

test('a good file after a bad one is still replayed', async () => {
  const replayed = await run('replay', '/dev/null', DEMO);
  expect(replayed.code).toBe(4);
  expect(replayed.stdout).toBe((await run('replay', DEMO)).stdout);
});

test('ends without a word when its reader has gone', async () => {
  const files = Array.from({ length: 50 }, () => DEMO).join(' ');
  const child = spawn('bash', ['-c', `set -o pipefail; ${ROOT}bin/atalaya replay ${files} | head -n 1`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, 'close');
  expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 1]);
  expect(stderr).not.toMatch(/Error|EPIPE/);
  // It did not go through all of them for nobody.
  expect(stderr.split('\n').filter((line) => line.startsWith(DEMO)).length).toBeLessThan(50);
});
