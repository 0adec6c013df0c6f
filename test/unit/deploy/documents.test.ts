import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

test('CONTRIBUTING.md names each dependency with its version, and no other', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const rows = [...read('CONTRIBUTING.md').matchAll(/^\| `([^`]+)` \| ([\d.]+) \| (.+) \|$/gm)];
  expect(Object.fromEntries(rows.map(([, name, version]) => [name, version]))).toEqual({
    ...dependencies,
    ...devDependencies,
  });
});

test('every version is pinned', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  for (const version of Object.values({ ...dependencies, ...devDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each(['CONTRIBUTING.md', 'README.md', 'deploy/kubernetes/README.md'])('what %s refers to is there', (path) => {
  const text = read(path);
  const folder = path.replace(/[^/]*$/, '');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link = '']) => folder + link);
  const code = [...text.matchAll(/`((?:agent|native|test|rules|scripts|deploy|docs|proto|collector)\/[\w./-]*)`/g)];
  const missing = [...links, ...code.map(([, name = '']) => name)].filter((name) => !existsSync(root + name));
  expect(missing).toEqual([]);
});

test('the licences are there', () => {
  expect(read('LICENSE')).toContain('Apache License\n                           Version 2.0, January 2004');
  expect(read('native/bpf/LICENSE')).toMatch(/GPL-2\.0-only[^]*Apache-2\.0/);
});
