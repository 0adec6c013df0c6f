import type { ByteString } from '../events/bytestring.ts';
import type { ContainerIdentity } from '../events/process.ts';

const SHORT_ID = 12;
const FULL_ID = /^[0-9a-f]{64}$/;
/** Fargate's containers: the task's id and a number. */
const TASK_ID = /^[0-9a-f]{32}-[0-9]{10}$/;

/**
 * What precedes the id in the name of a cgroup, and whose it is. systemd's driver makes `PREFIX-ID.scope`, the cgroupfs
 * driver `PREFIX-ID` or the bare id; containerd without systemd in a systemd slice makes `SLICE:PREFIX:ID`.
 */
const PREFIXES: readonly (readonly [prefix: string, type: ByteString])[] = [
  ['docker', 'docker'],
  ['cri-containerd', 'containerd'],
  ['nerdctl', 'containerd'],
  ['crio', 'cri-o'],
  ['libpod-payload', 'podman'],
  ['libpod', 'podman'],
];

/** Parents that tell whose the bare ids below them are. */
const PARENTS: readonly (readonly [parent: string, type: ByteString])[] = [
  ['docker', 'docker'],
  ['ecs', 'docker'],
  ['libpod_parent', 'podman'],
  ['machine.slice', 'podman'],
];

export const HOST: ContainerIdentity = { id: 'host', fullId: 'host', type: 'host', cgroupPath: '/' };

/**
 * The container that a cgroup belongs to, told by its path: the innermost part that is a container's, so that a service
 * inside of a container, or a container inside of another, is found. Monitors (conmon) have cgroups of their own that
 * look alike but are of the host.
 */
export function containerOfPath(path: ByteString): ContainerIdentity {
  const parts = path.split('/');
  for (let i = parts.length - 1; i > 0; i--) {
    const found = containerOfPart(parts[i] as string, parts.slice(0, i));
    if (found !== undefined) return { ...found, id: found.fullId.slice(0, SHORT_ID), cgroupPath: path };
  }
  return { ...HOST, cgroupPath: path };
}

type Found = Pick<ContainerIdentity, 'fullId' | 'type'>;

function containerOfPart(part: string, above: readonly string[]): Found | undefined {
  const name = part.endsWith('.scope') ? part.slice(0, -'.scope'.length) : part;
  if (FULL_ID.test(name) || TASK_ID.test(name)) return { fullId: name, type: typeOfParents(above) };
  const separator = Math.max(name.lastIndexOf('-'), name.lastIndexOf(':'));
  if (separator > 0 && FULL_ID.test(name.slice(separator + 1))) {
    return prefixed(name.slice(0, separator), name.slice(separator + 1));
  }
  return lxc(name, above.at(-1));
}

function prefixed(before: string, fullId: string): Found | undefined {
  const prefix = before.slice(before.lastIndexOf(':') + 1);
  const known = PREFIXES.find(([name]) => name === prefix);
  if (known !== undefined) return { fullId, type: known[1] };
  // crio-conmon-ID and libpod-conmon-ID hold the monitor, which runs on the host.
  return prefix.endsWith('conmon') ? undefined : { fullId, type: undefined };
}

function typeOfParents(above: readonly string[]): ByteString | undefined {
  for (let i = above.length - 1; i > 0; i--) {
    const known = PARENTS.find(([name]) => name === above[i]);
    if (known !== undefined) return known[1];
  }
  return undefined;
}

/** LXC names its containers itself: `lxc.payload.NAME`, formerly `lxc/NAME`. */
function lxc(name: string, parent: string | undefined): Found | undefined {
  if (name.startsWith('lxc.payload.')) return { fullId: name.slice('lxc.payload.'.length), type: 'lxc' };
  return parent === 'lxc' && name !== '' ? { fullId: name, type: 'lxc' } : undefined;
}
