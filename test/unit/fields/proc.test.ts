import { expect, test } from 'vitest';
import { createPipeline } from '../support/context.ts';
import type { Members } from '../support/record-builder.ts';

const exec = (more: Members = {}): Members => ({
  exe: {
    path: '/usr/bin/tool',
    mode: 0o100755,
    inode: 42,
    overlay: 1,
    ctimeNs: 1_699_999_999_000_000_000n,
    mtimeNs: 7n,
  },
  args: '-tool\0a b\0\0c',
  argc: 4,
  env: 'HOME=/root\0HOMER=x\0EMPTY=',
  cwd: '/srv/data',
  capPermitted: 0x3n,
  execFlags: 8,
  ...more,
});

function fed(header: Members = {}, body: Members = exec()) {
  const pipeline = createPipeline();
  pipeline.feed('exec', { syscall: 59, comm: 'tool', ppid: 0, ...header }, body);
  return pipeline;
}

test('describes the command line', () => {
  const pipeline = fed();
  expect(
    pipeline.fields(
      'proc.name',
      'proc.exe',
      'proc.exepath',
      'proc.args',
      'proc.cmdline',
      'proc.exeline',
      'proc.cmdnargs',
      'proc.cmdlenargs',
      'proc.cwd',
    ),
  ).toEqual(['tool', '-tool', '/usr/bin/tool', 'a b  c', 'tool a b  c', '-tool a b  c', 3, 4, '/srv/data/']);
  expect([0, 1, 9].map((index) => pipeline.field('proc.args', index))).toEqual(['a b', '', '']);
});

test('without arguments there is no trailing blank but in exeline', () => {
  const pipeline = fed({}, exec({ args: 'tool', argc: 1, cwd: '/' }));
  expect(pipeline.fields('proc.args', 'proc.cmdline', 'proc.exeline', 'proc.cwd')).toEqual(['', 'tool', 'tool ', '/']);
  const bare = fed({}, exec({ args: '', argc: 0 }));
  expect(bare.fields('proc.exe', 'proc.args', 'proc.cmdnargs')).toEqual(['', '', 0]);
});

test('gives the environment as it is, an unset name as empty, and nothing where none was collected', () => {
  const pipeline = fed();
  expect(pipeline.field('proc.env')).toBe('HOME=/root HOMER=x EMPTY=');
  expect(['HOME', 'EMPTY', 'UNSET', 0].map((name) => pipeline.field('proc.env', name))).toEqual([
    '/root',
    '',
    '',
    'HOME=/root',
  ]);
  const without = fed({}, exec({ env: undefined }));
  expect([without.field('proc.env'), without.field('proc.env', 'HOME')]).toEqual([undefined, undefined]);
});

test('describes the binary and its times', () => {
  const pipeline = fed({ timeNs: 9_000_000_000n, pidStartNs: 2_000_000_000n });
  expect(
    pipeline.fields(
      'proc.exe_ino',
      'proc.exe_ino.ctime',
      'proc.exe_ino.mtime',
      'proc.exe_ino.ctime_duration_proc_start',
      'proc.is_exe_writable',
      'proc.is_exe_upper_layer',
      'proc.is_exe_lower_layer',
      'proc.is_exe_from_memfd',
      'proc.pid.ts',
      'proc.duration',
    ),
  ).toEqual([
    42,
    1_699_999_999_000_000_000n,
    7n,
    3_000_000_000n,
    true,
    true,
    false,
    false,
    1_700_000_002_000_000_000n,
    7_000_000_000n,
  ]);
  expect(pipeline.fields('thread.cap_permitted', 'thread.cap_effective')).toEqual(['CAP_CHOWN CAP_DAC_OVERRIDE', '']);
});

test('names capabilities beyond the 32nd', () => {
  const pipeline = fed({ capEffective: (1n << 39n) | (1n << 21n) });
  expect(pipeline.field('thread.cap_effective')).toBe('CAP_SYS_ADMIN CAP_BPF');
});

test('tells who it is', () => {
  const pipeline = fed({ euid: 0, egid: 5, loginuid: 1000, tty: 34816 });
  expect(
    pipeline.fields(
      'user.uid',
      'user.name',
      'user.homedir',
      'user.shell',
      'user.loginuid',
      'user.loginname',
      'group.gid',
      'group.name',
      'proc.tty',
    ),
  ).toEqual([0, 'root', '/root', '/bin/bash', 1000, '<NA>', 5, '<NA>', 34816]);
  const unset = fed({});
  expect(unset.fields('user.loginuid', 'user.loginname')).toEqual([-1, '<NA>']);
});

test('finds the leader of a session, or the eldest of its line', () => {
  const pipeline = createPipeline();
  const led = { session: 100, pgid: 100 };
  pipeline.feed('exec', { ...led, comm: 'leader', ppid: 0 }, exec());
  pipeline.feed(
    'fork',
    { ...led, comm: 'leader', ppid: 0 },
    {
      childPid: 101,
      childTid: 101,
      childVpid: 101,
      childPidStartNs: 5n,
      childPpid: 100,
      childPpidStartNs: 1_000_000_000n,
    },
  );
  const member = {
    ...led,
    pid: 101,
    tid: 101,
    vpid: 101,
    pidStartNs: 5n,
    ppid: 100,
    ppidStartNs: 1_000_000_000n,
    comm: 'member',
  };
  pipeline.feed('exec', member, exec());
  expect(
    pipeline.fields(
      'proc.sid',
      'proc.sname',
      'proc.sid.exepath',
      'proc.pgid.name',
      'proc.is_sid_leader',
      'proc.is_vpgid_leader',
    ),
  ).toEqual([100, 'leader', '/usr/bin/tool', 'leader', false, false]);
  pipeline.feed('exec', { ...member, session: 77, pgid: 78 }, exec());
  expect(pipeline.fields('proc.sid', 'proc.sname', 'proc.pgid', 'proc.pgid.name')).toEqual([
    77,
    'member',
    78,
    'member',
  ]);
});

test('fields of the process are absent when it has no parent, no environment above it, no such ancestor', () => {
  const pipeline = fed();
  expect(pipeline.fields('proc.pname', 'proc.pcmdline', 'proc.aname', 'proc.aargs', 'proc.ppid.duration')).toEqual(
    Array(5).fill(undefined),
  );
  expect([
    pipeline.field('proc.aname', 0),
    pipeline.field('proc.aname', 1),
    pipeline.field('proc.aenv', 'HOME'),
  ]).toEqual(['tool', undefined, undefined]);
});

test('on the host the texts of a container are host or empty, and in a container unknown ones are absent', () => {
  const names = [
    'container.id',
    'container.name',
    'container.image.repository',
    'container.privileged',
    'container.label',
  ];
  expect(fed().fields(...names)).toEqual(['host', 'host', '', false, undefined]);
  const inside = createPipeline({
    container: () => ({ id: 'abc', fullId: 'abcd', type: 'docker', cgroupPath: '/docker/abcd' }),
  });
  inside.feed('exec', { ppid: 0 }, exec());
  expect(inside.fields(...names)).toEqual(['abc', undefined, undefined, undefined, undefined]);
});
