import type { MethodDefinition } from '@grpc/grpc-js';
import { runtime as codec } from './gen/cri-codec.gen.ts';
import type { runtime } from './gen/cri-types.gen.ts';

/** The messages of proto/cri: generated codec and generated types, joined. */
export const criV1 = (codec as unknown as typeof runtime).v1;

export type ContainerStatusResponse = runtime.v1.ContainerStatusResponse.$Properties;
export type PodSandboxStatusResponse = runtime.v1.PodSandboxStatusResponse.$Properties;
export type ListContainersResponse = runtime.v1.ListContainersResponse.$Properties;
export type ContainerStatusRequest = runtime.v1.ContainerStatusRequest.$Properties;
export type PodSandboxStatusRequest = runtime.v1.PodSandboxStatusRequest.$Properties;
export type ListContainersRequest = runtime.v1.ListContainersRequest.$Properties;

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

function unary<Request, Response>(name: string, request: Codec<Request>, response: Codec<Response>) {
  return {
    path: `/runtime.v1.RuntimeService/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message) => Buffer.from(request.encode(message).finish()),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => Buffer.from(response.encode(message).finish()),
    responseDeserialize: (bytes) => response.decode(bytes),
  } satisfies MethodDefinition<Request, Response>;
}

/** Service RuntimeService of proto/cri/runtime.proto. */
export const criService = {
  containerStatus: unary<ContainerStatusRequest, ContainerStatusResponse>(
    'ContainerStatus',
    criV1.ContainerStatusRequest,
    criV1.ContainerStatusResponse,
  ),
  podSandboxStatus: unary<PodSandboxStatusRequest, PodSandboxStatusResponse>(
    'PodSandboxStatus',
    criV1.PodSandboxStatusRequest,
    criV1.PodSandboxStatusResponse,
  ),
  listContainers: unary<ListContainersRequest, ListContainersResponse>(
    'ListContainers',
    criV1.ListContainersRequest,
    criV1.ListContainersResponse,
  ),
};
