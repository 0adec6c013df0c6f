import type { MethodDefinition } from '@grpc/grpc-js';
import { type AgentMessage, type CollectorMessage, v1 } from './messages.ts';

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

const UNARY: Streaming = { requests: false, responses: false };

/** Service Collector of proto/atalaya/v1/collector.proto. */
export const collectorService = {
  subscribe: method('/atalaya.v1.Collector/Subscribe', v1.SubscribeRequest, v1.SubscribeResponse, {
    requests: false,
    responses: true,
  }),
  query: method('/atalaya.v1.Collector/Query', v1.QueryRequest, v1.QueryResponse, UNARY),
  acknowledge: method('/atalaya.v1.Collector/Acknowledge', v1.AcknowledgeRequest, v1.AcknowledgeResponse, UNARY),
  subscriptions: method(
    '/atalaya.v1.Collector/Subscriptions',
    v1.SubscriptionsRequest,
    v1.SubscriptionsResponse,
    UNARY,
  ),
  unsubscribe: method('/atalaya.v1.Collector/Unsubscribe', v1.UnsubscribeRequest, v1.UnsubscribeResponse, UNARY),
  agents: method('/atalaya.v1.Collector/Agents', v1.AgentsRequest, v1.AgentsResponse, UNARY),
  stats: method('/atalaya.v1.Collector/Stats', v1.StatsRequest, v1.StatsResponse, UNARY),
  triage: method('/atalaya.v1.Collector/Triage', v1.TriageRequest, v1.TriageResponse, UNARY),
};
