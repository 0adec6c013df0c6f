import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { PeerCertificate } from 'node:tls';
import type { Metadata } from '@grpc/grpc-js';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { safeLine } from '../../agent/lib/safe-text.ts';
import { type Identity, identitiesOf, maySpeakFor } from '../../proto/identity.ts';
import { type KnownClient, type Operation, readClients } from './clients-file.ts';

/** What the handler of a call knows of who called. */
export interface Caller {
  readonly metadata: Metadata;
  getPeer(): string;
  getAuthContext(): { readonly sslPeerCertificate?: PeerCertificate };
}

/** Who called, and what of the alerts it may see. */
export interface Client {
  /** Empty where the collector does not tell clients apart. */
  readonly name: string;
  /** For limits: the name, else the machine. */
  readonly key: string;
  readonly namespaces?: readonly string[];
  /** Throws once the client is no longer what it was: its token expired, or the file says something else now. */
  assertStill(): void;
}

export interface AccessOptions {
  /** File of the clients; absent = whoever can connect may do all. */
  readonly file?: string;
  /** Clients must have certificates of our CA: an agent is then who its certificate says. */
  readonly mutualTls: boolean;
  readonly nowMs: () => number;
  /** The file cannot be used any more (the clients stay as they were), or can again. */
  readonly onState: (problem: string | undefined) => void;
}

/** The file is looked at so often at most. */
const LOOK_MS = 1000;

/** Decides who may do what. */
export class Access {
  private readonly options: AccessOptions;
  private clients: readonly KnownClient[] = [];
  private version = '';
  private lookedMs = Number.NEGATIVE_INFINITY;
  private problem: string | undefined;

  /** Throws E_CONFIG when the file is wrong. */
  constructor(options: AccessOptions) {
    this.options = options;
    if (options.file === undefined) return;
    this.clients = readClients(options.file);
    this.version = versionOf(options.file);
  }

  /** Who calls. Throws E_UNKNOWN_CLIENT or E_NOT_ALLOWED. */
  admit(caller: Caller, operation: Operation): Client {
    if (this.options.file === undefined) return this.admitUnlisted(caller);
    const { name, namespaces } = this.find(caller, operation);
    return {
      name,
      key: name,
      ...(namespaces === undefined ? {} : { namespaces }),
      assertStill: () => {
        const now = this.find(caller, operation);
        if (now.name !== name || String(now.namespaces) !== String(namespaces)) {
          throw new AtalayaError('E_UNKNOWN_CLIENT', 'what this client may see was changed');
        }
      },
    };
  }

  /** Without a list whoever can connect is served; but a node's certificate is for what the node itself has to say. */
  private admitUnlisted(caller: Caller): Client {
    const key = hostOf(caller.getPeer());
    if (!this.options.mutualTls) return { name: '', key, assertStill: () => {} };
    const client = identitiesOfCaller(caller).find(({ role }) => role === 'client');
    if (client !== undefined) return { name: client.name, key: client.name, assertStill: () => {} };
    throw new AtalayaError('E_NOT_ALLOWED', 'the certificate is not that of a client');
  }

  /** An agent speaks for itself alone. Throws E_UNKNOWN_CLIENT or E_NOT_ALLOWED. */
  admitAgent(caller: Caller, agentId: string): void {
    if (this.options.mutualTls) {
      const identities = identitiesOfCaller(caller);
      if (maySpeakFor(identities, agentId)) return;
      const names = identities.map(({ role, name }) => `${role} ${name}`).join(', ') || 'nobody';
      throw new AtalayaError('E_NOT_ALLOWED', safeLine(`the certificate is for ${names}, not for agent '${agentId}'`));
    }
    this.look();
    // Without certificates agents need tokens only where the list has some for them.
    if (!this.clients.some(({ operations }) => operations.has('ingest'))) return;
    const { name, agents } = this.find(caller, 'ingest');
    if (agents === undefined || agents.includes(agentId)) return;
    throw new AtalayaError('E_NOT_ALLOWED', safeLine(`client ${name} may not speak for agent '${agentId}'`));
  }

  private find(caller: Caller, operation: Operation): KnownClient {
    this.look();
    const client = this.byToken(caller) ?? this.byCertificate(caller);
    if (client === undefined) {
      throw new AtalayaError('E_UNKNOWN_CLIENT', 'this client is not known; expected a bearer token or a certificate');
    }
    if (client.expiresMs !== undefined && client.expiresMs <= this.options.nowMs()) {
      throw new AtalayaError('E_UNKNOWN_CLIENT', `client ${client.name} has expired`);
    }
    if (client.operations.has(operation)) return client;
    throw new AtalayaError('E_NOT_ALLOWED', `client ${client.name} may not ${operation}`);
  }

  /** Of tokens only hashes are compared: how long that takes tells nothing of the token. */
  private byToken({ metadata }: Caller): KnownClient | undefined {
    const [header] = metadata.get('authorization');
    if (header === undefined) return undefined;
    const [, token] = /^Bearer +(\S+)$/i.exec(String(header)) ?? [];
    if (token === undefined) throw new AtalayaError('E_UNKNOWN_CLIENT', 'expected `authorization: Bearer TOKEN`');
    const digest = createHash('sha256').update(token).digest('hex');
    const client = this.clients.find(({ tokenSha256 }) => tokenSha256 === digest);
    if (client === undefined) throw new AtalayaError('E_UNKNOWN_CLIENT', 'the token is not known');
    return client;
  }

  private byCertificate(caller: Caller): KnownClient | undefined {
    if (!this.options.mutualTls) return undefined;
    const names = identitiesOfCaller(caller).flatMap(({ role, name }) => (role === 'client' ? [name] : []));
    return this.clients.find(({ certificate }) => certificate !== undefined && names.includes(certificate));
  }

  /** Takes a file that has changed; one that is wrong changes nothing. */
  private look(): void {
    const { file, nowMs, onState } = this.options;
    if (file === undefined || Math.abs(nowMs() - this.lookedMs) < LOOK_MS) return;
    this.lookedMs = nowMs();
    const version = versionOf(file);
    if (version === this.version) return;
    let problem: string | undefined;
    try {
      this.clients = readClients(file);
      this.version = version;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    if (problem !== this.problem) onState(problem);
    this.problem = problem;
  }
}

function identitiesOfCaller(caller: Caller): readonly Identity[] {
  const certificate = caller.getAuthContext().sslPeerCertificate;
  return certificate === undefined ? [] : identitiesOf(certificate);
}

function versionOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.mtimeNs} ${stat.size} ${stat.ino}`;
}

/** ipv4:1.2.3.4:5 and the like, without the port. */
function hostOf(peer: string): string {
  return peer.replace(/:\d+$/, '');
}
