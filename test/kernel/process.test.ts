import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventHeader } from '../../agent/decode/layout.gen.ts';
import { argsOf } from './support/args.ts';
import { decodeRecord } from './support/decoded.ts';
import { createFamily } from './support/family.ts';
import { liveTest } from './support/live.ts';
import { isInInitialPidNamespace } from './support/testimony.ts';

const KINDS = ['fork', 'exec', 'exit'] as const;
const family = createFamily('process', KINDS);

liveTest('fork, vfork, clone, clone3, a thread, a new pid namespace, a terminal', async () => {
  const { events } = await family.observe('fork');
  expect(argsOf(events[0])).toMatch(
    /^res=\d+ tid=\d+ pid=\d+ ptid=\d+ comm=process flags=0 uid=0 gid=0 vtid=\d+ vpid=\d+$/,
  );
  expect(events.filter((event) => event.child?.isThread)).toHaveLength(1);
});

liveTest('exec by path, script, memfd and dirfd, as another user, with sockets, failing', async () => {
  const { events } = await family.observe('exec');
  const [plain] = events;
  expect(plain?.image?.args).toEqual(['a name', 'image', 'root', '', 'new\nline', '\xff\x1b[0m']);
  expect(plain?.rawArg('args')).toBe('image\0root\0\0new\nline\0\xff\x1b[0m\0');
  expect(plain?.rawArg('exe')).toBe('a name');
  const longest = events.map((event) => event.image?.args?.join('\0').length ?? 0);
  expect(Math.max(...longest), 'argv is complete to 4 KiB').toBe(4095);
  expect(events.filter((event) => event.image?.argsTruncated)).toHaveLength(1);
  expect(events.filter((event) => event.image?.setid)).toHaveLength(1);
  if (!isInInitialPidNamespace()) return;
  const { path } = ownCgroup(family.sensor().sensor.cgroupHierarchy);
  expect(new Set(events.map((event) => event.image?.cgroupPath))).toEqual(new Set([path, undefined]));
});

liveTest('exit by status, by signal, of a thread', async () => {
  const { events } = await family.observe('exit');
  expect(events.map((event) => argsOf(event))).toEqual([
    'status=1792 ret=7 sig=0 core=0',
    'status=9 ret=0 sig=9(SIGKILL) core=0',
    'status=15 ret=0 sig=15(SIGTERM) core=0',
    'status=0 ret=0 sig=0 core=0',
  ]);
});

liveTest('the environment, only while the plan wants it', async () => {
  family.setPlan({ envWanted: true });
  const { events } = await family.observe('environment', 'exec');
  expect(events[0]?.image?.env).toEqual(['VICTIM_ENV=a value']);
  family.setPlan({ envWanted: false });
  const { records } = await family.run('environment', 'exec');
  expect(records.map((record) => decodeRecord(record).image?.env)).toEqual([undefined, undefined]);
});

/** Path and inode number of this process's cgroup directory, in the hierarchy that the sensor chose. */
function ownCgroup(hierarchy: string): { readonly path: string; readonly id: bigint } {
  const isV2 = hierarchy === 'v2';
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const path = lines
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
    .find((line) => (isV2 ? line?.[1] === '' : line?.[1]?.split(',').includes(hierarchy)))?.[2];
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const mount = mounts
    .map((line) => /^\S+ \S+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)$/.exec(line))
    .find((line) => (isV2 ? line?.[3] === 'cgroup2' : line?.[4]?.split(',').includes(hierarchy)));
  if (path === undefined || mount?.[1] === undefined || mount[2] === undefined)
    throw new Error(`this process sees no cgroup of ${hierarchy}`);
  const below = mount[1] === '/' ? path : path.slice(mount[1].length);
  return { path, id: statSync(join(mount[2], below), { bigint: true }).ino };
}

liveTest('every record of a victim names its parent, cgroup and binary, and comes in order', async () => {
  const { own } = await family.run('exit');
  const cgroups = new Set(own.map((record) => record.readBigUInt64LE(eventHeader.cgroupId)));
  expect(cgroups).toEqual(new Set([ownCgroup(family.sensor().sensor.cgroupHierarchy).id]));
  const times = own.map((record) => record.readBigUInt64LE(eventHeader.timeNs));
  expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
  // To the end: at exit too there is still a binary.
  expect(new Set(own.map((record) => record.readBigUInt64LE(eventHeader.exeInode))).size).toBe(1);
  if (!isInInitialPidNamespace()) return;
  const [root] = own.map(decodeRecord);
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\)/, '').trim().split(' ');
  expect({ ppid: root?.ppid, ticks: Math.floor((root?.ppidStart ?? 0) / 1e7) }).toEqual({
    ppid: process.pid,
    ticks: Number(fields[19]),
  });
});

liveTest('every kind was seen', () => {
  expect([...family.seen].sort()).toEqual([...KINDS].sort());
});
