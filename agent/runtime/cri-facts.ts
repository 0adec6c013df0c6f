import type { ContainerStatusResponse, PodSandboxStatusResponse } from '../../proto/cri.ts';
import {
  type ContainerFacts,
  type MountFacts,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  type PodFacts,
} from './describe.ts';
import { imageIdOf, parseImageName } from './image-name.ts';
import { type Json, objectAt, parseObject, textAt } from './json.ts';
import { readSpec } from './oci-spec.ts';

const NODE_MODE = 2;
/** By the number in the interface. */
const PROPAGATIONS = ['private', 'rslave', 'rshared'];

/** The runtime's own JSON about a container or a sandbox. */
export function extraOf(response: { readonly info?: unknown }): Json {
  const map = response.info;
  return parseObject(textAt(objectAt(map), 'info'));
}

/** What a container's status and its sandbox's say; the sandbox may not be known. */
export function containerFacts(
  { status, info }: ContainerStatusResponse,
  sandbox: PodSandboxStatusResponse | undefined,
): ContainerFacts {
  const extra = extraOf({ info });
  const config = objectAt(extra, 'config');
  const spec = readSpec(objectAt(extra, 'runtimeSpec'));
  const reference = status?.imageRef ?? '';
  const written = imageWritten(status?.image?.userSpecifiedImage ?? '', status?.image?.image ?? '', reference);
  const pod = sandbox === undefined ? podOfLabels(status?.labels ?? {}) : podFacts(sandbox);
  return {
    ...spec,
    ...hostNamespaces(sandbox, spec),
    name: status?.metadata?.name ?? '',
    image: written,
    imageId: imageIdOf(firstText(status?.imageId ?? '', textAt(objectAt(config, 'image'), 'image'), reference)),
    digest: parseImageName(reference).digest,
    privileged: privilegedOf(extra, config) ?? spec.privileged,
    ip: pod?.ip ?? '',
    labels: status?.labels ?? {},
    mounts: (status?.mounts ?? []).map(mountFacts),
    pod,
  };
}

/** The sandbox itself, which is a container too: the one that holds the pod's namespaces. */
export function sandboxFacts(response: PodSandboxStatusResponse): ContainerFacts {
  const extra = extraOf(response);
  const spec = readSpec(objectAt(extra, 'runtimeSpec'));
  const pod = podFacts(response);
  const image = textAt(extra, 'image');
  return {
    ...spec,
    ...hostNamespaces(response, spec),
    name: pod.name,
    image,
    imageId: imageIdOf(image),
    digest: parseImageName(image).digest,
    ip: pod.ip,
    labels: pod.labels,
    pod,
  };
}

export function podFacts(response: PodSandboxStatusResponse): PodFacts {
  const { status } = response;
  const cni = extraOf(response)['cniResult'];
  return {
    name: status?.metadata?.name ?? '',
    namespace: status?.metadata?.namespace ?? '',
    uid: status?.metadata?.uid ?? '',
    sandboxId: status?.id ?? '',
    ip: status?.network?.ip ?? '',
    cniJson: cni === undefined || cni === null ? '' : JSON.stringify(cni),
    labels: status?.labels ?? {},
  };
}

function podOfLabels(labels: Readonly<Record<string, string>>): PodFacts | undefined {
  const { [POD_NAME_LABEL]: name, [POD_NAMESPACE_LABEL]: namespace, [POD_UID_LABEL]: uid } = labels;
  if (name === undefined) return undefined;
  return { name, namespace: namespace ?? '', uid: uid ?? '', sandboxId: '', ip: '', cniJson: '', labels: {} };
}

/** The first that is a name; kubelets may give an id where the name belongs. */
function imageWritten(...candidates: readonly string[]): string {
  return candidates.find((candidate) => parseImageName(candidate).repository !== '') ?? firstText(...candidates);
}

function firstText(...candidates: readonly string[]): string {
  return candidates.find((candidate) => candidate !== '') ?? '';
}

/** containerd tells it in the configuration, CRI-O beside it. */
function privilegedOf(extra: Json, config: Json): boolean | undefined {
  const told = objectAt(config, 'linux', 'security_context')['privileged'] ?? extra['privileged'];
  return typeof told === 'boolean' ? told : undefined;
}

function hostNamespaces(
  sandbox: PodSandboxStatusResponse | undefined,
  spec: { readonly hostPid: boolean; readonly hostNetwork: boolean; readonly hostIpc: boolean },
): Pick<ContainerFacts, 'hostPid' | 'hostNetwork' | 'hostIpc'> {
  const options = sandbox?.status?.linux?.namespaces?.options;
  // A container of a pod joins the sandbox's namespaces, so that its own specification does not tell whose they are.
  if (!options) return { hostPid: spec.hostPid, hostNetwork: spec.hostNetwork, hostIpc: spec.hostIpc };
  return {
    hostPid: options.pid === NODE_MODE,
    hostNetwork: options.network === NODE_MODE,
    hostIpc: options.ipc === NODE_MODE,
  };
}

function mountFacts(mount: {
  readonly hostPath?: string | null;
  readonly containerPath?: string | null;
  readonly readonly?: boolean | null;
  readonly propagation?: number | null;
}): MountFacts {
  const writable = mount.readonly !== true;
  return {
    source: mount.hostPath ?? '',
    destination: mount.containerPath ?? '',
    mode: writable ? 'rw' : 'ro',
    writable,
    propagation: PROPAGATIONS[mount.propagation ?? 0] ?? '',
  };
}
