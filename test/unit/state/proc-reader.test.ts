import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createProcReader } from '../../../agent/state/proc-reader.ts';
import { parseStat, parseStatus } from '../../../agent/state/proc-text.ts';

test('finds the end of a name that looks like the rest of the line', () => {
  const rest = Array.from({ length: 50 }, (_, i) => String(i + 3)).join(' ');
  expect(parseStat(`77 (a) R 9 (b) S ${rest.slice(2)}`)).toEqual({
    comm: 'a) R 9 (b',
    ppid: 4,
    pgid: 5,
    session: 6,
    tty: 7,
    startNs: 220_000_000,
  });
  expect(parseStat('')).toBeUndefined();
});

test('reads ids and capabilities', () => {
  const text =
    'Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nNStgid:\t900\t12\t1\nCapInh:\t0000000000000000\n' +
    'CapPrm:\t000001ffffffffff\nCapEff:\t0000000000000001\n';
  expect(parseStatus(text)).toEqual({
    uid: 1,
    euid: 2,
    gid: 5,
    egid: 6,
    vpid: 1,
    capInheritable: 0,
    capPermitted: 0x1ff_ffff_ffff,
    capEffective: 1,
  });
});

test('reads a living process from /proc, and nothing of one that has gone', async () => {
  const child = spawn('sleep', ['60'], { cwd: '/' });
  await once(child, 'spawn');
  const read = createProcReader({ cgroupId: () => 42 });
  const found = read(child.pid as number);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(found).toMatchObject({ pid: child.pid, ppid: process.pid, cgroupId: 42 });
  expect(found?.image).toMatchObject({ args: ['sleep', '60'], cwd: '/' });
  expect(found?.image.exe.path).toMatch(/\/sleep$|\/coreutils$|\/busybox$/);
  expect(found?.pidStart).toBeGreaterThan(0);
  expect(read(child.pid as number)).toBeUndefined();
});
