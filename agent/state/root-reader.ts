import { closeSync, constants, fstatSync, openSync, readSync, statfsSync } from 'node:fs';
import type { ByteString } from '../events/bytestring.ts';

/** A file as a process sees it. */
export interface RootFile {
  /** Anything that changes when the file does. */
  readonly version: string;
  read(): ByteString;
}

/** Reads files below the root of a process; given by the edge. */
export interface RootReader {
  /** undefined: no such file, no such process, or nothing that may be read. The file is closed when `use` returns. */
  open<T>(pid: number, path: readonly string[], use: (file: RootFile) => T): T | undefined;
}

/** No account file of note is longer. */
const BYTES_MAX = 1024 * 1024;

/** File systems that answer at once: none that asks a network or another process. */
const LOCAL: ReadonlySet<number> = new Set([
  0x794c_7630, // overlay
  0xef53, // ext2, ext3, ext4
  0x5846_5342, // xfs
  0x9123_683e, // btrfs
  0x0102_1994, // tmpfs
  0x2fc1_2fc1, // zfs
  0xf2f5_2010, // f2fs
  0x7371_7368, // squashfs
  0xe0f5_e1e2, // erofs
]);

/**
 * The root belongs to somebody hostile: every component is opened from the one before without following a link, so nothing
 * leads out, and only regular files of local file systems are read, so nothing waits.
 */
export function createRootReader(procRoot = '/proc'): RootReader {
  return {
    open: (pid, path, use) => {
      const opened: number[] = [];
      const open = (name: string, flags: number): number => {
        const descriptor = openSync(name, flags | constants.O_NONBLOCK | constants.O_NOCTTY);
        opened.push(descriptor);
        return descriptor;
      };
      try {
        let at = open(`${procRoot}/${pid}/root/`, constants.O_RDONLY | constants.O_DIRECTORY);
        for (const folder of path.slice(0, -1)) {
          at = open(`/proc/self/fd/${at}/${folder}`, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
        }
        if (!LOCAL.has(statfsSync(`/proc/self/fd/${at}`).type)) return undefined;
        const file = open(`/proc/self/fd/${at}/${path.at(-1)}`, constants.O_RDONLY | constants.O_NOFOLLOW);
        const stat = fstatSync(file, { bigint: true });
        if (!stat.isFile() || stat.size > BYTES_MAX || !LOCAL.has(statfsSync(`/proc/self/fd/${file}`).type)) {
          return undefined;
        }
        return use({
          version: `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`,
          read: () => readText(file, Number(stat.size)),
        });
      } catch {
        // Gone, or not for us.
        return undefined;
      } finally {
        for (const descriptor of opened) closeSync(descriptor);
      }
    },
  };
}

function readText(file: number, size: number): ByteString {
  const bytes = Buffer.alloc(size);
  return bytes.toString('latin1', 0, readSync(file, bytes, 0, size, 0));
}
