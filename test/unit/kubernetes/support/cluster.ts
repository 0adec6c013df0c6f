import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { openAuthority } from '../../../../agent/certificates/authority.ts';
import type { ClusterAccess } from '../../../../agent/kubernetes/cluster-access.ts';

export interface PodObject {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** A Pod as API servers give it, shortened where nobody looks. */
export function podObject(
  uid: string,
  version: number,
  more: { labels?: object; containerId?: string } = {},
): PodObject {
  const { labels = { app: 'web', 'pod-template-hash': '5d9c7b8f6' }, containerId = uid.padEnd(64, 'c') } = more;
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: `web-5d9c7b8f6-${uid}`,
      generateName: 'web-5d9c7b8f6-',
      namespace: 'shop',
      uid,
      resourceVersion: String(version),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9c7b8f6', uid: 'r1', controller: true },
      ],
      managedFields: [{ manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:status': {} } }],
    },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'shop-web',
      containers: [
        {
          name: 'app',
          image: 'nginx:1.25',
          livenessProbe: { exec: { command: ['cat', '/tmp/healthy'] }, periodSeconds: 5 },
          readinessProbe: { httpGet: { path: '/', port: 80 } },
        },
      ],
    },
    status: {
      phase: 'Running',
      podIP: '10.244.1.5',
      containerStatuses: [
        {
          name: 'app',
          image: 'docker.io/library/nginx:1.25',
          imageID: `docker.io/library/nginx@sha256:${'d'.repeat(64)}`,
          containerID: `containerd://${containerId}`,
        },
      ],
    },
  };
}

/** Answers in place of the ordinary ones; true: it has answered, or never will. */
export type Mischief = (request: IncomingMessage, response: ServerResponse) => boolean;

/** An HTTPS server that speaks list and watch of pods, with a certificate of an authority of its own. */
export class ClusterServer {
  readonly requests: string[] = [];
  readonly authorizations = new Set<string | undefined>();
  pods: PodObject[] = [];
  version = 100;
  mischief: Mischief = () => false;
  private readonly folder: string;
  private server: Server | undefined;
  private readonly watches = new Set<ServerResponse>();

  /** The folder is for keys, and removed by whoever made it. */
  constructor(folder: string) {
    this.folder = folder;
  }

  async start(): Promise<this> {
    const authority = openAuthority(this.folder, Date.now());
    authority.issue({ identity: { role: 'collector', name: 'localhost' }, hosts: ['127.0.0.1'], file: 'server' }, 1);
    const [cert, key] = [this.read('server.crt'), this.read('server.key')];
    this.server = createServer({ cert, key }, (request, response) => this.answer(request, response));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get address(): string {
    const address = this.server?.address();
    if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
    return `https://127.0.0.1:${address.port}`;
  }

  get access(): ClusterAccess {
    return { server: this.address, ca: this.read('ca.crt'), token: () => 'token-1' };
  }

  /** How many watches are open. */
  get watching(): number {
    return this.watches.size;
  }

  /** Tells all watches. */
  send(type: string, object: object): void {
    for (const response of this.watches) response.write(`${JSON.stringify({ type, object })}\n`);
  }

  sendRaw(text: string): void {
    for (const response of this.watches) response.write(text);
  }

  /** Breaks the connections of all watches. */
  drop(): void {
    for (const response of this.watches) response.destroy();
    this.watches.clear();
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'https://x');
    this.requests.push(`${url.pathname}?${url.searchParams}`);
    this.authorizations.add(request.headers.authorization);
    if (this.mischief(request, response)) return;
    if (url.pathname.includes('/replicasets/')) {
      const ownerReferences = [{ kind: 'Deployment', name: 'web', controller: true }];
      response.end(JSON.stringify({ kind: 'ReplicaSet', metadata: { name: 'web-5d9c7b8f6', ownerReferences } }));
    } else if (url.searchParams.get('watch') !== null) {
      this.watches.add(response);
      response.on('close', () => this.watches.delete(response));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
    } else {
      this.page(url, response);
    }
  }

  private page(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('continue') ?? 0);
    const to = from + Math.min(Number(url.searchParams.get('limit')), 2);
    const next = to < this.pods.length ? String(to) : '';
    const metadata = { resourceVersion: String(this.version), continue: next };
    response.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items: this.pods.slice(from, to) }));
  }
}

/** Ends with a Status object, as API servers do. */
export function status(response: ServerResponse, code: number, message: string): true {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }));
  return true;
}
