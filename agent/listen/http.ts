import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../lib/endpoint.ts';
import { AtalayaError } from '../lib/errors.ts';
import { removeStaleSocket } from './unix-socket.ts';

/**
 * Has a server listen on HOST:PORT (port 0 = any free one) or unix:PATH, and gives the address with the port that it got.
 * A socket that a killed program left behind is replaced. Throws E_ADDRESS, E_PORT_IN_USE, E_LISTEN.
 */
export async function listenHttp(server: Server, address: string): Promise<string> {
  const endpoint = parseEndpoint(address);
  try {
    await listen(server, endpoint);
  } catch (error) {
    if (endpoint.kind !== 'unix') throw error;
    await removeStaleSocket(endpoint.path);
    await listen(server, endpoint);
  }
  if (endpoint.kind === 'unix') return address;
  const { port } = server.address() as AddressInfo;
  return formatEndpoint({ ...endpoint, port });
}

/** Ends also the connections that are open: streams of events, and clients that say nothing. */
export function stopHttp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listen(server: Server, endpoint: Endpoint): Promise<void> {
  const name = formatEndpoint(endpoint);
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const taken = cause.code === 'EADDRINUSE';
      const message = taken ? `${name} is in use by another program` : `cannot listen on ${name}: ${cause.message}`;
      reject(new AtalayaError(taken ? 'E_PORT_IN_USE' : 'E_LISTEN', message, { cause }));
    };
    server.once('error', failed);
    server.listen(endpoint.kind === 'unix' ? { path: endpoint.path } : endpoint, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}
