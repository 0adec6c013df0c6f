import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { until } from '../../unit/support/delivery.ts';
import { makeImageArchive, makeRoot } from './image.ts';

export const IMAGE = 'registry.test/shop/web:1.25';
const PAUSE = 'registry.test/pause:1';
const protoText = readFileSync(new URL('cri-write.proto', import.meta.url), 'utf8');

export interface PodOptions {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface RunningPod {
  readonly sandboxId: string;
  readonly config: object;
}

export interface ContainerOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly privileged?: boolean;
  readonly mounts?: readonly {
    readonly hostPath: string;
    readonly containerPath: string;
    readonly readonly?: boolean;
  }[];
}

/** A containerd of its own, with an image and the interface that a kubelet uses. */
export class Containerd {
  readonly socket: string;
  private readonly folder: string;
  private readonly messages = protobuf.parse(protoText).root;
  private child: ChildProcess | undefined;
  private client: Client | undefined;
  private readonly pods: string[] = [];

  /** The folder is removed by whoever made it. */
  constructor(folder: string) {
    this.folder = folder;
    this.socket = join(folder, 'containerd.sock');
  }

  async start(): Promise<this> {
    const config = join(this.folder, 'containerd.toml');
    mkdirSync(join(this.folder, 'cni'), { recursive: true });
    writeFileSync(config, this.configuration());
    this.child = spawn('containerd', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-20_000);
    });
    await until(() => existsSync(this.socket) || this.child?.exitCode !== null, 'containerd listens', 30_000);
    if (this.child.exitCode !== null) throw new Error(`containerd ended: ${log}`);
    const root = makeRoot(this.folder);
    this.load(makeImageArchive(this.folder, root, [IMAGE], []));
    this.load(makeImageArchive(this.folder, root, [PAUSE], ['/bin/sleep', '1000000']));
    this.client = new Client(`unix:${this.socket}`, credentials.createInsecure(), {
      'grpc.default_authority': 'localhost',
    });
    return this;
  }

  async runPod({ name, namespace, uid, labels = {} }: PodOptions): Promise<RunningPod> {
    const config = {
      metadata: { name, namespace, uid, attempt: 0 },
      logDirectory: this.folder,
      labels: {
        'io.kubernetes.pod.name': name,
        'io.kubernetes.pod.namespace': namespace,
        'io.kubernetes.pod.uid': uid,
        ...labels,
      },
      linux: {
        cgroupParent: `/kubepods/burstable/pod${uid}`,
        securityContext: { namespaceOptions: { network: 2, pid: 1, ipc: 0 }, privileged: true },
      },
    };
    const answer = await this.call('RunPodSandbox', 'RunPodSandboxRequest', 'RunPodSandboxResponse', { config });
    const sandboxId = String(answer['podSandboxId']);
    this.pods.push(sandboxId);
    return { sandboxId, config };
  }

  /** Gives the id; `start` runs it. */
  async create(pod: RunningPod, { name, command, privileged = false, mounts = [] }: ContainerOptions): Promise<string> {
    const config = {
      metadata: { name, attempt: 0 },
      image: { image: IMAGE },
      command,
      mounts,
      labels: { 'io.kubernetes.container.name': name },
      logPath: `${name}.log`,
      linux: { securityContext: { privileged } },
    };
    const request = { podSandboxId: pod.sandboxId, config, sandboxConfig: pod.config };
    const answer = await this.call('CreateContainer', 'CreateContainerRequest', 'CreateContainerResponse', request);
    return String(answer['containerId']);
  }

  startContainer(containerId: string): Promise<unknown> {
    return this.call('StartContainer', 'ContainerRequest', 'Empty', { containerId });
  }

  exec(containerId: string, cmd: readonly string[]): Promise<unknown> {
    return this.call('ExecSync', 'ExecSyncRequest', 'ExecSyncResponse', { containerId, cmd, timeout: 10 });
  }

  /** SIGSTOP: it hangs; SIGCONT: it goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  /** With all pods and what runs in them. */
  async end(): Promise<void> {
    this.signal('SIGCONT');
    for (const podSandboxId of this.pods) {
      await this.call('StopPodSandbox', 'PodSandboxRequest', 'Empty', { podSandboxId }).catch(() => {});
      await this.call('RemovePodSandbox', 'PodSandboxRequest', 'Empty', { podSandboxId }).catch(() => {});
    }
    this.client?.close();
    removeCgroups();
    if (this.child === undefined || this.child.exitCode !== null) return;
    const closed = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await closed;
  }

  private load(archive: string): void {
    execFileSync('ctr', ['-a', this.socket, '-n', 'k8s.io', 'images', 'import', archive], { stdio: 'pipe' });
  }

  private async call(method: string, requestName: string, answerName: string, request: object) {
    const requestType = this.messages.lookupType(`runtime.v1.${requestName}`);
    const answerType = this.messages.lookupType(`runtime.v1.${answerName}`);
    return new Promise<Record<string, unknown>>((resolve, reject) => {
      this.client?.makeUnaryRequest(
        `/runtime.v1.RuntimeService/${method}`,
        (message: object) => Buffer.from(requestType.encode(requestType.fromObject(message)).finish()),
        (bytes: Buffer) => answerType.toObject(answerType.decode(bytes)),
        request,
        (error, answer) => (error === null ? resolve(answer ?? {}) : reject(new Error(`${method}: ${error.message}`))),
      );
    });
  }

  private configuration(): string {
    return `version = 2
root = "${this.folder}/root"
state = "${this.folder}/state"
[grpc]
  address = "${this.socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${this.folder}/cni"
`;
  }
}

/** The cgroups above those of pods, which no runtime removes; those in use, by whoever, stay. */
function removeCgroups(): void {
  for (const hierarchy of [
    '/sys/fs/cgroup',
    ...readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`),
  ]) {
    const root = join(hierarchy, 'kubepods');
    if (existsSync(root)) spawnSync('find', [root, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }
}
