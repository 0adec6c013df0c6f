import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadRules } from '../../../agent/pipeline/load-rules.ts';
import { bundledRules, readRuleFiles } from '../../../agent/pipeline/rule-files.ts';
import { formatDiagnostic } from '../../../agent/rules/diagnostics.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atalaya-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);

function write(name: string, content: string | Uint8Array = '[]'): string {
  writeFileSync(path(name), content);
  return path(name);
}

/** What is wrong with one path, without the path. */
function faultOf(file: string): string | undefined {
  const [error] = readRuleFiles([file]).errors;
  return error && `${formatDiagnostic(error).slice(file.length)} (${error.fault})`;
}

/** Names of the files that were read, in order. */
function namesOf(...paths: readonly string[]): readonly string[] {
  return readRuleFiles(paths).files.map((file) => file.path.slice(folder.length + 1));
}

describe('of a folder', () => {
  test('the *.yaml and *.yml files are read in order of name, not those of folders inside', () => {
    for (const name of ['b.yaml', 'a.yml', 'c.txt', 'Z.yaml', '.hidden.yaml', 'd.yaml.disabled']) write(name);
    mkdirSync(path('e.yaml'));
    mkdirSync(path('f'));
    write('f/g.yaml');
    expect(namesOf(folder)).toEqual(['.hidden.yaml', 'Z.yaml', 'a.yml', 'b.yaml']);
  });

  test('links are followed, and one that leads nowhere is told', () => {
    write('a.txt', '- list: l\n  items: []\n');
    symlinkSync(path('a.txt'), path('b.yaml'));
    symlinkSync(path('nothing'), path('c.yaml'));
    const { files, errors } = readRuleFiles([folder]);
    expect(files.map(({ text }) => text)).toEqual(['- list: l\n  items: []\n']);
    expect(errors.map(formatDiagnostic)).toEqual([
      `${path('c.yaml')}:1:1: error: no such file or folder [LOAD_ERR_FILE_READ]`,
    ]);
  });

  test('without a rule file there is a warning, and no error', () => {
    const { ok, warnings } = loadRules([folder]);
    expect([ok, warnings.map(formatDiagnostic)]).toEqual([
      true,
      [`${folder}:1:1: warning: no *.yaml file is in this folder [NOTE_EMPTY_FOLDER]`],
    ]);
  });
});

describe('of several paths', () => {
  test('the order is kept, and a file that is named itself may be called anything', () => {
    write('b');
    mkdirSync(path('d'));
    write('d/x.yaml');
    write('a.yaml');
    expect(namesOf(path('b'), path('d'), path('a.yaml'))).toEqual(['b', 'd/x.yaml', 'a.yaml']);
  });

  test('what can be read is read, and all that cannot is told', () => {
    write('a.yaml');
    const { files, errors } = readRuleFiles([path('x'), path('a.yaml'), path('y')]);
    expect([files.length, errors.map(({ file }) => file)]).toEqual([1, [path('x'), path('y')]]);
  });

  test('later files see what earlier ones define, and a macro that only a later file uses is used', () => {
    write('a.yaml', '- macro: m\n  condition: evt.type=open\n');
    write('b.yaml', '- rule: r\n  desc: d\n  condition: m\n  output: o\n  priority: INFO\n');
    expect(loadRules([folder])).toMatchObject({ ok: true, errors: [], warnings: [] });
    expect(loadRules([path('b.yaml'), path('a.yaml')]).errors.map(({ message }) => message)).toEqual([
      "there is no macro 'm' that can be used here",
    ]);
  });
});

describe('what is no file', () => {
  test('is named', () => {
    expect(faultOf(path('nothing'))).toBe(':1:1: error: no such file or folder [LOAD_ERR_FILE_READ] (usage)');
    const inFile = join(write('a'), 'b');
    expect(faultOf(inFile)).toBe(':1:1: error: no such file or folder [LOAD_ERR_FILE_READ] (usage)');
    symlinkSync(path('loop'), path('loop'));
    expect(faultOf(path('loop'))).toBe(':1:1: error: too many symbolic links [LOAD_ERR_FILE_READ] (usage)');
    expect(faultOf(path('x'.repeat(300)))).toBe(':1:1: error: the name is too long [LOAD_ERR_FILE_READ] (usage)');
  });

  test('is never waited for: a pipe, a device without end', () => {
    execFileSync('mkfifo', [path('pipe')]);
    expect(faultOf(path('pipe'))).toBe(':1:1: error: is a pipe; expected a file [LOAD_ERR_FILE_READ] (usage)');
    expect(faultOf('/dev/zero')).toBe(':1:1: error: is a device; expected a file [LOAD_ERR_FILE_READ] (usage)');
  });

  test('is told in a folder too', () => {
    execFileSync('mkfifo', [path('pipe.yaml')]);
    expect(readRuleFiles([folder]).errors.map(({ message }) => message)).toEqual(['is a pipe']);
  });

  test('is a socket', async () => {
    const server: Server = createServer().listen(path('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(faultOf(path('socket'))).toBe(':1:1: error: is a socket; expected a file [LOAD_ERR_FILE_READ] (usage)');
    await new Promise((resolve) => server.close(resolve));
  });

  test('is a file of the kernel that only root may read, which is the environment', () => {
    // Root reads all files; this one refuses even root, for its memory at 0 is not there.
    expect(faultOf('/proc/self/mem')).toMatch(/: error: cannot be read: .* \[LOAD_ERR_FILE_READ\] \(environment\)$/);
  });

  test.skipIf(process.getuid?.() === 0)('is a file that may not be read', () => {
    chmodSync(write('secret.yaml'), 0);
    expect(faultOf(path('secret.yaml'))).toBe(':1:1: error: permission denied [LOAD_ERR_FILE_READ] (environment)');
  });
});

describe('a file', () => {
  test('whose size says nothing is read to its end', () => {
    expect(readRuleFiles(['/proc/self/status']).files[0]?.text).toMatch(/^Name:/);
  });

  test('that is too long is not read', () => {
    const long = write('long.yaml', Buffer.alloc(16 * 1024 * 1024 + 1, '#'));
    expect(faultOf(long)).toBe(
      ':1:1: error: is too long; expected at most 16777216 bytes [LOAD_ERR_FILE_READ] (content)',
    );
  });

  test('may begin with a byte order mark, have CRLF at its line ends and be empty', () => {
    write('a.yaml', '\ufeff- list: l\r\n  items: [a]\r\n');
    write('b.yaml', '');
    const { ok, read } = loadRules([folder]);
    expect([ok, read.files.map(({ text }) => text)]).toEqual([true, ['- list: l\r\n  items: [a]\r\n', '']]);
  });

  test.each([
    ['a byte that begins nothing', [0x61, 0x0a, 0x62, 0xff, 0x63], ':2:2: error: is no UTF-8: byte 0xff'],
    ['a character that is cut by another', [0x61, 0xc3, 0x28], ':1:2: error: is no UTF-8: byte 0xc3'],
    ['a character that is cut by the end', [0x61, 0x0a, 0xe2, 0x82], ':2:1: error: is no UTF-8: byte 0xe2'],
    ['a slash in two bytes', [0xc0, 0xaf], ':1:1: error: is no UTF-8: byte 0xc0'],
    ['half of a surrogate pair', [0xc3, 0xa4, 0xed, 0xa0, 0x80], ':1:2: error: is no UTF-8: byte 0xed'],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00], ':1:1: error: is UTF-16'],
    ['UTF-16 the other way round', [0xfe, 0xff, 0x00, 0x61], ':1:1: error: is UTF-16'],
    ['UTF-32', [0xff, 0xfe, 0x00, 0x00], ':1:1: error: is UTF-32'],
  ])('with %s is refused with its place', (_name, bytes, fault) => {
    expect(faultOf(write('a.yaml', Uint8Array.from(bytes)))).toBe(
      `${fault}; expected UTF-8 [LOAD_ERR_FILE_READ] (content)`,
    );
  });
});

test('the rules that come with Atalaya are found and compile', () => {
  const { ok, errors, ruleSet } = loadRules([]);
  expect(errors).toEqual([]);
  expect([ok, ruleSet.rules.length >= 20]).toEqual([true, true]);
  expect(bundledRules()).toMatch(/\/rules\/$/);
});
