import { type ContainerFacts, POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL, type PodFacts } from './describe.ts';
import { type Json, objectAt, parseObject, textAt, textsOf } from './json.ts';
import { readSpec } from './oci-spec.ts';

/** Names of annotations in which runtimes leave what the specification itself has no place for. */
const NAME = ['io.kubernetes.cri.container-name', 'io.kubernetes.container.name', 'io.kubernetes.cri-o.Name'];
const IMAGE = ['io.kubernetes.cri.image-name', 'io.kubernetes.cri-o.ImageName', 'org.opencontainers.image.ref.name'];
const IMAGE_ID = ['io.kubernetes.cri-o.ImageRef', 'io.kubernetes.cri-o.Image'];
const POD_NAME = ['io.kubernetes.cri.sandbox-name', POD_NAME_LABEL, 'io.kubernetes.cri-o.KubeName'];
const POD_NAMESPACE = ['io.kubernetes.cri.sandbox-namespace', POD_NAMESPACE_LABEL, 'io.kubernetes.cri-o.Namespace'];
const POD_UID = ['io.kubernetes.cri.sandbox-uid', POD_UID_LABEL];
const SANDBOX_ID = ['io.kubernetes.cri.sandbox-id', 'io.kubernetes.cri-o.SandboxID'];
const ADDRESS = ['io.kubernetes.cri-o.IP.0'];
/** A JSON object. */
const LABELS = 'io.kubernetes.cri-o.Labels';

/** What a bundle's config.json says: all that the OCI specification has, and what annotations add. */
export function bundleFacts(spec: Json): ContainerFacts {
  const annotations = textsOf(objectAt(spec, 'annotations'));
  const first = (names: readonly string[]): string => names.map((name) => annotations[name]).find(Boolean) ?? '';
  const labels = textsOf(parseObject(annotations[LABELS] ?? '{}'));
  const podName = first(POD_NAME);
  const pod: PodFacts | undefined =
    podName === ''
      ? undefined
      : {
          name: podName,
          namespace: first(POD_NAMESPACE),
          uid: first(POD_UID),
          sandboxId: first(SANDBOX_ID),
          ip: first(ADDRESS),
          cniJson: '',
          labels: {},
        };
  return {
    ...readSpec(spec),
    name: first(NAME) || textAt(spec, 'hostname'),
    image: first(IMAGE),
    imageId: first(IMAGE_ID),
    digest: '',
    ip: pod?.ip ?? '',
    labels,
    pod,
  };
}
