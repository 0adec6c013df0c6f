import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Identity, identityUri } from '../../proto/identity.ts';
import { AtalayaError } from '../lib/errors.ts';
import { makeFolders } from '../storage/data-file.ts';
import { issueCertificate } from './certificate.ts';

export interface Wanted {
  readonly identity: Identity;
  /** Names and addresses under which it is reached; none for those who only connect. */
  readonly hosts: readonly string[];
  /** Begin of the files' names. */
  readonly file: string;
}

export interface Authority {
  /** True when it was made now. */
  readonly isNew: boolean;
  /** Makes or renews a certificate, FILE.crt; its key, FILE.key, is made when it is not there. */
  issue(wanted: Wanted, days: number): void;
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const AUTHORITY_NAME = 'Atalaya';
/** Nodes whose clock is late must not find the certificate not valid yet. */
const BEFORE_MS = 3_600_000;

/** The private authority in a folder: `ca.crt` and `ca.key`, made when they are not there. Throws E_TLS, E_DATA_DIR. */
export function openAuthority(folder: string, nowMs: number): Authority {
  try {
    makeFolders(folder);
    const isNew = !existsSync(join(folder, 'ca.crt'));
    const key = keyAt(join(folder, 'ca.key'));
    if (isNew) makeAuthority(folder, key, nowMs);
    const issuer = { commonName: commonNameOf(folder, key), key };
    return { isNew, issue: (wanted, days) => issue(folder, wanted, issuer, nowMs, days) };
  } catch (cause) {
    if (cause instanceof AtalayaError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_DATA_DIR', `certificates cannot be made in ${folder}: ${why}`, { cause });
  }
}

function makeAuthority(folder: string, key: KeyObject, nowMs: number): void {
  const certificate = issueCertificate({
    commonName: AUTHORITY_NAME,
    publicKey: createPublicKey(key),
    issuer: { commonName: AUTHORITY_NAME, key },
    fromMs: nowMs - BEFORE_MS,
    toMs: nowMs + AUTHORITY_DAYS * DAY_MS,
    use: 'authority',
  });
  write(join(folder, 'ca.crt'), certificate, 0o644);
}

/** Of the authority that is there, when it is one that we can sign for. */
function commonNameOf(folder: string, key: KeyObject): string {
  const path = join(folder, 'ca.crt');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readFileSync(path));
  } catch (cause) {
    throw new AtalayaError('E_TLS', `${path} is no certificate; expected one that \`atalaya certs\` made`, { cause });
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new AtalayaError('E_TLS', `${join(folder, 'ca.key')} is not the key of ${path}`);
  }
  const name = /^CN=([^\n+]+)$/.exec(certificate.subject)?.[1];
  if (name === undefined || !certificate.ca || key.asymmetricKeyType !== 'ec') {
    throw new AtalayaError(
      'E_TLS',
      `${path} is not one that \`atalaya certs\` made: sign with the program that made it`,
    );
  }
  return name;
}

function issue(
  folder: string,
  { identity, hosts, file }: Wanted,
  issuer: { readonly commonName: string; readonly key: KeyObject },
  nowMs: number,
  days: number,
): void {
  const certificate = issueCertificate({
    commonName: identity.name === '*' ? `atalaya-${identity.role}` : identity.name,
    publicKey: createPublicKey(keyAt(join(folder, `${file}.key`))),
    issuer,
    fromMs: nowMs - BEFORE_MS,
    toMs: nowMs + days * DAY_MS,
    use: identity.role === 'collector' ? 'server' : 'client',
    hosts,
    uri: identityUri(identity),
  });
  write(join(folder, `${file}.crt`), certificate, 0o644);
}

/** The key in a file, made when it is not there. */
function keyAt(path: string): KeyObject {
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    write(path, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600);
  }
  try {
    return createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new AtalayaError('E_TLS', `${path} is no key; expected a PEM file with a private key`, { cause });
  }
}

/** Whoever reads the file finds the old or the new one, never a part. */
function write(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}
