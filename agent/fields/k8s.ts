import { type Field, missingField } from './define.ts';

const NO_CLUSTER = 'pods are not looked up yet';
const RETIRED = 'no source has given it for years';
const LABEL = { argument: { required: true, kind: 'key' } } as const;

const pod = (name: string, doc: string, more: Partial<Field> = {}): Field =>
  missingField(name, 'CHARBUF', 'container', doc, NO_CLUSTER, more);

const retired = (object: string): readonly Field[] =>
  ['name', 'id', 'label', 'labels'].map((part) =>
    missingField(`k8s.${object}.${part}`, 'CHARBUF', 'container', `Retired: ${part} of the ${object}.`, RETIRED, {
      deprecated: true,
      ...(part === 'label' ? LABEL : {}),
    }),
  );

/** k8s.*: the pod of the process. */
export const K8S_FIELDS: readonly Field[] = [
  pod('k8s.pod.name', 'Name of the pod.'),
  pod('k8s.ns.name', 'Namespace of the pod.'),
  pod('k8s.pod.uid', 'Unique id of the pod.'),
  pod('k8s.pod.id', 'Old name of k8s.pod.uid.'),
  pod('k8s.pod.sandbox_id', 'First 12 characters of the id of the sandbox container.'),
  pod('k8s.pod.full_sandbox_id', 'Id of the sandbox container.'),
  pod('k8s.pod.label', 'One label of the pod.', LABEL),
  pod('k8s.pod.labels', 'Labels of the pod as key:value, joined by commas.'),
  pod('k8s.pod.ip', 'Address of the pod.'),
  pod('k8s.pod.cni.json', 'Network of the pod as JSON.'),
  ...retired('rc'),
  ...retired('rs'),
  ...retired('svc'),
  ...retired('deployment'),
  ...retired('ns').filter((field) => field.name !== 'k8s.ns.name'),
];
