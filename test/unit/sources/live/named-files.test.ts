import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { PathFilter } from '../../../../agent/events/plan.ts';
import { encodeDevice } from '../../../../agent/lib/device.ts';
import { findNamed, namesOf } from '../../../../agent/sources/live/named-files.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const filter = (path: string, below = false): PathFilter => ({
  components: path.split('/').filter((name) => name !== ''),
  below,
});

it('finds files, what links lead to, and directories', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-named-'));
  folders.push(folder);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  symlinkSync(file, join(folder, 'link'));
  const paths = [filter(file), filter(join(folder, 'link')), filter(folder, true), filter(join(folder, 'missing'))];
  const { files, names } = await findNamed(paths);
  expect(files.map(({ dev, inode }) => [encodeDevice(dev), Number(inode)])).toEqual(
    [file, folder].map((path) => [statSync(path).dev, statSync(path).ino]),
  );
  expect(names).toEqual(['file', 'link', 'missing']);
});

it('knows names of files alone, each once, and none that the kernel would not look up', () => {
  const long = 'n'.repeat(31);
  const paths = [filter('/etc/shadow'), filter('/mnt/etc/shadow'), filter('/etc', true), filter(`/x/${long}`)];
  expect(namesOf(paths)).toEqual(['shadow']);
});
