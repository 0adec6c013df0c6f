import { Server, type ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../agent/lib/endpoint.ts';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { removeStaleSocket } from '../../agent/listen/unix-socket.ts';
import { listenCredentials, MAX_MESSAGE_BYTES, type Security } from '../../proto/channel.ts';
import { collectorService, ingestService } from '../../proto/services.ts';
import type { agentsHandler } from './agents-service.ts';
import { type ApiCounts, countConnections, countStatuses } from './counts.ts';
import { type healthHandlers, healthService } from './health-service.ts';
import type { ingestHandler } from './ingest-service.ts';
import type { namedHandlers } from './named-service.ts';
import type { queryHandler } from './query-service.ts';
import { reflectionHandlers, reflectionService } from './reflection-service.ts';
import type { statsHandler } from './stats-service.ts';
import type { subscribeHandler } from './subscribe-service.ts';
import type { triageHandler } from './triage-service.ts';

export interface Handlers {
  readonly ingest: ReturnType<typeof ingestHandler>;
  readonly subscribe: ReturnType<typeof subscribeHandler>;
  readonly query: ReturnType<typeof queryHandler>;
  readonly agents: ReturnType<typeof agentsHandler>;
  readonly stats: ReturnType<typeof statsHandler>;
  readonly triage: ReturnType<typeof triageHandler>;
  readonly named: ReturnType<typeof namedHandlers>;
  readonly health: ReturnType<typeof healthHandlers>;
  readonly counts: ApiCounts;
}

export interface GrpcServer {
  /** Where it listens, with the port that it got. */
  readonly address: string;
  stop(): void;
}

/** A port whose owner was killed a moment ago may be busy for a little while. */
const BIND_ATTEMPTS = 10;
const BIND_RETRY_MS = 100;

/** Listens on HOST:PORT or unix:PATH. Throws E_ADDRESS, E_TLS, E_PORT_IN_USE, E_LISTEN. */
export async function startGrpcServer(
  listen: string,
  security: Security,
  handlers: Handlers,
  onTlsChange?: (trouble?: AtalayaError) => void,
): Promise<GrpcServer> {
  const endpoint = parseEndpoint(listen);
  const credentials = listenCredentials(listen, security, onTlsChange);
  // A server whose bind failed once gives that answer for ever: each attempt has one of its own.
  const { server, port } = await bind(() => createServer(handlers), endpoint, credentials);
  countConnections(server, handlers.counts);
  const address = endpoint.kind === 'unix' ? listen : formatEndpoint({ ...endpoint, port });
  return { address, stop: () => server.forceShutdown() };
}

function createServer(handlers: Handlers): Server {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': 1000,
    interceptors: [countStatuses(handlers.counts)],
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });
  server.addService(ingestService, { stream: handlers.ingest });
  const { ingest: _, named, health, counts: __, ...collector } = handlers;
  server.addService(collectorDefinition(), { ...collector, ...named });
  server.addService(healthService, { ...health });
  for (const version of ['v1', 'v1alpha'] as const) {
    server.addService(reflectionService(version), { ...reflectionHandlers });
  }
  return server;
}

/** Handlers that give records give encoded messages: envelopes go out as they came. */
function collectorDefinition(): ServiceDefinition {
  const raw = { responseSerialize: (bytes: Buffer) => bytes };
  const { subscribe, query, ...others } = collectorService;
  return { ...others, subscribe: { ...subscribe, ...raw }, query: { ...query, ...raw } };
}

async function bind(
  create: () => Server,
  endpoint: Endpoint,
  credentials: ServerCredentials,
): Promise<{ readonly server: Server; readonly port: number }> {
  const target = formatEndpoint(endpoint);
  for (let attempt = 1; ; attempt++) {
    const server = create();
    try {
      return { server, port: await bindOnce(server, target, credentials) };
    } catch (cause) {
      server.forceShutdown();
      const message = cause instanceof Error ? cause.message : String(cause);
      if (!message.includes('EADDRINUSE')) {
        throw new AtalayaError('E_LISTEN', `cannot listen on ${target}: ${message}`, { cause });
      }
      if (attempt === BIND_ATTEMPTS) {
        throw new AtalayaError('E_PORT_IN_USE', `${target} is in use by another program`, { cause });
      }
      if (endpoint.kind === 'unix') await removeStaleSocket(endpoint.path);
      await new Promise((resolve) => setTimeout(resolve, BIND_RETRY_MS));
    }
  }
}

function bindOnce(server: Server, target: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(target, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}
