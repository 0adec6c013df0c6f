import { constants } from 'node:fs';
import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ContainerInfo } from '../events/process.ts';
import { bundleFacts } from './bundle-facts.ts';
import { toInfo } from './describe.ts';
import { type Json, objectAt, parseObject, textsAt } from './json.ts';
import { ANSWER_BYTES_MAX, type Asked, type ContainerSource, isSafeId } from './source.ts';

export interface BundleOptions {
  /** Where the host's root is seen: '' or '/host'. */
  readonly hostRoot: string;
  /** Folders with a folder for each container, beside the usual ones; as the host names them. */
  readonly folders: readonly string[];
  readonly onCut: () => void;
}

/** Folders whose subfolders (containerd's namespaces) have a folder for each container. */
const NAMESPACED = [
  '/run/containerd/io.containerd.runtime.v2.task',
  '/run/k3s/containerd/io.containerd.runtime.v2.task',
];
/** Folders with a folder for each container, which is its bundle, or has it in `userdata`. */
const FLAT = ['/run/containers/storage/overlay-containers', '/var/lib/containers/storage/overlay-containers'];
/** runc's own states, which name the bundle. */
const STATES = ['/run/runc', '/run/containerd/runc/k8s.io', '/run/docker/runtime-runc/moby', '/run/user/0/runc'];
const NAMESPACES_MAX = 16;
const ANCESTORS_MAX = 4;

/**
 * The config.json of a container's bundle, found in the runtimes' state folders, or beside the working folder of the process
 * that watches over the container. Only regular files are read, and none that is too long.
 */
export function createBundleSource(options: BundleOptions): ContainerSource {
  return {
    name: 'bundle',
    kind: 'bundle',
    isThere: () => true,
    describe: async (container): Promise<ContainerInfo | undefined> => {
      if (!isSafeId(container.fullId)) return undefined;
      for await (const folder of bundlesOf(container, options)) {
        const spec = await readJson(join(folder, 'config.json'));
        // Anything may lie in a folder; a specification says its version.
        if (spec !== undefined && typeof spec['ociVersion'] === 'string')
          return toInfo(bundleFacts(spec), options.onCut);
      }
      return undefined;
    },
    close: () => {},
  };
}

async function* bundlesOf({ fullId, pid }: Asked, { hostRoot, folders }: BundleOptions): AsyncGenerator<string> {
  for (const folder of [...folders, ...FLAT].map((path) => hostRoot + path)) {
    yield join(folder, fullId);
    yield join(folder, fullId, 'userdata');
  }
  for (const folder of NAMESPACED.map((path) => hostRoot + path)) {
    for (const namespace of await namesIn(folder)) yield join(folder, namespace, fullId);
  }
  for (const folder of STATES.map((path) => hostRoot + path)) {
    const state = await readJson(join(folder, fullId, 'state.json'));
    for (const label of textsAt(objectAt(state, 'config'), 'labels')) {
      if (label.startsWith('bundle=/')) yield hostRoot + label.slice('bundle='.length);
    }
  }
  yield* besideWatchers(fullId, pid);
}

/**
 * A containerd shim works in the bundle of its first container, and those of the others lie beside it. Only processes with
 * the host's mounts are watchers: what runs in a container chooses its folder itself.
 */
async function* besideWatchers(fullId: string, pid: number): AsyncGenerator<string> {
  const host = await mountsOf(1);
  let at = pid;
  for (let depth = 0; depth < ANCESTORS_MAX; depth++) {
    at = await parentOf(at);
    if (at <= 1) return;
    if (host === undefined || (await mountsOf(at)) !== host) continue;
    const folder = await readlink(`/proc/${at}/cwd`).catch(() => '/');
    if (folder === '/') continue;
    // By way of /proc, because the watcher may see other mounts.
    const seen = `/proc/${at}/root${folder}`;
    yield basename(folder) === fullId ? seen : join(dirname(seen), fullId);
  }
}

function mountsOf(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
}

async function parentOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The name, in parentheses, may hold anything.
  const [, parent = '0'] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(parent);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries.slice(0, NAMESPACES_MAX);
}

async function readJson(path: string): Promise<Json | undefined> {
  const text = await readBounded(path).catch(() => undefined);
  return text === undefined ? undefined : parseObject(text);
}

/** Text of a regular file of no more than so many bytes; throws for anything else. */
async function readBounded(path: string): Promise<string | undefined> {
  // Opening a FIFO must not wait for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > ANSWER_BYTES_MAX) return undefined;
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(bytes, 0, stat.size, 0);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
