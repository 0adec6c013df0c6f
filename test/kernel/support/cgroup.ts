import { mkdtempSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCgroupMount } from '../../../agent/pipeline/cgroup-mount.ts';

/** A cgroup that a test has made. */
export interface Cgroup {
  /** The file that a process writes itself into. */
  readonly procs: string;
  /** As records carry it. */
  readonly id: bigint;
  remove(): void;
}

/** Makes one in the hierarchy of this name: v2, or a v1 controller. */
export function makeCgroup(hierarchy: string): Cgroup {
  const folder = mkdtempSync(join(mountOf(hierarchy), 'atalaya-test-'));
  return {
    procs: join(folder, 'cgroup.procs'),
    id: statSync(folder, { bigint: true }).ino,
    remove: () => rmdirSync(folder),
  };
}

const PERIOD_US = 100_000;

/** Holds all threads of a process to a part of one core until it ends. */
export function holdBack(pid: number, ofCore: number): Cgroup {
  const isV1 = findCgroupMount(readFileSync('/proc/self/mountinfo', 'latin1'), 'cpu') !== undefined;
  const cgroup = makeCgroup(isV1 ? 'cpu' : 'v2');
  const folder = join(cgroup.procs, '..');
  const quota = Math.round(PERIOD_US * ofCore);
  if (isV1) {
    writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_US));
    writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quota));
    // With real-time groups a thread with real-time priority is not taken in, unless its new group may have some time of it.
    if (readdirSync(folder).includes('cpu.rt_runtime_us'))
      writeFileSync(join(folder, 'cpu.rt_runtime_us'), String(quota));
  } else {
    writeFileSync(join(folder, 'cpu.max'), `${quota} ${PERIOD_US}`);
  }
  writeFileSync(cgroup.procs, String(pid));
  return cgroup;
}

function mountOf(hierarchy: string): string {
  const mount = findCgroupMount(readFileSync('/proc/self/mountinfo', 'latin1'), hierarchy);
  if (mount === undefined) throw new Error(`there is no cgroup hierarchy ${hierarchy}`);
  return mount;
}
