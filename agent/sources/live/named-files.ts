import { stat } from 'node:fs/promises';
import type { FileId, Named } from '../../../native/index.ts';
import type { PathFilter, Plan } from '../../events/plan.ts';
import { decodeDevice } from '../../lib/device.ts';

/** Longer names are not looked up in the kernel. */
const NAME_BYTES_MAX = 30;
const NAMES_MAX = 4096;
const FILES_MAX = 16_384;

/** Paths that rules name, from the root of the file system. */
export function namedPaths(plan: Plan): readonly PathFilter[] {
  return plan.kinds.flatMap(({ named = [] }) => named).slice(0, FILES_MAX);
}

/** What the files are called, for those that are elsewhere: in containers, or made later. */
export function namesOf(paths: readonly PathFilter[]): readonly string[] {
  const names = paths.flatMap(({ components, below }) => (below ? [] : components.slice(-1)));
  const fitting = names.filter((name) => Buffer.byteLength(name) <= NAME_BYTES_MAX && !/[*?[]/.test(name));
  return [...new Set(fitting)].slice(0, NAMES_MAX);
}

/**
 * The files and directories that there are now on these paths. Not in the mounts of containers: who may mount there could
 * keep the agent waiting for an answer for ever.
 */
export async function findNamed(paths: readonly PathFilter[]): Promise<Named> {
  const found = new Map<string, FileId>();
  for (const { components } of paths) {
    const file = await fileAt(`/${components.join('/')}`);
    if (file !== undefined) found.set(`${file.dev} ${file.inode}`, file);
  }
  return { files: [...found.values()], names: namesOf(paths) };
}

async function fileAt(path: string): Promise<FileId | undefined> {
  try {
    const { dev, ino } = await stat(Buffer.from(path, 'latin1'), { bigint: true });
    return { dev: decodeDevice(Number(dev)), inode: ino };
  } catch {
    // It is not there, now.
    return undefined;
  }
}
