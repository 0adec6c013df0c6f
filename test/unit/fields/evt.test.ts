import { expect, test } from 'vitest';
import { eventFlags } from '../../../agent/decode/layout.gen.ts';
import { createPipeline } from '../support/context.ts';

test('counts events and shows their time as the wall clock has it', () => {
  const pipeline = createPipeline();
  pipeline.feed('unlink', {}, { name: '/a' });
  pipeline.feed('unlink', { timeNs: 1_002_000_003n }, { name: '/a' });
  expect(
    pipeline.fields(
      'evt.num',
      'evt.time',
      'evt.time.s',
      'evt.time.iso8601',
      'evt.datetime',
      'evt.rawtime',
      'evt.rawtime.ns',
      'evt.reltime',
    ),
  ).toEqual([
    2,
    '23:13:21.002000003',
    '23:13:21',
    '2023-11-14T22:13:21.002000003+0000',
    '2023-11-14 23:13:21.002000003',
    1_700_000_001_002_000_003n,
    2_000_003n,
    1_002_000_003n,
  ]);
});

test('a call has its result, the end of a process has none', () => {
  const pipeline = createPipeline();
  const result = ['evt.res', 'evt.rawres', 'evt.failed', 'evt.count.error', 'evt.dir', 'syscall.type'];
  pipeline.feed('unlink', { syscall: 87, result: -13 }, { name: '/a' });
  expect(pipeline.fields(...result)).toEqual(['EACCES', -13, true, 1, '<', 'unlink']);
  pipeline.feed('unlink', { syscall: 87 }, { name: '/a' });
  expect(pipeline.fields(...result)).toEqual(['SUCCESS', 0, false, 0, '<', 'unlink']);
  pipeline.feed('exit', {}, { groupDead: 1 });
  expect(pipeline.fields(...result)).toEqual([undefined, undefined, undefined, undefined, '>', undefined]);
  expect(pipeline.field('evt.type')).toBe('procexit');
});

test('what an open asks for does not depend on its success', () => {
  const pipeline = createPipeline();
  const asks = ['evt.is_open_read', 'evt.is_open_write', 'evt.is_open_exec', 'evt.is_open_create'];
  pipeline.feed('open', { syscall: 257, result: -2 }, { flags: 2, name: '/a' });
  expect(pipeline.fields(...asks)).toEqual([true, true, false, false]);
  pipeline.feed(
    'open',
    { syscall: 257, result: 3 },
    { flags: 0x41, mode: 0o755, name: '/a', file: { mode: 0o100755, path: '/a', fileFlags: 4 } },
  );
  expect(pipeline.fields(...asks)).toEqual([false, true, true, true]);
  pipeline.feed(
    'open',
    { syscall: 257, result: 3 },
    { flags: 0x41_0001, mode: 0o700, name: '/tmp', file: { mode: 0o100700, path: '/tmp/#1' } },
  );
  expect(pipeline.fields(...asks)).toEqual([false, true, true, true]);
  pipeline.feed(
    'open',
    { syscall: 85, result: 3 },
    { flags: 0, mode: 0o755, name: '/a', file: { mode: 0o100755, path: '/a' } },
  );
  expect(pipeline.fields(...asks)).toEqual([false, false, true, false]);
  pipeline.feed('unlink', {}, { name: '/a' });
  expect(pipeline.fields(...asks)).toEqual([false, false, false, false]);
});

test('gives parameters by name and by position, as text and raw', () => {
  const pipeline = createPipeline();
  pipeline.feed('setuid', { syscall: 117 }, { newReal: 0xffff_ffff, newEffective: 0, newSaved: 1234 });
  expect([
    pipeline.field('evt.arg', 'euid'),
    pipeline.field('evt.arg', 1),
    pipeline.field('evt.arg', 'suid'),
    pipeline.field('evt.arg', 'nothing'),
    pipeline.field('evt.arg', 9),
    pipeline.field('evt.rawarg', 'suid'),
    pipeline.field('evt.args'),
  ]).toEqual([
    'root',
    '<NONE>',
    '<NA>',
    undefined,
    undefined,
    1234,
    'res=0 ruid=-1(<NONE>) euid=0(root) suid=1234(<NA>)',
  ]);
});

test('names an empty parameter by its kind', () => {
  const pipeline = createPipeline();
  pipeline.feed('mount', { syscall: 165, result: -14 }, {});
  expect(pipeline.field('evt.args')).toBe('res=-14(EFAULT) dev=<NA> dir=<NA> type=<NA> flags=0');
  pipeline.feed('connect', { syscall: 42, result: -9 }, { fd: 77 });
  expect(pipeline.field('evt.args')).toBe('res=-9(EBADF) tuple=NULL fd=77 addr=NULL');
});

test('translates what Falco numbers in its own way', () => {
  const pipeline = createPipeline();
  const args = (name: string) => [pipeline.field('evt.arg', name), pipeline.field('evt.rawarg', name)];
  pipeline.feed('ptrace', { syscall: 101 }, { request: 5, targetPid: 7, targetComm: 'sshd' });
  expect(args('request')).toEqual(['PTRACE_POKEDATA', 6]);
  expect(args('pid')).toEqual(['sshd', 7]);
  pipeline.feed('unshare', { syscall: 272 }, { flags: 0x1002_0000 });
  expect(args('flags')).toEqual(['CLONE_NEWNS|CLONE_NEWUSER', 1_048_608]);
  pipeline.feed('chmod', { syscall: 90 }, { mode: 0o104755, name: 'f', dirPath: '/tmp' });
  expect(args('mode')).toEqual(['S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID', 0o4755]);
  expect(args('filename')).toEqual(['/tmp/f', 'f']);
  pipeline.feed('mkdir', { syscall: 83 }, { mode: 0o777, name: '/d' });
  expect(args('mode')).toEqual(['1FF', 0o777]);
  pipeline.feed('socket', { syscall: 41, result: 3 }, { domain: 1, type: 0x8_0801 });
  expect(args('domain')).toEqual(['AF_LOCAL|AF_UNIX', 1]);
  expect(args('flags')).toEqual(['O_NONBLOCK|O_CLOEXEC', 4160]);
  pipeline.feed('bpf', { syscall: 321, result: 4 }, { cmd: 5 });
  expect(args('cmd')).toEqual(['BPF_PROG_LOAD', 5]);
  pipeline.feed('fork', { syscall: 56, result: 200 }, { childPid: 200, childTid: 200, cloneFlags: 0x120_0011 });
  expect(args('flags')).toEqual(['CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID', 25_165_824]);
  expect(args('res')).toEqual(['victim', 200]);
  pipeline.feed('exit', {}, { exitCode: 0x8b, groupDead: 1 });
  expect(args('sig')).toEqual(['SIGSEGV', 11]);
});

test('puts the absolute path of a call with directories where it belongs', () => {
  const pipeline = createPipeline();
  pipeline.feed('rename', { syscall: 264 }, { oldName: 'a', oldDirPath: '/x', newName: '../b', newDirPath: '/y/z' });
  expect([undefined, 'src', 'dst'].map((argument) => pipeline.field('evt.abspath', argument))).toEqual([
    '/x/a',
    '/x/a',
    '/y/b',
  ]);
  pipeline.feed('rename', { syscall: 82 }, { oldName: '/a', newName: '/b' });
  expect(pipeline.field('evt.abspath')).toBeUndefined();
});

test('sorts events by what they work on', () => {
  const pipeline = createPipeline();
  pipeline.feed('send', { syscall: 44, result: 10 }, { sock: { family: 2, type: 2 } });
  expect(pipeline.fields('evt.category', 'evt.io_dir', 'evt.buflen', 'evt.buflen.net', 'evt.buflen.file')).toEqual([
    'net',
    'write',
    10,
    10,
    undefined,
  ]);
  pipeline.feed('open', { result: -2 }, { name: '/a' });
  expect(pipeline.fields('evt.category', 'evt.count.error.file', 'evt.count.error.net', 'evt.io_dir')).toEqual([
    'file',
    1,
    undefined,
    undefined,
  ]);
});

test('what io_uring did says so, and that its result is not known', () => {
  const pipeline = createPipeline();
  const way = ['evt.type', 'evt.is_io_uring', 'fd.is_direct', 'fd.num', 'evt.failed', 'fd.name'];
  const { ioUring, direct } = eventFlags;
  pipeline.feed('open', { syscall: 257, result: 3 }, { name: '/a' });
  expect(pipeline.fields(...way).slice(0, 3)).toEqual(['openat', false, false]);
  pipeline.feed('open', { syscall: 257, result: 3, flags: ioUring | direct }, { name: '/a' });
  expect(pipeline.fields(...way).slice(0, 4)).toEqual(['openat', true, true, 3]);
  pipeline.feed('open', { syscall: 257, flags: ioUring | eventFlags.resultAssumed }, { name: '/a' });
  expect(pipeline.fields(...way)).toEqual(['openat', true, false, 0x7fff_ffff, false, '/a']);
});
