import { type ByteString, textToBytes } from '../events/bytestring.ts';
import type { ContainerInfo, ContainerMount, PodInfo } from '../events/process.ts';
import { parseImageName } from './image-name.ts';

/** Bounds of what is kept of one container: some 100 kB at most, a few kB as a rule. */
const TEXT_CHARS_MAX = 4096;
const LABELS_MAX = 256;
const LABELS_CHARS_MAX = 64 * 1024;
const MOUNTS_MAX = 256;
/** The network's description is JSON: a cut one is worth nothing. */
const CNI_CHARS_MAX = 16 * 1024;

export interface MountFacts {
  readonly source: string;
  readonly destination: string;
  readonly mode: string;
  readonly writable: boolean;
  readonly propagation: string;
}

export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly sandboxId: string;
  readonly ip: string;
  readonly cniJson: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a source found out, as Unicode text and as long as it was. */
export interface ContainerFacts {
  readonly name: string;
  /** As written by whoever started it. */
  readonly image: string;
  readonly imageId: string;
  /** Of the image; '' = that of `image`, if it has one. */
  readonly digest: string;
  readonly privileged: boolean;
  readonly hostPid: boolean;
  readonly hostNetwork: boolean;
  readonly hostIpc: boolean;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly MountFacts[];
  readonly user: string;
  readonly capabilities: readonly string[];
  readonly healthcheck?: string;
  readonly pod?: PodFacts | undefined;
}

export const POD_NAME_LABEL = 'io.kubernetes.pod.name';
export const POD_NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
export const POD_UID_LABEL = 'io.kubernetes.pod.uid';

/** Cuts what is too long or too much; `onCut` hears of it. */
export function toInfo(facts: ContainerFacts, onCut: () => void): ContainerInfo {
  const text = (value: string): ByteString => cutText(value, TEXT_CHARS_MAX, onCut);
  const image = parseImageName(facts.image);
  return {
    name: text(facts.name),
    image: text(facts.image),
    imageId: text(facts.imageId),
    imageRepository: text(image.repository),
    imageTag: text(image.tag),
    imageDigest: text(facts.digest === '' ? image.digest : facts.digest),
    privileged: facts.privileged,
    hostPid: facts.hostPid,
    hostNetwork: facts.hostNetwork,
    hostIpc: facts.hostIpc,
    ip: text(facts.ip),
    labels: labelsOf(facts.labels, onCut),
    mounts: atMost(facts.mounts, MOUNTS_MAX, onCut).map((mount) => mountOf(mount, text)),
    user: text(facts.user),
    capabilities: atMost(facts.capabilities, 64, onCut).map(text),
    healthcheck: text(facts.healthcheck ?? ''),
    ...(facts.pod === undefined ? {} : { pod: podOf(facts.pod, onCut) }),
  };
}

function podOf(pod: PodFacts, onCut: () => void): PodInfo {
  const text = (value: string): ByteString => cutText(value, TEXT_CHARS_MAX, onCut);
  return {
    name: text(pod.name),
    namespace: text(pod.namespace),
    uid: text(pod.uid),
    sandboxId: text(pod.sandboxId),
    ip: text(pod.ip),
    cniJson: wholeOrNothing(pod.cniJson, CNI_CHARS_MAX, onCut),
    labels: labelsOf(pod.labels, onCut),
  };
}

export function labelsOf(labels: Readonly<Record<string, string>>, onCut: () => void): Map<ByteString, ByteString> {
  const kept = new Map<ByteString, ByteString>();
  let chars = 0;
  for (const [key, value] of Object.entries(labels)) {
    chars += Math.min(key.length, TEXT_CHARS_MAX) + Math.min(value.length, TEXT_CHARS_MAX);
    if (kept.size >= LABELS_MAX || chars > LABELS_CHARS_MAX) {
      onCut();
      break;
    }
    kept.set(cutText(key, TEXT_CHARS_MAX, onCut), cutText(value, TEXT_CHARS_MAX, onCut));
  }
  return kept;
}

function mountOf(mount: MountFacts, text: (value: string) => ByteString): ContainerMount {
  return {
    source: text(mount.source),
    destination: text(mount.destination),
    mode: text(mount.mode),
    writable: mount.writable,
    propagation: text(mount.propagation),
  };
}

export function cutText(value: string, limit: number, onCut: () => void): ByteString {
  if (value.length <= limit) return textToBytes(value);
  onCut();
  return textToBytes(value.slice(0, limit));
}

function wholeOrNothing(value: string, limit: number, onCut: () => void): ByteString {
  if (value.length <= limit) return textToBytes(value);
  onCut();
  return '';
}

function atMost<T>(items: readonly T[], limit: number, onCut: () => void): readonly T[] {
  if (items.length <= limit) return items;
  onCut();
  return items.slice(0, limit);
}
