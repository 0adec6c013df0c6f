import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenHttp, stopHttp } from '../listen/http.ts';

export interface ApiOptions {
  /** HOST:PORT (port 0 = any free one) or unix:PATH. */
  readonly listen: string;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly readiness: () => Readiness;
}

/** Whether the agent does its work, and what there is to say about it. */
export interface Readiness {
  readonly ready: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface ApiServer {
  /** With the port that it got. */
  readonly address: string;
  stop(): Promise<void>;
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
/** What a probe or Prometheus sends is short and comes at once. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Serves /metrics, /healthz and /readyz. Throws E_ADDRESS, E_PORT_IN_USE, E_LISTEN. */
export async function startApiServer(options: ApiOptions): Promise<ApiServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy());
  });
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  const address = await listenHttp(server, options.listen);
  return { address, stop: () => stopHttp(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: ApiOptions): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendText(response, 405, 'only GET is answered here');
  switch ((request.url ?? '').replace(/\?.*$/s, '')) {
    case '/metrics':
      return send(response, 200, options.metrics.contentType, await options.metrics.text());
    case '/healthz':
      return sendText(response, 200, 'ok');
    case '/readyz': {
      const { ready, detail } = options.readiness();
      return send(response, ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, ...detail })}\n`);
    }
    default:
      return sendText(response, 404, 'nothing here; try /metrics, /healthz or /readyz');
  }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);
}

function send(response: ServerResponse, status: number, type: string, content: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type }).end(content);
}
