import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { listenHttp, stopHttp } from '../../agent/listen/http.ts';
import type { Store } from '../store/store.ts';
import type { Hub } from '../subscribe/hub.ts';
import type { FilterCompiler } from '../subscribe/selection.ts';
import { readAssets } from './assets.ts';
import { streamEvents } from './events.ts';
import { type GuardOptions, refusalOf } from './guard.ts';

export interface WebOptions extends GuardOptions {
  readonly listen: string;
  readonly store: Store;
  readonly hub: Hub;
  readonly compile: FilterCompiler;
  /** Why the collector cannot do its work at the moment; undefined when it can. */
  readonly trouble: () => string | undefined;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

export interface WebServer {
  /** HOST:PORT with the port that it got. */
  readonly address: string;
  stop(): Promise<void>;
}

/** The page loads nothing from elsewhere, runs no script but its own file, and cannot be framed. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Answered to everybody who reaches the port: probes and Prometheus. */
const UNRESTRICTED = new Set(['/healthz', '/readyz', '/metrics']);

/** Serves the page with its events, /healthz, /readyz and /metrics. Throws E_ADDRESS, E_PORT_IN_USE, E_LISTEN. */
export async function startWebServer(options: WebOptions): Promise<WebServer> {
  const assets = readAssets();
  const server = createServer((request, response) => {
    handle(request, response, options, assets).catch(() => response.destroy());
  });
  // Event streams stay open, but a client has to say within this time what it wants.
  server.headersTimeout = 10_000;
  const address = await listenHttp(server, options.listen);
  return { address, stop: () => stopHttp(server) };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: WebOptions,
  assets: ReturnType<typeof readAssets>,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const url = new URL(request.url ?? '/', 'http://collector');
  const refusal = refusalOf(request, !UNRESTRICTED.has(url.pathname), options);
  if (refusal !== undefined) return sendText(response, refusal.status, refusal.reason);
  const asset = assets.get(url.pathname);
  if (asset !== undefined) return send(response, 200, asset.type, asset.content);
  switch (url.pathname) {
    case '/events':
      return sendEvents(request, response, url, options);
    case '/healthz':
      return sendText(response, 200, 'ok');
    case '/readyz': {
      const trouble = options.trouble();
      return sendText(response, trouble === undefined ? 200 : 503, trouble ?? 'ready');
    }
    case '/metrics':
      return send(response, 200, options.metrics.contentType, await options.metrics.text());
    default:
      return sendText(response, 404, 'nothing here');
  }
}

function sendEvents(request: IncomingMessage, response: ServerResponse, url: URL, options: WebOptions): void {
  const { store, hub, compile } = options;
  const lastEventId = request.headers['last-event-id'];
  const wanted = { query: url.searchParams, lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined };
  try {
    streamEvents(wanted, response, store, hub, compile);
  } catch (error) {
    if (!(error instanceof AtalayaError)) throw error;
    sendText(response, 400, error.message);
  }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);
}

function send(response: ServerResponse, status: number, type: string, content: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(content);
}
