import type { ContainerIdentity, ContainerInfo, ContainerMount, Process } from '../events/process.ts';
import { wildcard } from '../lib/wildcard.ts';
import { type Field, field } from './define.ts';
import { type FieldResult, type FieldType, PENDING } from './field.ts';
import { ofContainer } from './of-container.ts';

const NO_NAMESPACE_START = 'the start of pid namespaces is not collected, only captures of other tools have it';
const HOST = 'host';

/** From the cgroup: known at once, or as soon as the cgroup's path is found. */
const identity = (name: string, doc: string, read: (container: ContainerIdentity) => string | undefined): Field =>
  field(
    name,
    'CHARBUF',
    'container',
    doc,
    ({ process }) => {
      if (process === undefined) return undefined;
      return process.container === undefined ? PENDING : read(process.container);
    },
    { late: 'identity' },
  );

type ReadInfo = (info: ContainerInfo, argument: string | number | undefined) => FieldResult;

/** From the runtime: on the host there is a fixed value, in containers what is known of them. */
const metadata = (
  name: string,
  type: FieldType,
  doc: string,
  onHost: FieldResult,
  read: ReadInfo,
  more: Partial<Field> = {},
): Field =>
  field(
    name,
    type,
    'container',
    doc,
    ({ process }, argument) => ofContainer(process, onHost, (info) => read(info, argument)),
    {
      late: 'details',
      ...more,
    },
  );

const mountText = ({ source, destination, mode, writable, propagation }: ContainerMount): string =>
  [source, destination, mode, String(writable), propagation].join(':');

/** One mount by its position, or the first whose source (or destination) fits a pattern. */
const mount = (
  name: string,
  doc: string,
  show: (mount: ContainerMount) => string,
  side: 'source' | 'destination' = 'source',
): Field =>
  metadata(
    name,
    'CHARBUF',
    doc,
    undefined,
    ({ mounts }, argument) => {
      const fits = typeof argument === 'string' ? wildcard(argument) : undefined;
      const found = typeof argument === 'number' ? mounts[argument] : mounts.find((one) => fits?.(one[side]) === true);
      return found === undefined ? undefined : show(found);
    },
    { argument: { required: true, kind: 'both' } },
  );

const labelsText = (labels: ReadonlyMap<string, string>): string =>
  [...labels].map(([key, value]) => `${key}:${value}`).join(',');

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
  metadata('container.name', 'CHARBUF', 'Name of the container; host outside of containers.', HOST, (i) => i.name),
  metadata('container.image', 'CHARBUF', 'Image with tag or digest.', '', (i) => i.image),
  metadata('container.image.id', 'CHARBUF', 'Image id.', '', (i) => i.imageId),
  metadata('container.image.repository', 'CHARBUF', 'Image without tag.', '', (i) => i.imageRepository),
  metadata('container.image.tag', 'CHARBUF', 'Tag of the image.', '', (i) => i.imageTag),
  metadata('container.image.digest', 'CHARBUF', 'Digest of the image.', '', (i) => i.imageDigest),
  metadata('container.privileged', 'BOOL', 'Whether the container is privileged.', false, (i) => i.privileged),
  metadata('container.host_pid', 'BOOL', 'Whether it shares the pid namespace of the host.', false, (i) => i.hostPid),
  metadata(
    'container.host_network',
    'BOOL',
    'Whether it shares the network namespace of the host.',
    false,
    (i) => i.hostNetwork,
  ),
  metadata('container.host_ipc', 'BOOL', 'Whether it shares the ipc namespace of the host.', false, (i) => i.hostIpc),
  metadata('container.ip', 'CHARBUF', 'Address of the container.', '', (i) => i.ip),
  metadata('container.cni.json', 'CHARBUF', 'Network of the container as JSON.', '', (i) => i.pod?.cniJson ?? ''),
  metadata('container.labels', 'CHARBUF', 'Labels as key:value, joined by commas.', '', ({ labels }) =>
    labelsText(labels),
  ),
  metadata('container.label', 'CHARBUF', 'One label.', undefined, ({ labels }, key) => labels.get(String(key)), {
    argument: { required: true, kind: 'key' },
  }),
  metadata(
    'container.mounts',
    'CHARBUF',
    'Mounts as source:dest:mode:rdwr:propagation, joined by commas.',
    '',
    ({ mounts }) => mounts.map(mountText).join(','),
  ),
  mount('container.mount', 'One mount, by position or source.', mountText),
  mount('container.mount.source', 'Source of one mount, by position or destination.', (m) => m.source, 'destination'),
  mount('container.mount.dest', 'Destination of one mount, by position or source.', (m) => m.destination),
  mount('container.mount.mode', 'Mode of one mount.', (m) => m.mode),
  mount('container.mount.rdwr', 'Whether one mount is writable.', (m) => String(m.writable)),
  mount('container.mount.propagation', 'Propagation of one mount.', (m) => m.propagation),
  metadata(
    'container.healthcheck',
    'CHARBUF',
    'Command of the health check.',
    undefined,
    (i) => i.healthcheck || undefined,
    { deprecated: true },
  ),
  metadata(
    'container.liveness_probe',
    'CHARBUF',
    'Command of the liveness probe.',
    undefined,
    (i) => i.livenessProbe || undefined,
    { deprecated: true },
  ),
  metadata(
    'container.readiness_probe',
    'CHARBUF',
    'Command of the readiness probe.',
    undefined,
    (i) => i.readinessProbe || undefined,
    { deprecated: true },
  ),
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
