import { AtalayaError } from './errors.ts';

/** Where a service listens. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`. Port 0 (any free one) is for listening. Throws E_ADDRESS.
 */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix:')) {
    const path = text.slice(5).replace(/^\/\/(?=\/)/, '');
    if (path === '') throw addressError(text);
    return { kind: 'unix', path };
  }
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65535) throw addressError(text);
  return { kind: 'tcp', host, port };
}

export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** True when what is sent there does not leave the machine. */
export function isLocalEndpoint(endpoint: Endpoint): boolean {
  return endpoint.kind === 'unix' || isLoopbackHost(endpoint.host);
}

export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function addressError(text: string): AtalayaError {
  return new AtalayaError('E_ADDRESS', `'${text}' is no address; expected HOST:PORT, [IPV6]:PORT or unix:PATH`);
}
