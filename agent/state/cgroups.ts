import type { ByteString } from '../events/bytestring.ts';
import type { Unsigned64 } from '../events/event.ts';

/** The file system, as far as cgroups need it; given by the edge. Errors are `undefined` or empty. */
export interface CgroupReader {
  /** Inode number of a directory, which is the cgroup's id. */
  inode(path: string): Unsigned64 | undefined;
  /** Names of the directories in a directory. */
  directories(path: string): readonly string[];
  /** Text of /proc/PID/cgroup. */
  ofProcess(pid: number): ByteString | undefined;
  /** Milliseconds on a clock that does not go back. */
  nowMs(): number;
}

export interface CgroupsOptions {
  readonly reader: CgroupReader;
  /** Where the hierarchy is mounted: /sys/fs/cgroup, or /sys/fs/cgroup/memory. */
  readonly mount: string;
  /** Controller that names the hierarchy in /proc/PID/cgroup; '' = v2. */
  readonly controller: string;
  /**
   * Least time between walks over the whole hierarchy for a cgroup that several walks did not find, ms. Default 500: a walk
   * over 1,000 cgroups takes about 10. A new one is looked for as often as a twentieth of the time allows.
   */
  readonly walkEveryMs?: number;
  /** Paths to keep. Default 16,384. */
  readonly limit?: number;
}

/** Paths of cgroups by their ids. */
export interface Cgroups {
  /** Path below the mount, beginning with a slash; undefined when it is not (yet, any more) there. */
  path(id: Unsigned64, pid: number): ByteString | undefined;
  /** Id of the cgroup that a process is in; 0 when it cannot be told. */
  idOf(pid: number): Unsigned64;
  /** Takes a path that the kernel told, of a cgroup that may be gone by now. */
  place(id: Unsigned64, path: ByteString): void;
  readonly walks: number;
  /**
   * Looks at some of the known cgroups, the next ones at each call, and gives those that have been gone for half a minute:
   * what happened in them is told by then. They are forgotten here.
   */
  sweep(count: number): readonly Unsigned64[];
}

const DEPTH_MAX = 64;
/** A container that ends at once takes its cgroup with it: whoever looks later does not find it. */
const WALK_EVERY_MS = 10;
const WALK_SHARE = 20;
/** Walks that do not find a cgroup before it is looked for less often. */
const MISSES_MAX = 4;
const MISSED_KEPT = 1024;
const KEEP_GONE_MS = 30_000;

/**
 * Asks the process first, which is one file, and walks the hierarchy only when that does not help (the process is gone
 * or has moved).
 */
export function createCgroups(options: CgroupsOptions): Cgroups {
  const { reader, mount, controller, walkEveryMs = 500, limit = 16_384 } = options;
  const paths = new Map<Unsigned64, ByteString>();
  let walkedAt = Number.NEGATIVE_INFINITY;
  let walkMs = 0;
  let walks = 0;
  const missed = new Map<Unsigned64, number>();
  /** When it was first seen to be gone. */
  const gone = new Map<Unsigned64, number>();
  let sweeping: Iterator<[Unsigned64, ByteString]> | undefined;

  const forgetOldest = (): void => {
    for (const oldest of paths.keys()) {
      paths.delete(oldest);
      gone.delete(oldest);
      return;
    }
  };

  const keep = (id: Unsigned64, path: ByteString): void => {
    if (paths.size >= limit && !paths.has(id)) forgetOldest();
    paths.set(id, path);
  };

  const pathOfProcess = (pid: number): ByteString | undefined => {
    const text = reader.ofProcess(pid);
    const path = text === undefined ? undefined : cgroupPathIn(text, controller);
    // A path that climbs is outside of the agent's own cgroup namespace: the mount does not show it by this name.
    return path?.startsWith('/..') ? undefined : path;
  };

  const walk = (path: ByteString, depth: number): void => {
    const id = reader.inode(mount + path);
    if (id !== undefined) keep(id, path === '' ? '/' : path);
    if (depth < DEPTH_MAX) for (const name of reader.directories(mount + path)) walk(`${path}/${name}`, depth + 1);
  };

  const walkFor = (id: Unsigned64): void => {
    const misses = missed.get(id) ?? 0;
    const now = reader.nowMs();
    const every = misses < MISSES_MAX ? Math.max(WALK_EVERY_MS, walkMs * WALK_SHARE) : walkEveryMs;
    if (now - walkedAt < Math.min(every, walkEveryMs)) return;
    walkedAt = now;
    walks++;
    walk('', 0);
    walkMs = reader.nowMs() - now;
    if (paths.has(id)) {
      missed.delete(id);
      return;
    }
    if (missed.size >= MISSED_KEPT) missed.clear();
    missed.set(id, misses + 1);
  };

  return {
    path(id, pid) {
      const kept = paths.get(id);
      if (kept !== undefined || id === 0) return kept;
      const guess = pathOfProcess(pid);
      if (guess !== undefined && reader.inode(mount + guess) === id) {
        keep(id, guess);
        return guess;
      }
      walkFor(id);
      return paths.get(id);
    },
    idOf(pid) {
      const path = pathOfProcess(pid);
      return (path === undefined ? undefined : reader.inode(mount + path)) ?? 0;
    },
    place(id, path) {
      if (id === 0 || paths.has(id)) return;
      keep(id, path);
      if (reader.inode(mount + (path === '/' ? '' : path)) !== id) gone.set(id, reader.nowMs());
    },
    get walks() {
      return walks;
    },
    sweep(count) {
      const forgotten: Unsigned64[] = [];
      const now = reader.nowMs();
      sweeping ??= paths.entries();
      for (let looked = 0; looked < count; looked++) {
        const next = sweeping.next();
        if (next.done) {
          sweeping = undefined;
          break;
        }
        const [id, path] = next.value;
        if (reader.inode(mount + (path === '/' ? '' : path)) === id) {
          gone.delete(id);
          continue;
        }
        const since = gone.get(id);
        if (since === undefined) {
          gone.set(id, now);
        } else if (now - since >= KEEP_GONE_MS) {
          gone.delete(id);
          paths.delete(id);
          forgotten.push(id);
        }
      }
      return forgotten;
    },
  };
}

/** The path in /proc/PID/cgroup's text (lines of `number:controllers:path`) of one hierarchy; '' = v2. */
export function cgroupPathIn(text: ByteString, controller: string): ByteString | undefined {
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match?.[1]?.split(',').includes(controller)) return match[2];
  }
  return undefined;
}
