import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { signatureOf, watchRules } from '../../../agent/pipeline/rule-watch.ts';
import { until } from '../support/delivery.ts';

const folder = mkdtempSync(join(tmpdir(), 'atalaya-watch-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('whatever happens to rule files and their folders is noticed, and nothing else', () => {
  const rules = join(folder, 'rules');
  const file = join(folder, 'own.yaml');
  mkdirSync(join(folder, 'v1'), { recursive: true });
  mkdirSync(join(folder, 'v2'));
  symlinkSync('v1', rules);
  writeFileSync(file, 'a');
  writeFileSync(join(folder, 'v1/a.yaml'), 'a');
  writeFileSync(join(folder, 'v2/a.yaml'), 'a');
  const seen: string[] = [];
  const changes = (act: () => void): boolean => {
    act();
    const now = signatureOf([rules, file]);
    const changed = now !== seen.at(-1);
    seen.push(now);
    return changed;
  };
  changes(() => {});
  expect(changes(() => {})).toBe(false);
  expect(changes(() => writeFileSync(join(folder, 'other.yaml'), 'b'))).toBe(false);
  expect(changes(() => writeFileSync(file, 'longer'))).toBe(true);
  expect(changes(() => writeFileSync(join(rules, 'b.yaml'), 'b'))).toBe(true);
  expect(changes(() => rmSync(join(rules, 'b.yaml')))).toBe(true);
  // A ConfigMap is replaced by turning a link.
  symlinkSync('v2', `${rules}.new`);
  expect(changes(() => renameSync(`${rules}.new`, rules))).toBe(true);
  expect(changes(() => rmSync(file))).toBe(true);
  expect(changes(() => {})).toBe(false);
});

test('tells of a change until it is stopped', async () => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'a.yaml');
  let told = 0;
  const watch = watchRules([file], 5, () => told++);
  writeFileSync(file, 'a');
  await until(() => told > 0, 'the change is told');
  watch.stop();
});
