import { type ByteString, bytesToText, textToBytes } from '../../events/bytestring.ts';
import type { ContainerIdentity, ContainerInfo, ContainerMount } from '../../events/process.ts';

/** Identities that are kept, so that equal means same; no node has more containers. */
const CONTAINERS_MAX = 16_384;

/** Of the texts that tell of containers, of one and of all. */
const TEXT_BYTES_MAX = 1 << 20;
const TOLD_BYTES_MAX = 64 << 20;

/** Names of runtimes by the format's numbers. */
const TYPES: Readonly<Record<number, string>> = {
  0: 'docker',
  1: 'lxc',
  2: 'libvirt_lxc',
  3: 'mesos',
  4: 'rkt',
  5: 'custom',
  6: 'cri',
  7: 'containerd',
  8: 'cri-o',
  9: 'bpm',
  10: 'static',
  11: 'podman',
};

/** An identity whose metadata may come later. */
interface Known extends ContainerIdentity {
  type: ByteString | undefined;
  info: ContainerInfo | undefined;
}

interface Told {
  readonly type: ByteString | undefined;
  readonly info: ContainerInfo;
  /** Of the text that told it. */
  readonly bytes: number;
}

/** The containers of a capture: who they are by their cgroups, what they are by the capture's events about them. */
export class CaptureContainers {
  readonly #containerOfPath: (path: ByteString) => ContainerIdentity;
  readonly #byCgroups = new Map<ByteString, Known>();
  readonly #told = new Map<ByteString, Told>();
  #toldBytes = 0;

  constructor(containerOfPath: (path: ByteString) => ContainerIdentity) {
    this.#containerOfPath = containerOfPath;
  }

  /** Sets of cgroups that are known. */
  get size(): number {
    return this.#byCgroups.size;
  }

  /** The container that a thread's cgroups (`subsystem=path` with a NUL each) put it in. */
  of(cgroups: ByteString): ContainerIdentity {
    const known = this.#byCgroups.get(cgroups);
    if (known !== undefined) return known;
    const paths = cgroups.split('\0').map((part) => part.slice(part.indexOf('=') + 1));
    const found = paths.map((path) => this.#containerOfPath(path));
    const identity = found.find(({ id }) => id !== 'host') ?? found[0] ?? this.#containerOfPath('/');
    const told = this.#told.get(identity.id);
    const made = { ...identity, type: told?.type ?? identity.type, info: told?.info };
    if (this.#byCgroups.size >= CONTAINERS_MAX) this.#byCgroups.clear();
    this.#byCgroups.set(cgroups, made);
    return made;
  }

  /** Takes the JSON of a container event; false if it tells nothing. */
  tell(json: ByteString): boolean {
    if (json.length > TEXT_BYTES_MAX) return false;
    const value = parse(json);
    const inner = isObject(value) && isObject(value['container']) ? value['container'] : value;
    if (!isObject(inner) || typeof inner['id'] !== 'string' || inner['id'] === '') return false;
    const told = { type: TYPES[Number(inner['type'])], info: infoOf(inner), bytes: json.length };
    const id = textToBytes(inner['id']);
    const known = this.#told.get(id);
    const total = this.#toldBytes + json.length - (known?.bytes ?? 0);
    if (total > TOLD_BYTES_MAX || (known === undefined && this.#told.size >= CONTAINERS_MAX)) return false;
    this.#toldBytes = total;
    this.#told.set(id, told);
    for (const identity of this.#byCgroups.values()) {
      if (identity.id !== id) continue;
      identity.info = told.info;
      identity.type = told.type ?? identity.type;
    }
    return true;
  }

  clear(): void {
    this.#byCgroups.clear();
    this.#told.clear();
    this.#toldBytes = 0;
  }
}

type Json = Readonly<Record<string, unknown>>;

function parse(json: ByteString): unknown {
  try {
    return JSON.parse(bytesToText(json));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text = (value: unknown): ByteString => (typeof value === 'string' ? textToBytes(value) : '');

function infoOf(inner: Json): ContainerInfo {
  const labels = isObject(inner['labels']) ? Object.entries(inner['labels']) : [];
  const mounts = Array.isArray(inner['Mounts']) ? inner['Mounts'].filter(isObject) : [];
  return {
    name: text(inner['name']),
    image: text(inner['image']),
    imageId: text(inner['imageid']),
    imageRepository: text(inner['imagerepo']),
    imageTag: text(inner['imagetag']),
    imageDigest: text(inner['imagedigest']),
    privileged: inner['privileged'] === true,
    hostPid: inner['host_pid'] === true,
    hostNetwork: inner['host_network'] === true,
    hostIpc: inner['host_ipc'] === true,
    ip: text(inner['ip']),
    labels: new Map(labels.map(([key, value]) => [textToBytes(key), text(value)])),
    mounts: mounts.map(mountOf),
  };
}

function mountOf(mount: Json): ContainerMount {
  return {
    source: text(mount['Source']),
    destination: text(mount['Destination']),
    mode: text(mount['Mode']),
    writable: mount['RW'] === true,
    propagation: text(mount['Propagation']),
  };
}
