import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const APPLETS = ['sh', 'cat', 'sleep', 'echo', 'id', 'true', 'mkdir', 'touch'];

/** A root file system with busybox, its applets and accounts of its own. */
export function makeRoot(folder: string): string {
  const root = join(folder, 'rootfs');
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp']) mkdirSync(join(root, name), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const name of APPLETS) symlinkSync('busybox', join(root, 'bin', name));
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\ncaptain:x:1000:3000::/home/captain:/bin/sh\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ncrew:x:3000:\n');
  return root;
}

/** An archive as `docker save` makes them, of one layer and some names. */
export function makeImageArchive(
  folder: string,
  root: string,
  tags: readonly string[],
  entrypoint: readonly string[],
): string {
  const work = join(folder, `image-${tags.length}-${entrypoint.length}`);
  mkdirSync(work);
  execFileSync('tar', ['-C', root, '-cf', join(work, 'layer.tar'), '.']);
  const layer = createHash('sha256')
    .update(readFileSync(join(work, 'layer.tar')))
    .digest('hex');
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Entrypoint: entrypoint, Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  });
  writeFileSync(join(work, 'config.json'), config);
  writeFileSync(
    join(work, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', RepoTags: tags, Layers: ['layer.tar'] }]),
  );
  const archive = `${work}.tar`;
  execFileSync('tar', ['-C', work, '-cf', archive, 'manifest.json', 'config.json', 'layer.tar']);
  return archive;
}
