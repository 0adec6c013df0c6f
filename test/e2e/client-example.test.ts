import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Bench } from '../unit/support/delivery.ts';
import { exampleOf, ROOT, runExample, startFilled } from './support/client-example.ts';

const bench = new Bench();
afterEach(() => bench.end());

/** A folder of somebody who has installed the package. */
function folderWithPackage(): string {
  const folder = bench.folder();
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(ROOT, join(folder, 'node_modules/atalaya'));
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

test('the example of the client library runs, over a restart of the collector too', async () => {
  const dataDir = bench.folder();
  const collector = await startFilled(bench, dataDir);
  const folder = folderWithPackage();
  // It has no types of its own: what is TypeScript is JavaScript too.
  writeFileSync(join(folder, 'example.js'), exampleOf('node', collector.address));
  const { saidLines } = runExample(bench, process.execPath, ['example.js'], folder);
  expect(await saidLines(4)).toEqual([
    '5 alerts are stored',
    ...['', '', ''].map(() => 'node-1 Warning Shell in a container: bash'),
  ]);
  await collector.stop();
  const again = await startFilled(bench, dataDir, collector.address);
  await again.store(2);
  expect((await saidLines(8)).length).toBe(8);
});

test('the example has the types that the library declares', () => {
  const folder = folderWithPackage();
  const check = (text: string) => {
    writeFileSync(join(folder, 'example.ts'), text);
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2023',
      '--module',
      'nodenext',
      '--types',
      'node',
    ];
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    return spawnSync(tsc, [...flags, 'example.ts'], { cwd: folder, encoding: 'utf8' }).stdout;
  };
  const example = exampleOf('node', '127.0.0.1:1');
  expect(check(example)).toBe('');
  expect(check(example.replace("priority: 'Warning'", "priority: 'Urgent'"))).toContain('Urgent');
  expect(check(example.replace('alert;', 'alerts;'))).toContain("'alerts' does not exist");
});
