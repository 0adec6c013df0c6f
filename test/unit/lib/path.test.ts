import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalisePath, resolvePath } from '../../../agent/lib/path.ts';

test.each([
  ['/', '/'],
  ['/a', '/a'],
  ['/a/', '/a'],
  ['//a///b//', '/a/b'],
  ['/a/./b/.', '/a/b'],
  ['/a/../b', '/b'],
  ['/../../a', '/a'],
  ['/a/..', '/'],
  ['/.hidden/..x/...', '/.hidden/..x/...'],
  ['', '/'],
])('%s is %s', (path, normal) => {
  expect(normalisePath(path)).toBe(normal);
});

test.each([
  ['/srv', 'a', '/srv/a'],
  ['/srv/', '../a', '/a'],
  ['/srv', '/etc//x', '/etc/x'],
  ['/', 'a', '/a'],
  ['/srv', '', '/srv'],
  [undefined, '../a', '<UNKNOWN>../a'],
  ['', 'a', '<UNKNOWN>a'],
  [undefined, '/a', '/a'],
])('from %s, %s is %s', (directory, name, path) => {
  expect(resolvePath(directory, name)).toBe(path);
});

test('what is normal stays as it is, and anything becomes normal', () => {
  const parts = fc.array(fc.constantFrom('', '.', '..', 'a', '.b', '...'), { maxLength: 8 });
  fc.assert(
    fc.property(parts, (names) => {
      const normal = normalisePath(`/${names.join('/')}`);
      expect(normalisePath(normal)).toBe(normal);
      expect(normal).toMatch(/^\/$|^(\/(?!\.{1,2}(\/|$))[^/]+)+$/);
    }),
  );
});
