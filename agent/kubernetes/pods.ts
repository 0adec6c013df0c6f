import type { ByteString } from '../events/bytestring.ts';
import type { ContainerInfo, PodOwner } from '../events/process.ts';
import { type ApiClient, ApiError } from './api-client.ts';
import { type PodFacts, readController, withPod } from './pod-facts.ts';

export interface PodsOptions {
  /** Asked for the controllers of controllers; undefined: nobody is. */
  readonly client: Pick<ApiClient, 'get'> | undefined;
  /** More is known of these containers. */
  readonly onChange: (containerIds: readonly ByteString[]) => void;
}

/** The pods of a node, found by their containers. */
export interface Pods {
  put(pod: PodFacts): void;
  remove(uid: string): void;
  /** The description with what the cluster knows; the same where it knows nothing. */
  enrich(fullId: ByteString, info: ContainerInfo): ContainerInfo;
  /** The containers of a pod that are known now. */
  containersOf(uid: string): readonly ByteString[];
}

/** Controllers that have controllers themselves, and where to ask. */
const CONTROLLERS: Readonly<Record<string, string>> = {
  ReplicaSet: '/apis/apps/v1/namespaces/NAMESPACE/replicasets/',
  Job: '/apis/batch/v1/namespaces/NAMESPACE/jobs/',
};
const OWNERS_KEPT = 512;
/** A pod that is gone is kept for so many others to come, for alerts that are still on their way. */
const GONE_KEPT = 64;
const ASK_MS = 5000;

export function createPods(options: PodsOptions): Pods {
  return new PodTable(options);
}

class PodTable implements Pods {
  private readonly options: PodsOptions;
  private readonly byUid = new Map<string, PodFacts>();
  private readonly uidOfContainer = new Map<ByteString, string>();
  private readonly gone: string[] = [];
  /** Controllers of ReplicaSets and Jobs by their paths; undefined: they have none. */
  private readonly owners = new Map<string, Promise<PodOwner | undefined>>();

  constructor(options: PodsOptions) {
    this.options = options;
  }

  put(given: PodFacts): void {
    const { uid } = given.pod;
    const before = this.byUid.get(uid);
    const pod = { ...given, pod: { ...given.pod, owners: before?.pod.owners ?? [] } };
    this.byUid.set(uid, pod);
    for (const { id } of pod.containers) this.uidOfContainer.set(id, uid);
    this.tell(uid);
    const { controller } = pod;
    if (controller !== undefined && pod.pod.owners.length === 0) void this.findOwners(uid, controller);
  }

  remove(uid: string): void {
    this.gone.push(uid);
    if (this.gone.length > GONE_KEPT) this.forget(this.gone.shift() ?? '');
  }

  enrich(fullId: ByteString, info: ContainerInfo): ContainerInfo {
    const uid = this.uidOfContainer.get(fullId) ?? info.pod?.uid ?? info.labels.get('io.kubernetes.pod.uid') ?? '';
    const pod = this.byUid.get(uid);
    return pod === undefined ? info : withPod(info, pod, fullId);
  }

  containersOf(uid: string): readonly ByteString[] {
    return (this.byUid.get(uid)?.containers ?? []).map(({ id }) => id);
  }

  private forget(uid: string): void {
    for (const id of this.containersOf(uid)) this.uidOfContainer.delete(id);
    this.byUid.delete(uid);
  }

  private tell(uid: string): void {
    this.options.onChange(this.containersOf(uid));
  }

  private async findOwners(uid: string, controller: PodOwner): Promise<void> {
    const namespace = this.byUid.get(uid)?.pod.namespace ?? '';
    const above = await this.ownerOf(namespace, controller);
    const pod = this.byUid.get(uid);
    if (pod === undefined) return;
    const owners = above === undefined ? [controller] : [controller, above];
    this.byUid.set(uid, { ...pod, pod: { ...pod.pod, owners } });
    this.tell(uid);
  }

  /** Each is asked for once: controllers do not change hands. */
  private ownerOf(namespace: string, { kind, name }: PodOwner): Promise<PodOwner | undefined> {
    const folder = CONTROLLERS[kind];
    const { client } = this.options;
    if (folder === undefined || client === undefined) return Promise.resolve(undefined);
    const path = folder.replace('NAMESPACE', encodeURIComponent(namespace)) + encodeURIComponent(name);
    const known = this.owners.get(path);
    if (known !== undefined) return known;
    if (this.owners.size >= OWNERS_KEPT) for (const oldest of this.owners.keys()) if (this.owners.delete(oldest)) break;
    const asked = client.get(path, AbortSignal.timeout(ASK_MS)).then(
      (object) => readController((object as { readonly metadata?: unknown } | null)?.metadata),
      (error) => {
        // Gone or not for us: that stays so. Anything else is asked again with the next pod.
        if (!(error instanceof ApiError)) this.owners.delete(path);
        return undefined;
      },
    );
    this.owners.set(path, asked);
    return asked;
  }
}
