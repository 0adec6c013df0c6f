import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCgroupMount } from '../../agent/pipeline/cgroup-mount.ts';

const PERIOD_US = 100_000;

/** A cgroup whose processes get a part of one CPU and no more. */
export interface Quota {
  add(pid: number): void;
  /** Periods in which its processes had to wait. */
  throttled(): number;
  /** Its processes must have ended. */
  remove(): void;
}

/** Undefined where no cpu controller can be used. `share`: of one CPU. */
export function createQuota(name: string, share: number): Quota | undefined {
  const mounts = readFileSync('/proc/self/mountinfo', 'latin1');
  const v1 = findCgroupMount(mounts, 'cpu');
  const parent = v1 ?? findCgroupMount(mounts, 'v2');
  if (parent === undefined) return undefined;
  const folder = join(parent, name);
  mkdirSync(folder);
  const quotaUs = String(Math.round(PERIOD_US * share));
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  try {
    if (v1 === undefined) {
      write('cpu.max', `${quotaUs} ${PERIOD_US}`);
    } else {
      write('cpu.cfs_period_us', String(PERIOD_US));
      write('cpu.cfs_quota_us', quotaUs);
      // Where real-time threads have budgets of their own, a group without one takes none.
      if (existsSync(join(folder, 'cpu.rt_runtime_us'))) write('cpu.rt_runtime_us', String(Math.round(1e6 * share)));
    }
  } catch {
    rmdirSync(folder);
    return undefined;
  }
  return {
    add: (pid) => write('cgroup.procs', String(pid)),
    throttled: () => Number(/nr_throttled (\d+)/.exec(readFileSync(join(folder, 'cpu.stat'), 'latin1'))?.[1] ?? 0),
    remove: () => rmdirSync(folder),
  };
}
