import { describe, expect, test } from 'vitest';
import { event } from './support.ts';

/** The values of some keys of an event that is made of these fields. */
function derived(fields: Record<string, string>, ...keys: readonly string[]): Record<string, unknown> {
  const { values } = event(fields);
  return Object.fromEntries(keys.map((key) => [key, values.get(key)]));
}

describe('a result', () => {
  test('is success where nothing is said', () => {
    expect(derived({ 'evt.type': 'mkdir' }, 'evt.res', 'evt.failed', 'evt.rawres', 'evt.count.error')).toEqual({
      'evt.res': 'SUCCESS',
      'evt.failed': false,
      'evt.rawres': 0,
      'evt.count.error': 0,
    });
  });

  test('follows from the name of the error, and the name from the number', () => {
    const fields = { 'evt.type': 'mkdir', 'evt.res': 'EACCES' };
    expect(derived(fields, 'evt.failed', 'evt.rawres')).toEqual({ 'evt.failed': true, 'evt.rawres': -13 });
    expect(derived({ 'evt.type': 'mkdir', 'evt.rawres': '-2' }, 'evt.res')).toEqual({ 'evt.res': 'ENOENT' });
  });

  test('is the descriptor of a call that gives one', () => {
    expect(derived({ 'evt.type': 'dup2', 'evt.rawres': '1' }, 'fd.num')).toEqual({ 'fd.num': 1 });
    expect(derived({ 'evt.type': 'socket', 'fd.num': '0' }, 'evt.rawres')).toEqual({ 'evt.rawres': 0 });
  });

  test('does not exist at the end of a process', () => {
    expect(derived({ 'evt.type': 'procexit' }, 'evt.res', 'evt.failed', 'evt.dir')).toEqual({
      'evt.res': undefined,
      'evt.failed': undefined,
      'evt.dir': '>',
    });
  });
});

describe('an open', () => {
  test('asks for what its flags say', () => {
    const fields = { 'evt.type': 'openat', 'fd.name': '/a', 'evt.arg.flags': 'O_RDWR|O_CREAT|O_F_CREATED' };
    expect(derived(fields, 'evt.is_open_read', 'evt.is_open_write', 'evt.is_open_create', 'evt.rawarg[flags]')).toEqual(
      {
        'evt.is_open_read': true,
        'evt.is_open_write': true,
        'evt.is_open_create': true,
        'evt.rawarg[flags]': 16391,
      },
    );
  });

  test('by creat has no flags to ask with', () => {
    expect(derived({ 'evt.type': 'creat', 'fd.name': '/a' }, 'evt.is_open_write')).toEqual({
      'evt.is_open_write': false,
    });
  });

  test('that failed has a name and no file', () => {
    const fields = { 'evt.type': 'openat', 'fd.name': '/a/b', 'evt.res': 'ENOENT' };
    expect(derived(fields, 'fd.name', 'fd.type', 'fd.filename', 'fs.path.name', 'evt.arg[name]')).toEqual({
      'fd.name': '/a/b',
      'fd.type': undefined,
      'fd.filename': undefined,
      'fs.path.name': undefined,
      'evt.arg[name]': '/a/b',
    });
  });
});

test('a path has a directory, a last part, and what was passed', () => {
  expect(
    derived({ 'evt.type': 'openat', 'fd.name': '/a/b' }, 'fd.directory', 'fd.filename', 'fd.nameraw', 'fd.typechar'),
  ).toEqual({ 'fd.directory': '/a', 'fd.filename': 'b', 'fd.nameraw': '/a/b', 'fd.typechar': 'f' });
});

test('paths and parameters are the same thing twice', () => {
  expect(derived({ 'evt.type': 'rename', 'fs.path.source': '/a' }, 'evt.arg[oldpath]', 'evt.arg[1]')).toEqual({
    'evt.arg[oldpath]': '/a',
    'evt.arg[1]': undefined,
  });
  expect(derived({ 'evt.type': 'symlink', 'evt.arg.target': '/t' }, 'fs.path.target')).toEqual({
    'fs.path.target': '/t',
  });
  expect(derived({ 'evt.type': 'unlinkat', 'fs.path.name': '/a' }, 'evt.arg[name]')).toEqual({ 'evt.arg[name]': '/a' });
});

describe('a connection', () => {
  test('has ends, and the process is one of them', () => {
    const name = '10.0.0.5:41000->203.0.113.5:443';
    const keys = ['fd.type', 'fd.sport', 'fd.rport', 'fd.lport', 'fd.is_server', 'fd.port'];
    expect(derived({ 'evt.type': 'connect', 'fd.name': name }, ...keys)).toEqual({
      'fd.type': 'ipv4',
      'fd.sport': 443,
      'fd.rport': 443,
      'fd.lport': 41000,
      'fd.is_server': false,
      'fd.port': [41000, 443],
    });
    expect(derived({ 'evt.type': 'accept', 'fd.name': name }, 'fd.rport', 'fd.lport', 'fd.is_server')).toEqual({
      'fd.rport': 41000,
      'fd.lport': 443,
      'fd.is_server': true,
    });
  });

  test('is named after its ends', () => {
    const ends = { 'fd.cip': '10.0.0.5', 'fd.cport': '1', 'fd.sip': '10.0.0.6', 'fd.sport': '2' };
    expect(derived({ 'evt.type': 'connect', ...ends }, 'fd.name', 'fd.snet')).toEqual({
      'fd.name': '10.0.0.5:1->10.0.0.6:2',
      'fd.snet': '\x0a\x00\x00\x06',
    });
  });
});

describe('a process', () => {
  test('is called after its binary, as far as the kernel keeps names', () => {
    expect(derived({ 'evt.type': 'execve', 'proc.exepath': '/a/abcdefghijklmnopqrs' }, 'proc.name')).toEqual({
      'proc.name': 'abcdefghijklmno',
    });
  });

  test('has a command line of its name and arguments, or arguments of its command line', () => {
    expect(
      derived({ 'evt.type': 'execve', 'proc.name': 'a', 'proc.args': 'b c' }, 'proc.cmdline', 'proc.args[1]'),
    ).toEqual({ 'proc.cmdline': 'a b c', 'proc.args[1]': 'c' });
    expect(derived({ 'evt.type': 'execve', 'proc.cmdline': 'a b c' }, 'proc.args', 'proc.cmdnargs')).toEqual({
      'proc.args': 'b c',
      'proc.cmdnargs': 2,
    });
  });

  test('has the parent as its nearest ancestor', () => {
    const fields = { 'evt.type': 'execve', 'proc.exepath': '/a/own', 'proc.pexepath': '/b/parent' };
    expect(
      derived(fields, 'proc.aexepath', 'proc.aexepath[0]', 'proc.aexepath[1]', 'proc.pname', 'proc.aname'),
    ).toEqual({
      'proc.aexepath': ['/b/parent'],
      'proc.aexepath[0]': '/a/own',
      'proc.aexepath[1]': '/b/parent',
      'proc.pname': 'parent',
      'proc.aname': ['parent'],
    });
  });

  test('runs on the host, without a terminal, from a file of its own', () => {
    expect(derived({ 'evt.type': 'execve' }, 'container.id', 'proc.tty', 'proc.is_exe_upper_layer')).toEqual({
      'container.id': 'host',
      'proc.tty': 0,
      'proc.is_exe_upper_layer': false,
    });
  });
});

test('what a test says is never replaced', () => {
  const fields = {
    'evt.type': 'openat',
    'fd.name': '/a/b',
    'fd.filename': 'x',
    'proc.exepath': '/a',
    'proc.name': 'y',
  };
  expect(derived(fields, 'fd.filename', 'proc.name')).toEqual({ 'fd.filename': 'x', 'proc.name': 'y' });
});
