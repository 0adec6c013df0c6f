import type { MountFacts } from './describe.ts';
import { type Json, objectAt, objectsAt, textAt, textsAt } from './json.ts';

/** What an OCI runtime specification (config.json) says of how a container is kept apart. */
export interface SpecFacts {
  readonly privileged: boolean;
  readonly hostPid: boolean;
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly user: string;
  readonly capabilities: readonly string[];
  readonly mounts: readonly MountFacts[];
}

const PROPAGATIONS: ReadonlySet<string> = new Set(['private', 'shared', 'slave', 'rprivate', 'rshared', 'rslave']);

export function readSpec(spec: Json): SpecFacts {
  const process = objectAt(spec, 'process');
  const linux = objectAt(spec, 'linux');
  const capabilities = textsAt(objectAt(process, 'capabilities'), 'bounding');
  const namespaces = new Set(objectsAt(linux, 'namespaces').map((namespace) => textAt(namespace, 'type')));
  return {
    // No specification says the word; a privileged container is one with every power and nothing hidden.
    privileged:
      capabilities.includes('CAP_SYS_ADMIN') &&
      textsAt(linux, 'maskedPaths').length === 0 &&
      textsAt(linux, 'readonlyPaths').length === 0,
    hostPid: !namespaces.has('pid'),
    hostNetwork: !namespaces.has('network'),
    hostIpc: !namespaces.has('ipc'),
    user: userOf(objectAt(process, 'user')),
    capabilities,
    mounts: objectsAt(spec, 'mounts').map(mountOf),
  };
}

function userOf(user: Json): string {
  const { uid, gid } = user;
  return typeof uid === 'number' ? `${uid}:${typeof gid === 'number' ? gid : 0}` : '';
}

function mountOf(mount: Json): MountFacts {
  const options = textsAt(mount, 'options');
  return {
    source: textAt(mount, 'source'),
    destination: textAt(mount, 'destination'),
    mode: options.filter((option) => !PROPAGATIONS.has(option)).join(','),
    writable: !options.includes('ro'),
    propagation: options.find((option) => PROPAGATIONS.has(option)) ?? '',
  };
}
