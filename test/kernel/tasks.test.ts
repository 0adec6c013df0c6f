import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBatchReader } from '../../agent/decode/batch.ts';
import type { TaskFacts } from '../../agent/events/event.ts';
import { openSensor, type Sensor } from '../../native/index.ts';
import { liveTest } from './support/live.ts';
import { MACHINE } from './support/sensor.ts';
import { isInInitialPidNamespace } from './support/testimony.ts';

const ARGS = ['-c', 'echo ready; read line', 'an argument\nof two lines', '', '\x1b[31m'];

let sensor: Sensor;
let child: ChildProcess;

beforeAll(async () => {
  sensor = openSensor();
  sensor.load();
  child = spawn('/bin/sh', ARGS, { argv0: 'a shell', cwd: tmpdir(), uid: 1000, gid: 1001, stdio: 'pipe' });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
});
afterAll(() => {
  child?.kill('SIGKILL');
  sensor?.close();
});

/** What is kept of a task beyond the visit. */
function factsOf(task: TaskFacts) {
  const { pid, vpid, ppid, uid, gid, euid, egid, comm, pidNamespace, mountNamespace } = task;
  const { args, cwd, capPermitted, exe } = task.image;
  const startTicks = Math.floor(task.pidStart / 1e7);
  const image = { args: args && [...args], cwd, capPermitted, exe: exe.path, exeInode: exe.inode };
  return { pid, vpid, ppid, startTicks, uid, gid, euid, egid, comm, pidNamespace, mountNamespace, ...image };
}

function tasks(): ReturnType<typeof factsOf>[] {
  const reader = createBatchReader({ machine: MACHINE, wallOffsetNs: 0n });
  const found: ReturnType<typeof factsOf>[] = [];
  reader.forEachTask(sensor.tasks(), (task) => found.push(factsOf(task)));
  expect(reader.counts).toEqual({ events: 0, heartbeats: 0, malformed: 0, lostBytes: 0 });
  return found;
}

function expected(pid: number, parent: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').trim().split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const ids = (name: string) => new RegExp(`^${name}:\\s+(\\d+)\\s+(\\d+)`, 'm').exec(status)?.slice(1).map(Number);
  const [uid, euid] = ids('Uid') ?? [];
  const [gid, egid] = ids('Gid') ?? [];
  const cmdline = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  return {
    pid,
    vpid: pid,
    ppid: parent,
    startTicks: Number(stat[19]),
    ...{ uid, gid, euid, egid },
    comm: readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd(),
    pidNamespace: statSync(`/proc/${pid}/ns/pid`).ino,
    mountNamespace: statSync(`/proc/${pid}/ns/mnt`).ino,
    args: cmdline.slice(0, -1).split('\0'),
    cwd: readlinkSync(`/proc/${pid}/cwd`),
    capPermitted: Number.parseInt(/^CapPrm:\s+(\w+)/m.exec(status)?.[1] ?? '', 16),
    exe: readlinkSync(`/proc/${pid}/exe`),
    exeInode: statSync(`/proc/${pid}/exe`).ino,
  };
}

liveTest('a process that was there before is told as /proc has it', () => {
  const found = tasks().find(({ vpid, comm }) => vpid === child.pid && comm === 'sh');
  const own = { pid: found?.pid, ppid: found?.ppid };
  const should = expected(child.pid ?? 0, process.pid);
  // Numbers of another pid namespace are the host's own.
  expect(found).toEqual(isInInitialPidNamespace() ? should : { ...should, ...own });
  expect(found?.args).toEqual(['a shell', ...ARGS]);
});

liveTest('every process is told once, kernel threads too', () => {
  const numbers = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const before = numbers();
  const found = tasks().map(({ vpid, pid }) => (isInInitialPidNamespace() ? pid : vpid));
  const after = new Set(numbers());
  // Some virtual machines hide their first process from the iterator.
  const lasting = before.filter((pid) => after.has(pid) && pid !== '1').map(Number);
  expect(lasting.filter((pid) => !found.includes(pid))).toEqual([]);
  if (isInInitialPidNamespace()) expect(new Set(found).size).toBe(found.length);
});
