import type { EventEmitter } from 'node:events';
import { type Server, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/** What the gRPC port has seen that was not as it should be. */
export class ApiCounts {
  /** Connections that ended because what came is no HTTP/2 or no TLS of ours: garbage, HTTP/1, wrong certificates. */
  refusedConnections = 0;
  /** Calls that ended with another status than OK, by its name; those that their client cancelled are not among them. */
  readonly failedCalls = new Map<string, number>();

  failed(code: number): void {
    const name = status[code] ?? 'UNKNOWN';
    this.failedCalls.set(name, (this.failedCalls.get(name) ?? 0) + 1);
  }
}

export function countStatuses(counts: ApiCounts): ServerInterceptor {
  return (_, call) =>
    new ServerInterceptingCall(call, {
      sendStatus: (sent, next) => {
        if (sent.code !== undefined && sent.code !== status.OK) counts.failed(sent.code);
        next(sent);
      },
    });
}

/**
 * Counts connections that fail before there is a call. The library tells nobody of them; the HTTP/2 servers inside of it do,
 * and where a later version of it has them elsewhere, nothing is counted, which a test notices.
 */
export function countConnections(server: Server, counts: ApiCounts): void {
  const { http2Servers } = server as unknown as { readonly http2Servers?: ReadonlyMap<EventEmitter, unknown> };
  for (const http2Server of http2Servers?.keys() ?? []) {
    for (const event of ['sessionError', 'tlsClientError']) {
      http2Server.on(event, () => {
        counts.refusedConnections++;
      });
    }
  }
}
