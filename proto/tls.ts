import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';
import { AtalayaError } from '../agent/lib/errors.ts';

/** PEM files. */
export interface TlsFiles {
  /** Who signs the other side's certificate. On a server: clients must have one of these. */
  readonly ca?: string;
  /** Own certificate and its key; a server needs both. */
  readonly cert?: string;
  readonly key?: string;
}

const MIN_VERSION = 'TLSv1.3';
/** How often a server looks at its files. */
const CHECK_MS = 2000;

/** Certificates and key of files, read again when one of them has changed. */
export class TlsMaterial {
  private readonly files: TlsFiles;
  private state: string;
  private options: SecureContextOptions;
  /** A state of the files that could not be used. */
  private refused: string | undefined;

  /** Throws E_TLS when a file cannot be read or used. */
  constructor(files: TlsFiles) {
    this.files = files;
    this.state = stateOf(files);
    this.options = readOptions(files);
  }

  get current(): SecureContextOptions {
    return this.options;
  }

  /**
   * Looks at the files; true when there is something new. What cannot be used is left, for a certificate and its key are
   * replaced one after the other; the reason is given.
   */
  refresh(): { readonly changed: boolean; readonly trouble?: AtalayaError } {
    const state = stateOf(this.files);
    if (state === this.state || state === this.refused) return { changed: false };
    try {
      this.options = readOptions(this.files);
      this.state = state;
      this.refused = undefined;
      return { changed: true };
    } catch (error) {
      this.refused = state;
      return { changed: false, trouble: error as AtalayaError };
    }
  }
}

/** For a client: each new connection is made with the files as they are then. Throws E_TLS. */
export function fileChannelCredentials(files: TlsFiles): ChannelCredentials {
  return new FileChannelCredentials(new TlsMaterial(files));
}

class FileChannelCredentials extends ChannelCredentials {
  private readonly material: TlsMaterial;
  private context: SecureContext;

  constructor(material: TlsMaterial) {
    super();
    this.material = material;
    this.context = createSecureContext(material.current);
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(...target: Parameters<ChannelCredentials['_createSecureConnector']>) {
    const make = () => this.fresh()._createSecureConnector(...target);
    const first = make();
    return {
      connect: (socket: Parameters<typeof first.connect>[0]) => make().connect(socket),
      waitForReady: () => first.waitForReady(),
      getCallCredentials: () => first.getCallCredentials(),
      destroy: () => first.destroy(),
    };
  }

  private fresh(): ChannelCredentials {
    if (this.material.refresh().changed) this.context = createSecureContext(this.material.current);
    return credentials.createFromSecureContext(this.context);
  }
}

/** For a server: handshakes after a change of the files are made with the new ones. Throws E_TLS. */
export function fileServerCredentials(files: TlsFiles, onChange: (trouble?: AtalayaError) => void): ServerCredentials {
  if (files.cert === undefined || files.key === undefined) {
    throw new AtalayaError('E_TLS', 'a server needs a certificate and its key; expected both `cert` and `key`');
  }
  return new FileServerCredentials(new TlsMaterial(files), files.ca !== undefined, onChange);
}

type Watcher = Parameters<ServerCredentials['_addWatcher']>[0];

class FileServerCredentials extends ServerCredentials {
  private readonly material: TlsMaterial;
  private readonly onChange: (trouble?: AtalayaError) => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(material: TlsMaterial, demandCertificate: boolean, onChange: (trouble?: AtalayaError) => void) {
    super(
      { requestCert: demandCertificate, rejectUnauthorized: demandCertificate, minVersion: MIN_VERSION },
      material.current,
    );
    this.material = material;
    this.onChange = onChange;
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }

  /** A watcher is a listening socket: the files are looked at as long as there is one. */
  override _addWatcher(watcher: Watcher): void {
    super._addWatcher(watcher);
    this.timer ??= setInterval(() => this.look(), CHECK_MS).unref();
  }

  override _removeWatcher(watcher: Watcher): void {
    super._removeWatcher(watcher);
    if (this.getWatcherCount() > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const { changed, trouble } = this.material.refresh();
    if (changed) this.updateSecureContextOptions(this.material.current);
    if (changed || trouble !== undefined) this.onChange(trouble);
  }
}

/** What is wrong with the own certificate now; undefined = nothing that can be seen from here. */
export function certificateTrouble({ cert, ca }: TlsFiles, nowMs: number): string | undefined {
  if (cert === undefined) return undefined;
  const certificate = parseCertificate(readPem(cert, 'certificate'), cert);
  if (nowMs > Date.parse(certificate.validTo)) return `our certificate ${cert} expired on ${certificate.validTo}`;
  if (nowMs < Date.parse(certificate.validFrom)) {
    return `our certificate ${cert} is not valid before ${certificate.validFrom}`;
  }
  if (ca === undefined) return undefined;
  const authorities = certificatesIn(readPem(ca, 'CA certificate'));
  return authorities.some((authority) => certificate.checkIssued(authority))
    ? undefined
    : `our certificate ${cert} is not of the authority in ${ca}`;
}

function readOptions({ ca, cert, key }: TlsFiles): SecureContextOptions {
  const options = {
    minVersion: MIN_VERSION,
    ...(ca === undefined ? {} : { ca: readPem(ca, 'CA certificate') }),
    ...(cert === undefined ? {} : { cert: readPem(cert, 'certificate') }),
    ...(key === undefined ? {} : { key: readPem(key, 'key') }),
  } satisfies SecureContextOptions;
  if (cert !== undefined && options.cert !== undefined) parseCertificate(options.cert, cert);
  if (ca !== undefined && options.ca !== undefined) parseCertificate(options.ca, ca);
  if (key !== undefined && options.key !== undefined) assertKey(options.key, key, options.cert, cert);
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new AtalayaError('E_TLS', `the certificate or key cannot be used: ${reason(cause)}`, { cause });
  }
  return options;
}

function assertKey(pem: Buffer, path: string, certificate: Buffer | undefined, certificatePath = ''): void {
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new AtalayaError('E_TLS', `${path} is no key; expected a PEM file with a private key`, { cause });
  }
  if (certificate === undefined) return;
  const own = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const wanted = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  if (!own.equals(wanted)) {
    throw new AtalayaError('E_TLS', `the key ${path} is not the one of the certificate ${certificatePath}`);
  }
}

function parseCertificate(pem: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new AtalayaError('E_TLS', `${path} is no certificate; expected a PEM file with one`, { cause });
  }
}

function certificatesIn(pem: Buffer): X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Changes whenever one of the files was written or replaced, symbolic links to them too. */
function stateOf(files: TlsFiles): string {
  return [files.ca, files.cert, files.key].map((path) => (path === undefined ? '' : fileState(path))).join(' ');
}

function fileState(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

function readPem(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AtalayaError('E_TLS', `the ${what} ${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
