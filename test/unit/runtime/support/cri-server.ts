import { chmodSync } from 'node:fs';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import {
  type ContainerStatusRequest,
  type ContainerStatusResponse,
  criService,
  type ListContainersRequest,
  type ListContainersResponse,
  type PodSandboxStatusRequest,
  type PodSandboxStatusResponse,
} from '../../../../proto/cri.ts';

/** What a runtime knows; answers are given by id. */
export interface Known {
  readonly containers?: Readonly<Record<string, ContainerStatusResponse>>;
  readonly sandboxes?: Readonly<Record<string, PodSandboxStatusResponse>>;
  readonly list?: ListContainersResponse;
}

/** How it behaves: answers, says nothing at all, or ends each call with a status. */
export type Mood = 'answers' | 'hangs' | { readonly status: number };

/** A gRPC server on a unix socket that speaks the part of the Container Runtime Interface that is asked for. */
export class CriServer {
  mood: Mood = 'answers';
  known: Known;
  calls = 0;
  private server: Server | undefined;
  private readonly path: string;

  constructor(path: string, known: Known = {}) {
    this.path = path;
    this.known = known;
  }

  async start(): Promise<this> {
    const server = new Server({ 'grpc.max_send_message_length': -1 });
    this.server = server;
    type Status = ServerUnaryCall<ContainerStatusRequest, ContainerStatusResponse>;
    type Sandbox = ServerUnaryCall<PodSandboxStatusRequest, PodSandboxStatusResponse>;
    type List = ServerUnaryCall<ListContainersRequest, ListContainersResponse>;
    server.addService(criService, {
      containerStatus: ({ request }: Status, callback: sendUnaryData<ContainerStatusResponse>) =>
        this.reply(this.known.containers?.[request.containerId ?? ''], callback),
      podSandboxStatus: ({ request }: Sandbox, callback: sendUnaryData<PodSandboxStatusResponse>) =>
        this.reply(this.known.sandboxes?.[request.podSandboxId ?? ''], callback),
      listContainers: (_: List, callback: sendUnaryData<ListContainersResponse>) =>
        this.reply(this.known.list ?? {}, callback),
    });
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${this.path}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    chmodSync(this.path, 0o600);
    return this;
  }

  /** At once, with everything that is open. */
  stop(): void {
    this.server?.forceShutdown();
    this.server = undefined;
  }

  private reply<T>(answer: T | undefined, callback: sendUnaryData<T>): void {
    this.calls++;
    if (this.mood === 'hangs') return;
    if (this.mood !== 'answers') callback({ code: this.mood.status, details: 'as the test wants it' });
    else if (answer === undefined) callback({ code: status.NOT_FOUND, details: 'no such id' });
    else callback(null, answer);
  }
}
