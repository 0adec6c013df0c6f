import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { createRedactor } from '../../../../agent/alert/redact.ts';
import { loadRules } from '../../../../agent/pipeline/load-rules.ts';
import { replay } from '../../../../agent/pipeline/replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'atalaya-scap-'));
afterAll(() => rmSync(folder, { recursive: true }));

const peer = (name: string): string => fileURLToPath(new URL(`../../../data/captures-peer/${name}`, import.meta.url));
const { ruleSet } = loadRules([peer('rules')]);
const packed = readFileSync(peer('attacks-container.scap'));
const plain = gunzipSync(packed);

async function alertsOf(bytes: Buffer) {
  const path = join(folder, 'capture.scap');
  writeFileSync(path, bytes);
  const raised: string[] = [];
  const { events, damage, notes } = await replay(path, {
    ruleSet,
    matching: 'all',
    redactor: createRedactor({ enabled: true, names: [] }),
    processLimitBytes: 1 << 26,
    onRaised: async (bodies) => {
      for (const body of bodies) if (body.type === 'alert') raised.push(`${body.alert.uuid} ${body.alert.rule}`);
    },
  });
  return { raised, events, damage, notes };
}

test('plain, compressed and in members, a capture raises the same alerts', async () => {
  const whole = await alertsOf(packed);
  expect(whole.damage).toBeUndefined();
  expect(whole.raised.length).toBeGreaterThan(20);
  expect(await alertsOf(plain)).toEqual(whole);
  const members = [plain.subarray(0, 1000), plain.subarray(1000)].map((part) => gzipSync(part));
  expect(await alertsOf(Buffer.concat(members))).toEqual(whole);
});

test('what stands before damage is replayed, and the error says where it is', async () => {
  const whole = await alertsOf(plain);
  const cut = Math.floor(plain.length * 0.6) + 1;
  const damaged = await alertsOf(plain.subarray(0, cut));
  expect(damaged.raised.length).toBeGreaterThan(0);
  expect(damaged.raised).toEqual(whole.raised.slice(0, damaged.raised.length));
  expect(damaged.damage?.code).toBe('E_CAPTURE');
  const [, offset = ''] = /at byte (\d+): the capture ends/.exec(damaged.damage?.message ?? '') ?? [];
  expect(Number(offset)).toBeGreaterThan(cut - 65_536);
  expect(Number(offset)).toBeLessThan(cut);
  const compressed = await alertsOf(packed.subarray(0, packed.length >> 1));
  expect(compressed.raised.length).toBeGreaterThan(0);
  expect(compressed.damage?.message).toMatch(/at byte \d+: the gzip stream is damaged/);
});

test('what is passed over is told', async () => {
  expect((await alertsOf(plain)).notes).toEqual([]);
  const unknown = Buffer.alloc(28);
  unknown.writeUInt32LE(0x7777, 0);
  unknown.writeUInt32LE(28, 4);
  unknown.writeUInt32LE(28, 24);
  const { notes, raised } = await alertsOf(Buffer.concat([plain, unknown, unknown]));
  expect(notes).toEqual(['2 blocks of unknown types were passed over']);
  expect(raised.length).toBeGreaterThan(20);
});

test('a file that is no capture is refused', async () => {
  await expect(alertsOf(Buffer.from('no capture at all'))).rejects.toMatchObject({ code: 'E_CAPTURE' });
  await expect(alertsOf(gzipSync('no capture at all'))).rejects.toMatchObject({ code: 'E_CAPTURE' });
});
