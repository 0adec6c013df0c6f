import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopbackHost } from '../../agent/lib/endpoint.ts';

export interface GuardOptions {
  /** Host names beside localhost and addresses under which this server is known. */
  readonly hosts: readonly string[];
  /** The page and its alerts also for other machines, without a login. */
  readonly open: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/**
 * Why a request must not be answered. `restricted`: it shows alerts. A page of another site can make its name resolve to
 * this machine (DNS rebinding) and then read what a browser here may read: such requests carry that site's name.
 */
export function refusalOf(request: IncomingMessage, restricted: boolean, options: GuardOptions): Refusal | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, reason: 'only GET is answered here' };
  const local = isLocal(request);
  if (restricted && !local && !options.open) {
    return {
      status: 403,
      reason: 'alerts are shown on this machine only; open them to others with the insecure option',
    };
  }
  if ((local || restricted) && !isKnownHost(request.headers.host ?? '', options.hosts)) {
    return { status: 421, reason: 'this server is not known by that name' };
  }
  return undefined;
}

function isLocal(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress;
  // Unix sockets have none.
  return address === undefined || isLoopbackHost(address.replace(/^::ffff:/, ''));
}

/** An address cannot be rebound: only names can. */
function isKnownHost(header: string, hosts: readonly string[]): boolean {
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return isLoopbackHost(host) || isIP(host) !== 0 || hosts.includes(host);
}
