import { expect, test } from 'vitest';
import { imageIdOf, parseImageName } from '../../../agent/runtime/image-name.ts';

const DIGEST = `sha256:${'d'.repeat(64)}`;

test.each([
  ['nginx', 'nginx', '', ''],
  ['nginx:1.25', 'nginx', '1.25', ''],
  ['localhost:5000/nginx', 'localhost:5000/nginx', '', ''],
  ['localhost:5000/nginx:1.25', 'localhost:5000/nginx', '1.25', ''],
  [`docker.io/library/nginx@${DIGEST}`, 'docker.io/library/nginx', '', DIGEST],
  [`r.example/a/b:v1@${DIGEST}`, 'r.example/a/b', 'v1', DIGEST],
  [DIGEST, '', '', ''],
  ['', '', '', ''],
])('takes %s apart', (reference, repository, tag, digest) => {
  expect(parseImageName(reference)).toEqual({ repository, tag, digest });
});

test('an id has no algorithm and no name', () => {
  expect([imageIdOf(DIGEST), imageIdOf(`nginx@${DIGEST}`), imageIdOf('nginx')]).toEqual([
    'd'.repeat(64),
    'd'.repeat(64),
    'nginx',
  ]);
});
