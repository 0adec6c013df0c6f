import type { ByteString } from '../events/bytestring.ts';
import type { ContainerInfo } from '../events/process.ts';
import { type Field, field, missingField } from './define.ts';
import type { FieldResult } from './field.ts';
import { ofContainer } from './of-container.ts';

const RETIRED = 'no source has given it for years';
const LABEL = { argument: { required: true, kind: 'key' } } as const;
const SHORT_ID = 12;

const pod = (
  name: string,
  doc: string,
  read: (info: ContainerInfo, argument: string | number | undefined) => FieldResult,
  more: Partial<Field> = {},
): Field =>
  field(
    name,
    'CHARBUF',
    'container',
    doc,
    ({ process }, argument) => ofContainer(process, undefined, (info) => read(info, argument)),
    { late: 'details', ...more },
  );

/** What the sandbox says, else what kubelets write on each container; absent outside of pods. */
const named =
  (member: 'name' | 'namespace' | 'uid', label: ByteString) =>
  ({ pod: of, labels }: ContainerInfo): FieldResult =>
    of?.[member] || labels.get(label) || undefined;

const retired = (object: string): readonly Field[] =>
  ['name', 'id', 'label', 'labels'].map((part) =>
    missingField(`k8s.${object}.${part}`, 'CHARBUF', 'container', `Retired: ${part} of the ${object}.`, RETIRED, {
      deprecated: true,
      ...(part === 'label' ? LABEL : {}),
    }),
  );

/** k8s.*: the pod of the process. */
export const K8S_FIELDS: readonly Field[] = [
  pod('k8s.pod.name', 'Name of the pod.', named('name', 'io.kubernetes.pod.name')),
  pod('k8s.ns.name', 'Namespace of the pod.', named('namespace', 'io.kubernetes.pod.namespace')),
  pod('k8s.pod.uid', 'Unique id of the pod.', named('uid', 'io.kubernetes.pod.uid')),
  pod('k8s.pod.id', 'Old name of k8s.pod.uid.', named('uid', 'io.kubernetes.pod.uid')),
  pod(
    'k8s.pod.sandbox_id',
    'First 12 characters of the id of the sandbox container.',
    (i) => i.pod?.sandboxId.slice(0, SHORT_ID) || undefined,
  ),
  pod('k8s.pod.full_sandbox_id', 'Id of the sandbox container.', (i) => i.pod?.sandboxId || undefined),
  pod('k8s.pod.label', 'One label of the pod.', (i, key) => i.pod?.labels.get(String(key)), LABEL),
  pod('k8s.pod.labels', 'Labels of the pod as key:value, joined by commas.', (i) =>
    i.pod === undefined ? undefined : [...i.pod.labels].map(([key, value]) => `${key}:${value}`).join(','),
  ),
  pod('k8s.pod.ip', 'Address of the pod.', (i) => i.pod?.ip || undefined),
  pod('k8s.pod.cni.json', 'Network of the pod as JSON.', (i) => i.pod?.cniJson || undefined),
  pod('k8s.pod.service_account', 'Service account of the pod.', (i) => i.pod?.serviceAccount || undefined),
  pod(
    'k8s.pod.owners',
    'What manages the pod and what manages that: kind/name, joined by commas.',
    (i) => i.pod?.owners?.map(({ kind, name }) => `${kind}/${name}`).join(',') || undefined,
  ),
  pod(
    'k8s.workload.kind',
    'Kind of what manages the pod in the end: Deployment, CronJob, ...; Pod for one on its own.',
    (i) => (i.pod?.serviceAccount === undefined ? undefined : (i.pod.owners?.at(-1)?.kind ?? 'Pod')),
  ),
  pod('k8s.workload.name', 'Name of what manages the pod in the end; of the pod for one on its own.', (i) =>
    i.pod?.serviceAccount === undefined ? undefined : (i.pod.owners?.at(-1)?.name ?? i.pod.name),
  ),
  pod('k8s.node.name', 'Node of the pod, as the cluster calls it.', (i) => i.pod?.node || undefined),
  field(
    'k8s.cluster.name',
    'CHARBUF',
    'machine',
    'Name of the cluster, from the configuration.',
    ({ machine }) => machine.cluster || undefined,
  ),
  ...retired('rc'),
  ...retired('rs'),
  ...retired('svc'),
  ...retired('deployment'),
  ...retired('ns').filter(({ name }) => name !== 'k8s.ns.name'),
];
