import { type ByteString, textToBytes } from '../events/bytestring.ts';
import type { ContainerInfo, PodInfo, PodOwner } from '../events/process.ts';

/** One container of a pod, as the cluster knows it. */
export interface PodContainer {
  readonly id: ByteString;
  readonly name: ByteString;
  readonly image: ByteString;
  readonly livenessProbe: ByteString;
  readonly readinessProbe: ByteString;
}

/** What is kept of a pod: a few kB. */
export interface PodFacts {
  readonly pod: PodInfo;
  /** Its own controller; undefined for one that stands alone. */
  readonly controller: PodOwner | undefined;
  readonly containers: readonly PodContainer[];
}

const TEXT_CHARS_MAX = 1024;
const LABELS_MAX = 256;
const CONTAINERS_MAX = 64;

type Json = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);
const text = (value: unknown): ByteString =>
  typeof value === 'string' ? textToBytes(value.slice(0, TEXT_CHARS_MAX)) : '';

/** Reads a Pod object; undefined when it is none. What is too long is cut. */
export function readPod(value: unknown): PodFacts | undefined {
  const { metadata, spec, status } = objectOf(value);
  const meta = objectOf(metadata);
  const uid = text(meta['uid']);
  const name = text(meta['name']);
  if (uid === '' || name === '') return undefined;
  const labels = Object.entries(objectOf(meta['labels'])).slice(0, LABELS_MAX);
  return {
    pod: {
      name,
      namespace: text(meta['namespace']),
      uid,
      sandboxId: '',
      ip: text(objectOf(status)['podIP']),
      cniJson: '',
      labels: new Map(labels.map(([key, label]) => [text(key), text(label)])),
      serviceAccount: text(objectOf(spec)['serviceAccountName']),
      node: text(objectOf(spec)['nodeName']),
      owners: [],
    },
    controller: readController(meta),
    containers: containersOf(objectOf(spec), objectOf(status)),
  };
}

/** The owner that manages an object. */
export function readController(metadata: unknown): PodOwner | undefined {
  const owner = listOf(objectOf(metadata)['ownerReferences']).find((one) => one['controller'] === true);
  return owner === undefined ? undefined : { kind: text(owner['kind']), name: text(owner['name']) };
}

function containersOf(spec: Json, status: Json): readonly PodContainer[] {
  const specs = new Map(
    ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
      listOf(spec[list]).map((one) => [text(one['name']), one] as const),
    ),
  );
  return ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']
    .flatMap((list) => listOf(status[list]))
    .slice(0, CONTAINERS_MAX)
    .flatMap((one) => {
      // RUNTIME://ID
      const id = text(one['containerID']).replace(/^[a-z0-9.+-]*:\/\//, '');
      if (id === '') return [];
      const written = specs.get(text(one['name'])) ?? {};
      return [
        {
          id,
          name: text(one['name']),
          image: text(one['image']),
          livenessProbe: probeText(written['livenessProbe']),
          readinessProbe: probeText(written['readinessProbe']),
        },
      ];
    });
}

/** The command of a probe; '' for one that is none. */
function probeText(probe: unknown): ByteString {
  const { command } = objectOf(objectOf(probe)['exec']);
  return Array.isArray(command) ? command.map(text).join(' ').slice(0, TEXT_CHARS_MAX) : '';
}

/** What the runtime says of a container, with what the cluster adds. The runtime was there, so it is right about the rest. */
export function withPod(info: ContainerInfo, { pod, containers }: PodFacts, fullId: ByteString): ContainerInfo {
  const own = containers.find(({ id }) => id === fullId);
  const told = info.pod;
  return {
    ...info,
    image: info.image === '' ? (own?.image ?? '') : info.image,
    ...(own === undefined ? {} : { livenessProbe: own.livenessProbe, readinessProbe: own.readinessProbe }),
    pod: {
      ...pod,
      sandboxId: told?.sandboxId ?? '',
      cniJson: told?.cniJson ?? '',
      ip: told?.ip || pod.ip,
    },
  };
}
