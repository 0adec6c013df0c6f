import type { ContainerIdentity, ContainerInfo, ContainerMount, Process } from '../events/process.ts';
import { type Field, field } from './define.ts';
import { type FieldResult, type FieldType, PENDING } from './field.ts';

const NO_RUNTIME =
  'the container runtime is not asked: empty on the host, absent in containers, unless a capture tells it';
const NO_NAMESPACE_START = 'the start of pid namespaces is not collected, only captures of other tools have it';
const HOST = 'host';

/** From the cgroup: known at once, or as soon as the cgroup's path is found. */
const identity = (name: string, doc: string, read: (container: ContainerIdentity) => string | undefined): Field =>
  field(name, 'CHARBUF', 'container', doc, ({ process }) => {
    if (process === undefined) return undefined;
    return process.container === undefined ? PENDING : read(process.container);
  });

/** From the runtime: on the host there is a fixed value, in containers what is known of them. */
const metadata = (
  name: string,
  type: FieldType,
  doc: string,
  onHost: FieldResult,
  more: Partial<Field> & { read?: (info: ContainerInfo, argument: string | number | undefined) => FieldResult } = {},
): Field => {
  const { read, ...rest } = more;
  const get: Field['get'] = ({ process }, argument) => {
    const container = process?.container;
    if (container?.id === HOST) return onHost;
    return container?.info === undefined ? undefined : read?.(container.info, argument);
  };
  return { ...field(name, type, 'container', doc, get), unavailable: NO_RUNTIME, ...rest };
};

const mountText = ({ source, destination, mode, writable, propagation }: ContainerMount): string =>
  [source, destination, mode, String(writable), propagation].join(':');

const mount = (name: string, doc: string): Field =>
  metadata(name, 'CHARBUF', doc, undefined, { argument: { required: true, kind: 'both' } });

/** Of the pid namespace, which is the container's own; 0n = not known, or the host's. */
function startOf(process: Process | undefined): bigint {
  const virtual = process?.virtual;
  return virtual?.isNested === true ? virtual.namespaceStartNs : 0n;
}

/** container.*: where the process runs. */
export const CONTAINER_FIELDS: readonly Field[] = [
  identity('container.id', 'First 12 characters of the container id; host outside of containers.', (c) => c.id),
  identity('container.full_id', 'Container id; host outside of containers.', (c) => c.fullId),
  identity(
    'container.type',
    'Runtime, as the cgroup shows it: docker, containerd, cri-o, podman; host outside.',
    (c) => c.type,
  ),
  metadata('container.name', 'CHARBUF', 'Name of the container; host outside of containers.', HOST, {
    read: (i) => i.name,
  }),
  metadata('container.image', 'CHARBUF', 'Image with tag or digest.', '', { read: (i) => i.image }),
  metadata('container.image.id', 'CHARBUF', 'Image id.', '', { read: (i) => i.imageId }),
  metadata('container.image.repository', 'CHARBUF', 'Image without tag.', '', { read: (i) => i.imageRepository }),
  metadata('container.image.tag', 'CHARBUF', 'Tag of the image.', '', { read: (i) => i.imageTag }),
  metadata('container.image.digest', 'CHARBUF', 'Digest of the image.', '', { read: (i) => i.imageDigest }),
  metadata('container.privileged', 'BOOL', 'Whether the container is privileged.', false, {
    read: (i) => i.privileged,
  }),
  metadata('container.host_pid', 'BOOL', 'Whether it shares the pid namespace of the host.', false, {
    read: (i) => i.hostPid,
  }),
  metadata('container.host_network', 'BOOL', 'Whether it shares the network namespace of the host.', false, {
    read: (i) => i.hostNetwork,
  }),
  metadata('container.host_ipc', 'BOOL', 'Whether it shares the ipc namespace of the host.', false, {
    read: (i) => i.hostIpc,
  }),
  metadata('container.ip', 'CHARBUF', 'Address of the container.', '', { read: (i) => i.ip }),
  metadata('container.cni.json', 'CHARBUF', 'Network of the container as JSON.', ''),
  metadata('container.labels', 'CHARBUF', 'Labels as key:value, joined by commas.', '', {
    read: ({ labels }) => [...labels].map(([key, value]) => `${key}:${value}`).join(','),
  }),
  metadata('container.label', 'CHARBUF', 'One label.', undefined, {
    argument: { required: true, kind: 'key' },
    read: ({ labels }, key) => labels.get(String(key)),
  }),
  metadata('container.mounts', 'CHARBUF', 'Mounts as source:dest:mode:rdwr:propagation, joined by commas.', '', {
    read: ({ mounts }) => mounts.map(mountText).join(','),
  }),
  mount('container.mount', 'One mount, by position or source.'),
  mount('container.mount.source', 'Source of one mount, by position or destination.'),
  mount('container.mount.dest', 'Destination of one mount, by position or source.'),
  mount('container.mount.mode', 'Mode of one mount.'),
  mount('container.mount.rdwr', 'Whether one mount is writable.'),
  mount('container.mount.propagation', 'Propagation of one mount.'),
  metadata('container.healthcheck', 'CHARBUF', 'Command of the health check.', undefined, { deprecated: true }),
  metadata('container.liveness_probe', 'CHARBUF', 'Command of the liveness probe.', undefined, { deprecated: true }),
  metadata('container.readiness_probe', 'CHARBUF', 'Command of the readiness probe.', undefined, { deprecated: true }),
  field(
    'container.start_ts',
    'ABSTIME',
    'container',
    'Start of the container, nanoseconds since 1970.',
    ({ process }) => startOf(process) || undefined,
    { unavailable: NO_NAMESPACE_START },
  ),
  field(
    'container.duration',
    'RELTIME',
    'event',
    'Nanoseconds since the start of the container.',
    ({ process, event }) => {
      const start = startOf(process);
      return start === 0n ? undefined : event.timeNs - start;
    },
    { unavailable: NO_NAMESPACE_START },
  ),
];
