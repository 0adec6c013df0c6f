import { expect, test } from 'vitest';
import { createPipeline } from '../support/context.ts';
import type { Members } from '../support/record-builder.ts';

const FD = ['fd.num', 'fd.type', 'fd.typechar', 'fd.name', 'fd.directory', 'fd.filename', 'fd.nameraw'];
const regular = (path: string, more: Members = {}): Members => ({
  mode: 0o100644,
  path,
  inode: 5,
  dev: (8 << 20) | 300,
  ...more,
});
const ip = '\x0a\x00\x00\x01';
const peer = '\x5d\xb8\xd8\x22';

test('a successful open is about its file', () => {
  const pipeline = createPipeline();
  pipeline.feed(
    'open',
    { syscall: 257, result: 3 },
    { name: '../etc//passwd', dirPath: '/usr', file: regular('/etc/passwd') },
  );
  expect(pipeline.fields(...FD)).toEqual([3, 'file', 'f', '/etc/passwd', '/etc', 'passwd', '../etc//passwd']);
  expect(
    pipeline.fields(
      'fd.dev',
      'fd.dev.major',
      'fd.dev.minor',
      'fd.ino',
      'fd.name_changed',
      'fd.connected',
      'fd.l4proto',
      'fd.uid',
    ),
  ).toEqual([0x10_082c, 8, 300, 5, true, false, '<NA>', '1003']);
  expect(pipeline.fields('fs.path.name', 'fs.path.nameraw')).toEqual(['/etc/passwd', '../etc//passwd']);
});

test('a failed open refers to nothing and keeps its name', () => {
  const pipeline = createPipeline();
  pipeline.feed('open', { syscall: 257, result: -2 }, { name: 'x', dirPath: '/usr/lib' });
  expect(pipeline.fields(...FD)).toEqual([-1, undefined, 'f', '/usr/lib/x', '/usr/lib', undefined, 'x']);
  expect(pipeline.fields('fd.connected', 'fd.l4proto', 'fd.ino', 'fd.ip', 'fs.path.name')).toEqual(
    Array(5).fill(undefined),
  );
});

test('a relative name without its directory is shown as unknown', () => {
  const pipeline = createPipeline();
  pipeline.feed('open', { syscall: 257, result: -2 }, { name: '../x' });
  expect(pipeline.field('fd.name')).toBe('<UNKNOWN>../x');
});

test('a directory is its own directory, and a file in the root has the root', () => {
  const pipeline = createPipeline();
  pipeline.feed('open', { result: 3 }, { name: '/srv/x', file: { mode: 0o040755, path: '/srv/x' } });
  expect(pipeline.fields('fd.type', 'fd.directory', 'fd.filename')).toEqual(['directory', '/srv/x', undefined]);
  pipeline.feed('open', { result: 3 }, { name: '/x', file: regular('/x') });
  expect(pipeline.fields('fd.directory', 'fd.filename')).toEqual(['/', 'x']);
});

test('calls with one directory descriptor are about the directory, those without about nothing', () => {
  const pipeline = createPipeline();
  pipeline.feed('unlink', { syscall: 263 }, { dirfd: 7, name: 'f', dirPath: '/srv' });
  expect(pipeline.fields('fd.num', 'fd.name', 'fd.type', 'fs.path.name')).toEqual([7, '/srv', 'directory', '/srv/f']);
  pipeline.feed('unlink', { syscall: 263 }, { dirfd: -100, name: 'f', dirPath: '/srv' });
  expect(pipeline.fields('fd.num', 'fd.name', 'fd.type', 'fs.path.name')).toEqual([-100, '', undefined, '/srv/f']);
  pipeline.feed('unlink', { syscall: 87 }, { dirfd: -100, name: '/f' });
  expect(pipeline.fields('fd.num', 'fd.name', 'fd.typechar')).toEqual([undefined, undefined, undefined]);
  pipeline.feed('rename', { syscall: 264 }, { oldDirfd: 3, newDirfd: 3, oldName: '/a', newName: '/b' });
  expect(pipeline.field('fd.num')).toBeUndefined();
});

test('calls on a descriptor are about it', () => {
  const pipeline = createPipeline();
  pipeline.feed('chmod', { syscall: 91 }, { fd: 4, mode: 0o640, file: regular('/srv/f') });
  expect(pipeline.fields('fd.num', 'fd.name', 'fs.path.name', 'evt.arg')).toEqual([4, '/srv/f', '/srv/f', undefined]);
  expect(pipeline.field('evt.args')).toBe('res=0 fd=4(<f>/srv/f) mode=0640(S_IRGRP|S_IWUSR|S_IRUSR)');
  pipeline.feed('module', { syscall: 313 }, { fd: 5, file: regular('/lib/m.ko'), params: '' });
  expect(pipeline.fields('fd.num', 'fd.name', 'evt.args')).toEqual([
    5,
    '/lib/m.ko',
    'res=0 fd=5(<f>/lib/m.ko) uargs= flags=0',
  ]);
  pipeline.feed(
    'memfd',
    { syscall: 319, result: 6 },
    { name: 'run', flags: 1, file: { mode: 0o100777, fileFlags: 2, path: 'memfd:run' } },
  );
  expect(pipeline.fields('fd.num', 'fd.type', 'fd.name', 'evt.arg')).toEqual([6, 'memfd', 'run', undefined]);
});

test.each([
  ['[eventfd]', 'event'],
  ['[eventpoll]', 'eventpoll'],
  ['anon_inode:[signalfd]', 'signalfd'],
  ['bpf-prog', 'bpf'],
  ['[perf_event]', '<NA>'],
])('%s is of type %s', (label, type) => {
  const pipeline = createPipeline();
  pipeline.feed(
    'dup',
    { syscall: 33, result: 1 },
    { oldFd: 4, newFd: 1, file: { mode: 0o600, path: label, fileFlags: 8 } },
  );
  expect(pipeline.fields('fd.type', 'fd.name')).toEqual([type, '']);
});

test('both ends of a connection, by role and by place', () => {
  const pipeline = createPipeline();
  const ends = [
    'fd.cip',
    'fd.cport',
    'fd.sip',
    'fd.sport',
    'fd.lip',
    'fd.lport',
    'fd.rip',
    'fd.rport',
    'fd.ip',
    'fd.port',
    'fd.net',
    'fd.sproto',
    'fd.is_server',
  ];
  const sock = {
    family: 2,
    type: 1,
    protocol: 6,
    state: 1,
    local: ip,
    localPort: 40001,
    remote: peer,
    remotePort: 443,
  };
  pipeline.feed('connect', { syscall: 42 }, { fd: 3, sock });
  expect(pipeline.fields(...ends)).toEqual([
    ip,
    40001,
    peer,
    443,
    ip,
    40001,
    peer,
    443,
    [ip, peer],
    [40001, 443],
    [ip, peer],
    'https',
    false,
  ]);
  expect(pipeline.fields('fd.l4proto', 'fd.sockfamily', 'fd.connected', 'fd.name')).toEqual([
    'tcp',
    'ip',
    true,
    '10.0.0.1:40001->93.184.216.34:443',
  ]);
  pipeline.feed('accept', { syscall: 288, result: 5 }, { fd: 3, sock: { ...sock, localPort: 443, remotePort: 50000 } });
  expect(pipeline.fields(...ends)).toEqual([
    peer,
    50000,
    ip,
    443,
    ip,
    443,
    peer,
    50000,
    [ip, peer],
    [443, 50000],
    [ip, peer],
    'https',
    true,
  ]);
  pipeline.feed('dup', { syscall: 33, result: 0 }, { oldFd: 3, newFd: 0, sock });
  expect(pipeline.fields('fd.num', 'fd.sip', 'fd.sport', 'fd.type', 'fd.typechar')).toEqual([
    0,
    peer,
    443,
    'ipv4',
    '4',
  ]);
});

test('a listening socket has one end', () => {
  const pipeline = createPipeline();
  const sock = { family: 2, type: 1, protocol: 6, state: 10, local: ip, localPort: 80 };
  pipeline.feed('listen', { syscall: 50 }, { fd: 3, sock, flags: 5 });
  expect(
    pipeline.fields('fd.name', 'fd.sip', 'fd.sport', 'fd.cip', 'fd.rip', 'fd.port', 'fd.is_server', 'fd.connected'),
  ).toEqual(['10.0.0.1:80', ip, 80, undefined, undefined, [80], true, false]);
  expect(pipeline.field('evt.args')).toBe('res=0 fd=3(<4t>10.0.0.1:80) backlog=5');
});

test('a failed connect leaves its socket nameless and says where it wanted to go', () => {
  const pipeline = createPipeline();
  const sock = { family: 2, type: 1, protocol: 6, state: 7 };
  pipeline.feed('connect', { syscall: 42, result: -111 }, { fd: 3, sock, addrFamily: 2, addr: peer, addrPort: 4444 });
  expect(pipeline.fields('fd.type', 'fd.name', 'fd.sip', 'fd.ip', 'fd.connected', 'evt.args')).toEqual([
    'ipv4',
    '',
    undefined,
    [],
    false,
    'res=-111(ECONNREFUSED) tuple=NULL fd=3(<4t>) addr=93.184.216.34:4444',
  ]);
});

test('an IPv4 peer of an IPv6 socket is IPv4', () => {
  const pipeline = createPipeline();
  const mapped = (raw: string) => `${'\0'.repeat(10)}\xff\xff${raw}`;
  const sock = {
    family: 10,
    type: 1,
    state: 1,
    local: mapped(ip),
    localPort: 40001,
    remote: mapped(peer),
    remotePort: 443,
  };
  pipeline.feed('connect', { syscall: 42 }, { fd: 3, sock });
  expect(pipeline.fields('fd.type', 'fd.name', 'fd.sip')).toEqual(['ipv4', '10.0.0.1:40001->93.184.216.34:443', peer]);
});

test('a datagram goes where it is sent', () => {
  const pipeline = createPipeline();
  const sock = { family: 2, type: 2, protocol: 17, local: '', localPort: 5000 };
  pipeline.feed('send', { syscall: 44, result: 9 }, { fd: 3, sock, addrFamily: 2, addr: peer, addrPort: 53, size: 9 });
  expect(pipeline.fields('fd.name', 'fd.sip', 'fd.sport', 'fd.l4proto', 'fd.name_changed')).toEqual([
    '0.0.0.0:5000->93.184.216.34:53',
    peer,
    53,
    'udp',
    true,
  ]);
});

test('a unix socket is named by its path', () => {
  const pipeline = createPipeline();
  const sock = { family: 1, type: 1, state: 1 };
  pipeline.feed('connect', { syscall: 42 }, { fd: 3, sock: { ...sock, unixPeerPath: '/run/docker.sock' } });
  expect(pipeline.fields('fd.type', 'fd.name', 'fd.sockfamily', 'fd.l4proto', 'fd.ip')).toEqual([
    'unix',
    '/run/docker.sock',
    'unix',
    '<NA>',
    [],
  ]);
  pipeline.feed('connect', { syscall: 42 }, { fd: 3, sock, addrFamily: 1, addrPath: '@abstract' });
  expect(pipeline.field('fd.name')).toBe('@abstract');
  pipeline.feed('bind', { syscall: 49 }, { fd: 3, sock: { ...sock, unixPath: '/run/x' } });
  expect(pipeline.fields('fd.name', 'fd.is_server')).toEqual(['/run/x', true]);
});

test('paths of calls on two, in the order of their meaning', () => {
  const pipeline = createPipeline();
  const paths = ['fs.path.source', 'fs.path.sourceraw', 'fs.path.target', 'fs.path.targetraw', 'fs.path.name'];
  const names = { oldName: 'o', oldDirPath: '/a', newName: 'n', newDirPath: '/b' };
  pipeline.feed('rename', {}, names);
  expect(pipeline.fields(...paths)).toEqual(['/a/o', 'o', '/b/n', 'n', undefined]);
  pipeline.feed('link', {}, names);
  expect(pipeline.fields(...paths)).toEqual(['/b/n', 'n', '/a/o', 'o', undefined]);
  pipeline.feed('symlink', {}, { target: '../t', name: 'l', dirPath: '/a/b' });
  expect(pipeline.fields(...paths)).toEqual(['/a/b/l', 'l', '/a/t', '../t', undefined]);
  pipeline.feed('mount', {}, { source: '/dev/sda', target: 'mnt', targetDir: '/', type: 'ext4' });
  expect(pipeline.fields(...paths)).toEqual(['/dev/sda', '/dev/sda', '/mnt', 'mnt', undefined]);
  pipeline.feed('rename', { result: -2 }, names);
  expect(pipeline.fields(...paths)).toEqual(Array(5).fill(undefined));
});
