import type { MethodDefinition } from '@grpc/grpc-js';
import {
  type AgentMessage,
  type CollectorMessage,
  type QueryRequestMessage,
  type QueryResponseMessage,
  type SubscribeRequestMessage,
  type SubscribeResponseMessage,
  v1,
} from './messages.ts';

/** A message's generated encoder and decoder. */
interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

interface Streaming {
  readonly requests: boolean;
  readonly responses: boolean;
}

function method<Request, Response>(
  path: string,
  request: Codec<Request>,
  response: Codec<Response>,
  stream: Streaming,
) {
  return {
    path,
    requestStream: stream.requests,
    responseStream: stream.responses,
    requestSerialize: (message) => asBuffer(request.encode(message).finish()),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => asBuffer(response.encode(message).finish()),
    responseDeserialize: (bytes) => response.decode(bytes),
  } satisfies MethodDefinition<Request, Response>;
}

/** grpc-js wants Buffers; on Node.js the writer makes nothing else. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Service Ingest of proto/atalaya/v1/ingest.proto. */
export const ingestService = {
  stream: method<AgentMessage, CollectorMessage>('/atalaya.v1.Ingest/Stream', v1.AgentMessage, v1.CollectorMessage, {
    requests: true,
    responses: true,
  }),
};

/** Service Collector of proto/atalaya/v1/collector.proto. */
export const collectorService = {
  subscribe: method<SubscribeRequestMessage, SubscribeResponseMessage>(
    '/atalaya.v1.Collector/Subscribe',
    v1.SubscribeRequest,
    v1.SubscribeResponse,
    { requests: false, responses: true },
  ),
  query: method<QueryRequestMessage, QueryResponseMessage>(
    '/atalaya.v1.Collector/Query',
    v1.QueryRequest,
    v1.QueryResponse,
    { requests: false, responses: false },
  ),
};
