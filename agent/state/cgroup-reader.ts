import { readdirSync, readFileSync, statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { CgroupReader } from './cgroups.ts';

/** The edge that reads the cgroup file system and /proc/PID/cgroup. */
export function createCgroupReader(procRoot = '/proc'): CgroupReader {
  return {
    inode: (path) => {
      try {
        const { ino } = statSync(bytes(path), { bigint: true });
        return ino <= Number.MAX_SAFE_INTEGER ? Number(ino) : ino;
      } catch {
        return undefined;
      }
    },
    directories: (path) => {
      try {
        return readdirSync(bytes(path), { withFileTypes: true, encoding: 'latin1' })
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name);
      } catch {
        // Removed while we walked.
        return [];
      }
    },
    ofProcess: (pid) => {
      try {
        return readFileSync(`${procRoot}/${pid}/cgroup`, 'latin1');
      } catch {
        return undefined;
      }
    },
    nowMs: () => performance.now(),
  };
}

/** Paths are byte strings: their bytes, not their characters, name the file. */
function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}
