import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadRules } from '../../agent/pipeline/load-rules.ts';
import { isMeant, readDifferences } from './captures-differences.ts';
import { runCapture } from './captures-run.ts';

const folder = fileURLToPath(new URL('../data/captures-peer', import.meta.url));
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.scap') ? [basename(file, '.scap')] : []));
const loaded = loadRules([join(folder, 'rules')]);
const differences = readDifferences();

test('the rules of the captures load', () => {
  expect(loaded.errors).toEqual([]);
  expect(names.length).toBeGreaterThanOrEqual(3);
});

test.each(names)('%s: fields and alerts are the same as the peer has them', async (name) => {
  const { passed, failures } = await runCapture(join(folder, name), loaded.ruleSet, differences);
  expect(failures.slice(0, 20)).toEqual([]);
  expect(passed).toBeGreaterThan(100_000);
});

test('a value that no difference is meant for is a failure', () => {
  const deviation = { type: 'openat', row: { 'evt.failed': false }, ours: {} };
  for (const field of ['fd.name', 'fd.directory', 'proc.name', 'evt.res', 'evt.args', 'fs.path.name', 'container.id']) {
    expect(isMeant({ ...deviation, field, expected: 'x=1', found: 'y=1' }, differences)).toBeUndefined();
  }
});
