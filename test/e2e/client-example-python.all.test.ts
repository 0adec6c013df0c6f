import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Bench } from '../unit/support/delivery.ts';
import { exampleOf, ROOT, runExample, startFilled } from './support/client-example.ts';

const bench = new Bench();
afterEach(() => bench.end());

test("the Python example runs with Debian's gRPC, over a restart of the collector too", async () => {
  const dataDir = bench.folder();
  const collector = await startFilled(bench, dataDir);
  const folder = bench.folder();
  const files = ['value', 'alert', 'triage', 'envelope', 'anchor', 'collector'].map(
    (name) => `atalaya/v1/${name}.proto`,
  );
  const made = spawnSync('protoc', ['-I', join(ROOT, 'proto'), `--python_out=${folder}`, ...files], {
    encoding: 'utf8',
  });
  expect([made.status, made.stderr]).toEqual([0, '']);
  writeFileSync(join(folder, 'example.py'), exampleOf('python', collector.address));
  const { saidLines } = runExample(bench, '/usr/bin/python3', ['example.py'], folder, { PYTHONPATH: folder });
  expect(await saidLines(3)).toEqual(['', '', ''].map(() => 'node-1 Shell in a container bash'));
  await collector.stop();
  const again = await startFilled(bench, dataDir, collector.address);
  await again.store(2);
  expect((await saidLines(7)).length).toBe(7);
});
