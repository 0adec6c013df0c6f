import { expect, test } from 'vitest';
import { createBatchReader } from '../../../agent/decode/batch.ts';
import type { Event, Names } from '../../../agent/events/event.ts';
import type { CollectedKind } from '../../../agent/events/kinds.ts';
import { buildBatch, buildRecord, type Members } from '../support/record-builder.ts';

const names: Names = {
  user: (uid) => ['root', 'daemon'][uid],
  group: (gid) => ['root', 'daemon'][gid],
  process: (pid) => (pid === 100 ? 'victim' : undefined),
};

/** Decodes one record and gives back what `read` says of it. */
function decode<T>(kind: CollectedKind, header: Members, body: Members, read: (event: Event) => T): T {
  const reader = createBatchReader({ machine: 'x86_64', wallOffsetNs: 1_700_000_000_000_000_000n });
  const seen: T[] = [];
  reader.forEach(buildRecord(kind, header, body), (event) => seen.push(read(event)));
  expect(reader.counts).toEqual({ events: 1, heartbeats: 0, malformed: 0, lostBytes: 0 });
  return seen[0] as T;
}

const shadow = { inode: 77, dev: (254 << 20) | 1, mode: 0o100640, path: '/etc/shadow' };

test('reads the header of a record', () => {
  const event = decode(
    'exit',
    { cpu: 3, lane: 1, flags: 1, uid: 7, euid: 8, capEffective: 0x1ff_ffff_ffffn },
    {},
    (e) => ({
      kind: e.kind,
      type: e.type,
      cpu: e.cpu,
      lane: e.lane,
      flags: e.flags,
      timeNs: e.timeNs,
      bootTime: e.bootTime,
      pid: e.pid,
      pidStart: e.pidStart,
      uid: e.uid,
      euid: e.euid,
      loginuid: e.loginuid,
      caps: e.capEffective,
      comm: e.comm,
      result: e.result,
    }),
  );
  expect(event).toEqual({
    kind: 'exit',
    type: 'procexit',
    cpu: 3,
    lane: 'lifecycle',
    flags: 1,
    timeNs: 1_700_000_005_000_000_000n,
    bootTime: 5e9,
    pid: 100,
    pidStart: 1e9,
    uid: 7,
    euid: 8,
    loginuid: 0xffff_ffff,
    caps: 0x1ff_ffff_ffff,
    comm: 'victim',
    result: undefined,
  });
});

test('names the system call, for 32-bit callers too', () => {
  const type = (kind: CollectedKind, header: Members) => decode(kind, header, {}, (event) => event.type);
  expect(type('open', { syscall: 2 })).toBe('open');
  expect(type('open', { syscall: 257 })).toBe('openat');
  expect(type('open', { syscall: 5, flags: 4 })).toBe('open');
  expect(type('chown', { syscall: 212, flags: 4 })).toBe('chown');
  expect(type('connect', { syscall: 102, flags: 4 })).toBe('connect');
  expect(type('fork', {})).toBe('clone');
});

test('a call number of another kind does not choose the parameters', () => {
  const read = (e: Event) => [e.type, e.argsText(names)];
  expect(decode('unshare', { syscall: 56 }, {}, read)).toEqual(['unshare', 'res=0 flags=0']);
});

test('describes the file of an open by what the kernel has', () => {
  const open = { file: shadow, dirfd: -100, flags: 0x80041, mode: 0o640, name: 'sh', dirPath: '/etc' };
  expect(
    decode('open', { syscall: 257, result: 5 }, open, (e) => ({
      number: e.fd?.number,
      type: e.fd?.type,
      name: e.fd?.name,
      raw: e.fd?.rawName,
      argument: e.name?.path,
      flags: e.arg('flags', names),
      args: e.argsText(names),
    })),
  ).toEqual({
    number: 5,
    type: 'file',
    name: '/etc/shadow',
    raw: 'sh',
    argument: '/etc/sh',
    flags: 'O_CREAT|O_WRONLY|O_CLOEXEC',
    args:
      'fd=5(<f>/etc/shadow) dirfd=-100(AT_FDCWD) name=sh(/etc/sh) flags=4102(O_CREAT|O_WRONLY|O_CLOEXEC) ' +
      'mode=0640 dev=FE01 ino=77',
  });
});

test('gives a failed open the number -1 and the name that was tried', () => {
  const open = { dirfd: -100, flags: 0, name: '/etc/nothing' };
  expect(
    decode('open', { syscall: 257, result: -2 }, open, (e) => ({
      number: e.fd?.number,
      type: e.fd?.type,
      char: e.fd?.typeChar,
      name: e.fd?.name,
      arg: e.arg('fd', names),
      raw: e.rawArg('fd'),
    })),
  ).toEqual({ number: -1, type: undefined, char: 'f', name: '/etc/nothing', arg: 'ENOENT', raw: -2 });
});

test('cuts the path at the process root of a chroot', () => {
  const file = { ...shadow, path: '/srv/jail/etc/shadow', pathRootOffset: 9 };
  expect(decode('open', { result: 3 }, { file }, (e) => [e.file?.path, e.file?.namespacePath])).toEqual([
    '/etc/shadow',
    '/srv/jail/etc/shadow',
  ]);
});

test('shows the binary of a memfd as /proc does', () => {
  const exe = { mode: 0o100777, fileFlags: 2 | 8, path: 'memfd:run' };
  expect(decode('exec', { syscall: 322 }, { exe, args: 'run', argc: 1 }, (e) => [e.type, e.image?.exe.path])).toEqual([
    'execveat',
    '/memfd:run',
  ]);
});

test('shows a connection with the client first', () => {
  const sock = {
    family: 2,
    type: 1,
    protocol: 6,
    state: 1,
    localPort: 40000,
    remotePort: 443,
    local: '\x0a\0\0\x01',
    remote: '\x01\x02\x03\x04',
  };
  const facts = (e: Event) => [e.fd?.name, e.fd?.role, e.fd?.connected, e.fd?.number];
  expect(decode('connect', { result: -115 }, { sock, fd: 4 }, facts)).toEqual([
    '10.0.0.1:40000->1.2.3.4:443',
    'client',
    true,
    4,
  ]);
  expect(
    decode('accept', { result: 9 }, { sock: { ...sock, localPort: 443, remotePort: 40000 }, fd: 4 }, facts),
  ).toEqual(['1.2.3.4:40000->10.0.0.1:443', 'server', true, 9]);
  expect(decode('connect', { result: -111 }, { sock, fd: 4 }, facts)).toEqual(['', 'none', false, 4]);
});

test('shows a failed call by the name of its error', () => {
  expect(
    decode('setuid', { syscall: 105, result: -1 }, { newReal: 0, newEffective: 0xffff_ffff }, (e) => e.argsText(names)),
  ).toBe('res=-1(EPERM) uid=0(root)');
});

test('takes exec apart into arguments', () => {
  const body = {
    exe: { ...shadow, path: '/usr/bin/cat' },
    path: 'cat',
    cwd: '/tmp',
    args: 'cat\0-n\0\0x y',
    argc: 4,
    stdinFile: { mode: 0o010600, fileFlags: 8 },
    stdoutSock: { family: 2, type: 1, localPort: 1, remotePort: 2, local: '\x7f\0\0\x01', remote: '\x7f\0\0\x01' },
  };
  expect(
    decode('exec', { syscall: 59 }, body, (e) => ({
      args: e.image?.args,
      path: e.image?.exe.path,
      stdin: e.image?.stdin,
      stdout: e.image?.stdout,
      arg: e.arg('args', names),
    })),
  ).toEqual({
    args: ['cat', '-n', '', 'x y'],
    path: '/usr/bin/cat',
    stdin: { type: 'pipe', name: '' },
    stdout: { type: 'ipv4', name: '127.0.0.1:2->127.0.0.1:1' },
    arg: '-n..x y.',
  });
});

test('counts what cannot be an event and goes on after it', () => {
  const reader = createBatchReader({ machine: 'x86_64', wallOffsetNs: 0n });
  const good = buildRecord('unlink', {}, { name: '/x' });
  const alien = buildRecord('unlink', { abi: 99 });
  const pointing = buildRecord('unlink', {}, { name: 'abc' });
  pointing.writeUInt16LE(60000, pointing.length - 3 - 8);
  const seen: string[] = [];
  const batch = buildBatch(good, alien, pointing, buildRecord('heartbeat', {}), good, Buffer.alloc(7));
  reader.forEach(batch, (event) => seen.push(event.kind));
  expect(seen).toEqual(['unlink', 'unlink']);
  expect(reader.counts).toEqual({ events: 2, heartbeats: 1, malformed: 3, lostBytes: 7 });
});

test('keeps an event beyond its batch as a copy', () => {
  const reader = createBatchReader({ machine: 'x86_64', wallOffsetNs: 0n });
  const buffer = buildRecord('unlink', { syscall: 87 }, { name: '/x' });
  let kept: Buffer = Buffer.alloc(0);
  reader.forEach(buffer, () => {
    kept = reader.snapshot();
  });
  buffer.fill(0);
  expect(reader.restore(kept)?.name?.path).toBe('/x');
  expect(reader.restore(kept.subarray(1))).toBeUndefined();
});
