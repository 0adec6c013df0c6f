import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../../scripts/gen-proto-numbers.mjs', import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const MESSAGE = `
  // What it is.
  string name = 1;
  // How many.
  uint32 count = 2;`;

function write(folder: string, body: string): void {
  mkdirSync(join(folder, 'atalaya/v1'), { recursive: true });
  writeFileSync(
    join(folder, 'atalaya/v1/a.proto'),
    `syntax = "proto3";\npackage atalaya.v1;\n// A thing.\nmessage Thing {${body}\n}\n`,
  );
}

/** What the script says of a message that was declared once and is declared otherwise now. */
function change(body: string) {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-numbers-'));
  folders.push(folder);
  write(folder, MESSAGE);
  expect(run(folder)).toMatchObject({ status: 0, stderr: '' });
  write(folder, body);
  const { status, stderr } = run(folder);
  return { status, stderr, lock: Object.keys(JSON.parse(readFileSync(join(folder, 'numbers.json'), 'utf8'))) };
}

function run(folder: string) {
  return spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
}

test.each([
  ['another number', MESSAGE.replace('count = 2', 'count = 3'), 'Thing.count has the number 3; it was 2'],
  ['another type', MESSAGE.replace('uint32', 'int64'), 'Thing.count is of type int64; it was uint32'],
  ['a field that is gone', '\n// What it is.\nstring name = 1;', 'Thing.count = 2 is gone'],
  ['a field without a comment', `${MESSAGE}\n\n  bool flag = 3;`, 'Thing.flag has no comment'],
])('%s is refused', (_, body, message) => {
  const { status, stderr, lock } = change(body);
  expect([status, lock]).toEqual([1, ['atalaya.v1.Thing.count', 'atalaya.v1.Thing.name']]);
  expect(stderr).toContain(message);
});

test('a new field is taken in, and one whose number is reserved may go', () => {
  const body = '\n// What it is.\nstring name = 1;\nreserved 2;\n// New.\nbool flag = 3;';
  expect(change(body)).toEqual({
    status: 0,
    stderr: '',
    lock: ['atalaya.v1.Thing.count', 'atalaya.v1.Thing.flag', 'atalaya.v1.Thing.name'],
  });
});
