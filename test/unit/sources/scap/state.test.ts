import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../agent/fields/catalogue.ts';
import { scapOptions } from '../../../../agent/pipeline/scap.ts';
import { ScapCapture } from '../../../../agent/sources/scap/capture.ts';
import { enterCode, exitCode } from '../../../../agent/sources/scap/codes.ts';
import {
  block,
  cstr,
  event,
  machine,
  type ProcessParts,
  processList,
  processRecord,
  s16,
  s64,
  section,
  u8,
  u16,
  u32,
} from './support/capture-builder.ts';
import { replayed } from './support/replayed.ts';

const NONE = Buffer.alloc(0);
const ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccddeeff00';

const exit = (name: string, params: readonly Buffer[], tid = 100) => event({ code: exitCode(name), tid, params });
const open = (fd: number, path: string, { flags = 1, dirFd = -100, tid = 100 } = {}) =>
  exit('openat', [s64(fd), s64(dirFd), cstr(path), u32(flags), u32(0), u32(0xfe00), s64(77)], tid);
const close = (fd: number, tid = 100) => exit('close', [s64(0), s64(fd)], tid);
const read = (fd: number, tid = 100) => exit('read', [s64(1), Buffer.from('x'), s64(fd), u32(1)], tid);
const chdir = (path: string) => exit('chdir', [s64(0), cstr(path)]);

/** The parameters that all events of the clone family have. */
const cloned = (result: number, child: { tid: number; pid: number; ptid: number; flags?: number; vtid?: number }) => [
  ...[
    s64(result),
    cstr('sh'),
    cstr('-c'),
    s64(child.tid),
    s64(child.pid),
    s64(child.ptid),
    NONE,
    s64(0),
    s64(0),
    s64(0),
  ],
  ...[u32(0), u32(0), u32(0), cstr('child'), NONE, u32(child.flags ?? 0), u32(5), u32(6)],
  ...[s64(child.vtid ?? child.tid), s64(child.pid), s64(0)],
];
const executed = (path: string, tid = 100) =>
  exit(
    'execve',
    [
      ...[s64(0), cstr('argv0'), cstr('one'), s64(tid), s64(tid), s64(1), NONE, s64(0), s64(0), s64(0)],
      ...[u32(0), u32(0), u32(0), cstr('new'), cstr(`cpu=/docker/${ID}`), cstr('A=2'), u32(0), s64(tid), u32(1000)],
      ...[u32(2), s64(0), s64(0), s64(1), s64(12), s64(0), s64(0), u32(7), cstr(path), s64(tid), u32(8), cstr(path)],
    ],
    tid,
  );
const ends = (tid: number, reaper = 0) =>
  event({ code: enterCode('procexit'), tid, params: [s64(0), s64(0), u8(0), u8(0), s64(reaper)] });

const user = (uid: number, name: string, container = '') =>
  event({
    code: enterCode('useradded'),
    tid: -1,
    params: [u32(uid), u32(0), cstr(name), cstr(`/home/${name}`), cstr('/bin/sh'), cstr(container)],
  });

/** A capture with these processes and events. */
const capture = (processes: readonly ProcessParts[], ...blocks: readonly Buffer[]) =>
  Buffer.concat([
    section(),
    machine(),
    ...(processes.length > 0 ? [processList(...processes.map((parts) => processRecord(parts)))] : []),
    ...blocks,
  ]);
const ONE: readonly ProcessParts[] = [{ tid: 100, comm: 'cat', exePath: '/bin/cat', args: ['a', 'b'], cwd: '/srv' }];

describe('descriptors', () => {
  it('are those of the lists, then those of the events', () => {
    const file = (fd: number, name: string) => [s64(fd), s64(5), u8(16), u32(1), s16(name), u32(0)];
    const counted = (parts: readonly Buffer[]) => [u32(Buffer.concat(parts).length + 4), ...parts];
    const list = block(0x218, s64(100), ...counted(file(3, '/etc/a')), ...counted(file(4, '/etc/b')));
    const bytes = capture(ONE, list, read(3), close(3), read(3), open(3, '../x/./y'), read(3), read(9));
    expect(replayed(bytes, 'fd.num', 'fd.name', 'fd.type')).toEqual([
      [3, '/etc/a', 'file'],
      [3, '/etc/a', 'file'],
      [3, '', undefined],
      [3, '/x/y', 'file'],
      [3, '/x/y', 'file'],
      [9, '', undefined],
    ]);
  });

  it('name what counts from a directory, or say that it is unknown', () => {
    const bytes = capture(
      ONE,
      open(3, '/etc', { flags: 1025 }),
      open(4, 'passwd', { dirFd: 3 }),
      open(5, 'x', { dirFd: 9 }),
    );
    expect(replayed(bytes, 'fd.name', 'fd.directory', 'fd.filename')).toEqual([
      ['/etc', '/etc', undefined],
      ['/etc/passwd', '/etc', 'passwd'],
      ['<UNKNOWN>x', '/', '<UNKNOWN>x'],
    ]);
  });

  it('a failed open has the name that was tried and no descriptor', () => {
    const bytes = capture(ONE, open(-2, '/no/such'));
    expect(replayed(bytes, 'fd.num', 'fd.name', 'fd.directory', 'fd.type', 'evt.res', 'fs.path.name')).toEqual([
      [-1, '/no/such', '/no', undefined, 'ENOENT', undefined],
    ]);
  });

  it('are copied by dup and fcntl, and closed by exec when they are marked', () => {
    const bytes = capture(
      ONE,
      open(3, '/a', { flags: 4097 }),
      exit('dup2', [s64(7), s64(3), s64(7)]),
      exit('fcntl', [s64(8), s64(3), u8(1), s64(0)]),
      executed('/bin/new'),
      ...[3, 7, 8].map((fd) => read(fd)),
    );
    expect(replayed(bytes, 'evt.type', 'fd.name').slice(1)).toEqual([
      ['dup2', '/a'],
      ['fcntl', '/a'],
      ['execve', undefined],
      ['read', ''],
      ['read', '/a'],
      ['read', '/a'],
    ]);
  });
});

describe('threads', () => {
  it('a fork copies what its parent has, and a thread shares it', () => {
    const fork = exit('clone', cloned(0, { tid: 200, pid: 200, ptid: 100 }), 200);
    const thread = exit('clone3', cloned(0, { tid: 201, pid: 200, ptid: 100, flags: 8193 }), 201);
    const bytes = capture(
      ONE,
      open(3, '/a'),
      fork,
      close(3, 200),
      open(4, '/b', { tid: 200 }),
      thread,
      read(4, 201),
      read(3),
    );
    expect(replayed(bytes, 'thread.tid', 'proc.pid', 'proc.name', 'proc.pname', 'fd.name').slice(1)).toEqual([
      [200, 200, 'child', 'cat', undefined],
      [200, 200, 'child', 'cat', '/a'],
      [200, 200, 'child', 'cat', '/b'],
      [201, 200, 'child', 'cat', undefined],
      [201, 200, 'child', 'cat', '/b'],
      [100, 100, 'cat', undefined, '/a'],
    ]);
  });

  it('an exec changes names, ids, container and what the fields of the binary say', () => {
    const bytes = capture(ONE, executed('/opt/new (deleted)'));
    const names = ['proc.name', 'proc.exe', 'proc.exepath', 'proc.cmdline', 'user.uid', 'group.gid', 'user.loginuid'];
    expect(replayed(bytes, ...names, 'proc.is_exe_upper_layer', 'container.id', 'proc.env[A]')).toEqual([
      ['new', 'argv0', '/opt/new', 'new one', 7, 8, 1000, true, 'a1b2c3d4e5f6', '2'],
    ]);
  });

  it('children of a process that ends go to the reaper that the event names', () => {
    const processes = [...ONE, { tid: 50, comm: 'reaper' }, { tid: 200, ptid: 100, comm: 'kid' }];
    const bytes = capture(processes, read(3, 200), ends(100, 50), read(3, 200));
    expect(replayed(bytes, 'thread.tid', 'proc.pname', 'proc.ppid')).toEqual([
      [200, 'cat', 100],
      [100, undefined, undefined],
      [200, 'reaper', 50],
    ]);
  });

  it('a thread that nothing told of has its id and no names', () => {
    expect(replayed(capture(ONE, read(3, 999)), 'thread.tid', 'proc.name', 'proc.pid', 'proc.ppid')).toEqual([
      [999, '<NA>', -1, undefined],
    ]);
  });

  it('the working directory is the process’s, and names count from it', () => {
    const bytes = capture(ONE, open(3, 'a'), chdir('sub'), open(3, 'a'), chdir('/tmp'), open(3, '../a'));
    expect(replayed(bytes, 'proc.cwd', 'fd.name')).toEqual([
      ['/srv/', '/srv/a'],
      ['/srv/sub/', undefined],
      ['/srv/sub/', '/srv/sub/a'],
      ['/tmp/', undefined],
      ['/tmp/', '/a'],
    ]);
  });

  it('ids change only by calls that succeed, and effective ones count', () => {
    const setuid = (result: number, uid: number) => exit('setuid', [s64(result), u32(uid)]);
    const bytes = capture(ONE, setuid(-1, 5), setuid(0, 6), exit('setresuid', [s64(0), u32(1), u32(-1), u32(3)]));
    expect(replayed(bytes, 'user.uid')).toEqual([[0], [6], [6]]);
  });
});

describe('accounts and containers', () => {
  const inside: ProcessParts = { tid: 300, cgroups: `cpu=/docker/${ID}\0`, uid: 9 };
  const container = {
    id: 'a1b2c3d4e5f6',
    type: 0,
    name: 'web',
    image: 'nginx:1',
    imagerepo: 'nginx',
    labels: { a: 'b' },
  };

  it('names of a container are not those of the host', () => {
    const bytes = capture(
      [{ tid: 100, uid: 9 }, inside],
      user(9, 'host'),
      user(9, 'guest', 'a1b2c3d4e5f6'),
      read(1),
      read(1, 300),
    );
    expect(replayed(bytes, 'user.name', 'user.homedir')).toEqual([
      ['host', '/home/host'],
      ['guest', '/home/guest'],
    ]);
  });

  it.each([
    ['the newest form', 'asyncevent', (json: string) => [u32(0), cstr('container'), cstr(json)]],
    ['the form with long texts', 'container', (json: string) => [cstr(json)]],
  ])('metadata of containers comes with events in %s', (_, name, params) => {
    const code = name === 'container' ? 324 : enterCode(name);
    const tell = event({ code, tid: 1, params: params(JSON.stringify({ container })), large: true });
    const fields = [
      'container.id',
      'container.name',
      'container.image.repository',
      'container.label[a]',
      'container.type',
    ];
    expect(
      replayed(capture([inside], read(1, 300), tell, read(1, 300)), ...fields).filter(([id]) => id !== undefined),
    ).toEqual([
      ['a1b2c3d4e5f6', undefined, undefined, undefined, 'docker'],
      ['a1b2c3d4e5f6', 'web', 'nginx', 'b', 'docker'],
    ]);
  });

  it('text that is no JSON tells nothing', () => {
    const tell = event({ code: 324, tid: 1, params: [cstr('{"container":')], large: true });
    expect(replayed(capture([inside], tell, read(1, 300)), 'container.name')).toEqual([[undefined]]);
  });
});

describe('the stream', () => {
  it('a new section forgets what was known', () => {
    const bytes = Buffer.concat([
      capture(ONE, open(3, '/a'), read(3)),
      capture([{ tid: 100, comm: 'other' }], read(3)),
    ]);
    expect(replayed(bytes, 'proc.name', 'fd.name', 'evt.num')).toEqual([
      ['cat', '/a', 1],
      ['cat', '/a', 2],
      ['other', '', 3],
    ]);
  });

  it('an event that is for the state only changes it and is not shown', () => {
    const params = [s64(3), s64(-100), cstr('/a'), u32(1), u32(0), u32(0), s64(0)];
    const hidden = event({ code: exitCode('openat'), params, flags: 1 });
    expect(replayed(capture(ONE, hidden, read(3)), 'evt.type', 'fd.name')).toEqual([['read', '/a']]);
  });

  it('an enter event is joined to its exit event, whatever stands between', () => {
    const enter = event({ code: 4, tid: 100, params: [s64(3)] });
    const half = event({ code: 5, tid: 100, params: [s64(0)] });
    expect(replayed(capture(ONE, open(3, '/a'), enter, read(1, 300), half), 'evt.args').at(-1)).toEqual([
      'res=0 fd=3(<f>/a)',
    ]);
  });

  it('a lost enter event leaves its parameters empty', () => {
    const half = event({ code: 5, tid: 100, params: [s64(0)] });
    expect(replayed(capture(ONE, half), 'evt.args', 'fd.num')).toEqual([['res=0 fd=<NA>', -1]]);
  });

  it.each([
    [1_500_000_000, '1500000000(1.5s)'],
    [50_000, '50000(5e-05s)'],
    [-1, 'none'],
  ])('a time of %i ns reads %s', (ns, text) => {
    const nap = exit('nanosleep', [s64(0), s64(ns)]);
    expect(replayed(capture(ONE, nap), 'evt.args')).toEqual([[`res=0 interval=${text}`]]);
  });

  it('a call without an event of its own has the name of its number', () => {
    const generic = event({ code: 1, tid: 100, params: [u16(12), u16(0)] });
    expect(replayed(capture(ONE, generic), 'evt.type', 'evt.args', 'evt.res', 'evt.dir')).toEqual([
      ['mknod', '', undefined, '<'],
    ]);
  });
});

describe('what the matcher keeps of a thread', () => {
  const revisions = (bytes: Buffer): number[] => {
    const seen: number[] = [];
    const capture = new ScapCapture({
      ...scapOptions({ services: new Map(), utcOffsetMinutes: () => 0 }, (context) => {
        const { process } = context;
        seen.push(process?.mask.revision ?? -1);
        catalogue.find('proc.sname')?.get({ ...context, process }, undefined);
      }),
    });
    expect(capture.push(bytes) ?? capture.end()).toBeUndefined();
    return seen;
  };
  const kid: ProcessParts = { tid: 200, ptid: 100 };
  const second: ProcessParts = { tid: 201, pid: 200, ptid: 100, flags: 8193 };

  it.each([
    ['nothing that concerns it happens', read(3), true],
    ['its parent executes', executed('/bin/x'), false],
    ['its process changes its directory', exit('chdir', [s64(0), cstr('/x')], 200), false],
    ['its standard output changes', open(1, '/x', { tid: 200 }), false],
    ['another descriptor changes', open(5, '/x', { tid: 200 }), true],
    ['its parent ends', ends(100), false],
    ['its process changes its user', exit('setuid', [s64(0), u32(5)], 200), false],
    ['a user gets a name', user(7, 'bob'), false],
    ['the leader of its session, no ancestor, executes', executed('/bin/x', 5), false],
    ['another process executes', executed('/bin/x', 400), true],
    ['the user cannot be changed', exit('setuid', [s64(-1), u32(5)], 200), true],
  ])('of a second thread, when %s', (_, happens, stays) => {
    const [before, , after] = revisions(
      capture([...ONE, kid, second, { tid: 5 }, { tid: 400 }], read(9, 201), happens, read(9, 201)),
    );
    expect(after === before).toBe(stays);
  });
});
