import type { Client, MethodDefinition } from '@grpc/grpc-js';
import { criService, type PodSandboxStatusResponse } from '../../proto/cri.ts';
import type { ContainerInfo } from '../events/process.ts';
import { containerFacts, extraOf, sandboxFacts } from './cri-facts.ts';
import { toInfo } from './describe.ts';
import { textAt } from './json.ts';
import { isSocket } from './socket-file.ts';
import { ANSWER_BYTES_MAX, type Asked, type ContainerSource, isSafeId } from './source.ts';

export interface CriOptions {
  readonly socket: string;
  /** Something of an answer was left out because it was too long. */
  readonly onCut: () => void;
}

const NOT_FOUND = 5;
const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;
/** Sandboxes whose status is kept: a node has some hundred pods, each with a few containers. */
const SANDBOXES_KEPT = 256;

/** containerd and CRI-O, by the Container Runtime Interface. gRPC is loaded when the first container is asked for. */
export function createCriSource(options: CriOptions): ContainerSource {
  return new CriSource(options);
}

type Grpc = typeof import('@grpc/grpc-js');

class CriSource implements ContainerSource {
  readonly name: string;
  readonly kind = 'cri';
  private readonly options: CriOptions;
  private client: Promise<Client> | undefined;
  private readonly sandboxes = new Map<string, PodSandboxStatusResponse>();
  /** The socket is there, and the interface is not (containerd under Docker). */
  private isOther = false;

  constructor(options: CriOptions) {
    this.options = options;
    this.name = `cri:${options.socket}`;
  }

  isThere(): boolean {
    return !this.isOther && isSocket(this.options.socket);
  }

  async describe({ fullId }: Asked, signal: AbortSignal): Promise<ContainerInfo | undefined> {
    if (!isSafeId(fullId)) return undefined;
    const { onCut } = this.options;
    const response = await this.ask(criService.containerStatus, { containerId: fullId, verbose: true }, signal);
    if (response === undefined) {
      const sandbox = await this.askSandbox(fullId, signal);
      return sandbox === undefined ? undefined : toInfo(sandboxFacts(sandbox), onCut);
    }
    if (response.status?.id !== fullId) throw new Error('the runtime answered with another container');
    const sandboxId = textAt(extraOf(response), 'sandboxID') || (await this.sandboxOf(fullId, signal));
    const sandbox = sandboxId === '' ? undefined : await this.sandbox(sandboxId, signal);
    return toInfo(containerFacts(response, sandbox), onCut);
  }

  close(): void {
    void this.client?.then((client) => client.close());
    this.client = undefined;
  }

  private async sandboxOf(id: string, signal: AbortSignal): Promise<string> {
    const list = await this.ask(criService.listContainers, { filter: { id } }, signal);
    return list?.containers?.find((container) => container.id === id)?.podSandboxId ?? '';
  }

  private async sandbox(id: string, signal: AbortSignal): Promise<PodSandboxStatusResponse | undefined> {
    const kept = this.sandboxes.get(id);
    if (kept !== undefined) return kept;
    const found = await this.askSandbox(id, signal);
    if (found !== undefined) {
      if (this.sandboxes.size >= SANDBOXES_KEPT) this.sandboxes.clear();
      this.sandboxes.set(id, found);
    }
    return found;
  }

  private async askSandbox(id: string, signal: AbortSignal): Promise<PodSandboxStatusResponse | undefined> {
    const response = await this.ask(criService.podSandboxStatus, { podSandboxId: id, verbose: true }, signal);
    if (response !== undefined && response.status?.id !== id) throw new Error('the runtime answered with another pod');
    return response;
  }

  /** undefined: the runtime does not know the id. */
  private async ask<Q, R>(method: MethodDefinition<Q, R>, request: Q, signal: AbortSignal): Promise<R | undefined> {
    this.client ??= this.connect();
    const client = await this.client;
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        (error, response) => {
          signal.removeEventListener('abort', cancel);
          if (error === null) resolve(response);
          else if (this.isAnswer(error.code)) resolve(undefined);
          else reject(signal.aborted ? signal.reason : error);
        },
      );
      const cancel = (): void => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  private isAnswer(code: number): boolean {
    if (code === UNIMPLEMENTED) this.isOther = true;
    // containerd calls an id invalid that is a prefix of nothing.
    return code === NOT_FOUND || code === INVALID_ARGUMENT || code === UNIMPLEMENTED;
  }

  private async connect(): Promise<Client> {
    const { Client, credentials, logVerbosity, setLogVerbosity }: Grpc = await import('@grpc/grpc-js');
    // The library writes to stderr what it also gives as errors.
    if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);
    return new Client(`unix:${this.options.socket}`, credentials.createInsecure(), {
      // Runtimes refuse the percent-encoded path that is sent otherwise.
      'grpc.default_authority': 'localhost',
      'grpc.max_receive_message_length': ANSWER_BYTES_MAX,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.min_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 500,
      'grpc.enable_http_proxy': 0,
      'grpc.use_local_subchannel_pool': 1,
    });
  }
}
