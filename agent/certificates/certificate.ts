import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  boolean,
  type Der,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8,
} from './der.ts';

export interface CertificateRequest {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  /** Whose key signs: the common name of its certificate, which has no other name. */
  readonly issuer: { readonly commonName: string; readonly key: KeyObject };
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly use: 'authority' | 'server' | 'client';
  /** Host names and addresses. */
  readonly hosts?: readonly string[];
  readonly uri?: string;
}

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const;
/** Of the union of names (RFC 5280, 4.2.1.6). */
const NAME = { dns: 2, uri: 6, ip: 7 } as const;
const VERSION_3 = 2;
const SERIAL_BYTES = 16;

/** Makes an X.509 certificate (RFC 5280) that is signed with ECDSA and SHA-256, as PEM. */
export function issueCertificate(request: CertificateRequest): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const { issuer, publicKey } = request;
  const certificate = sequence(
    explicit(0, integer(Buffer.of(VERSION_3))),
    integer(serialNumber()),
    algorithm,
    nameOf(issuer.commonName),
    sequence(time(request.fromMs), time(request.toMs)),
    nameOf(request.commonName),
    spkiOf(publicKey),
    explicit(3, sequence(...extensionsOf(request))),
  );
  const signature = sign('sha256', certificate, { key: issuer.key, dsaEncoding: 'der' });
  return pem(sequence(certificate, algorithm, bitString(signature)));
}

/** Positive and not to be guessed. */
function serialNumber(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function nameOf(commonName: string): Der {
  return sequence(set(sequence(oid(OID.commonName), utf8(commonName))));
}

function spkiOf(key: KeyObject): Der {
  return key.export({ type: 'spki', format: 'der' });
}

function extensionsOf({ use, hosts = [], uri, publicKey, issuer }: CertificateRequest): Der[] {
  const names = [
    ...hosts.map(hostName),
    ...(uri === undefined ? [] : [implicit(NAME.uri, Buffer.from(uri, 'latin1'))]),
  ];
  const common = [
    extension(OID.subjectKeyId, octetString(keyId(publicKey))),
    extension(OID.authorityKeyId, sequence(implicit(0, keyId(createPublicKey(issuer.key))))),
    ...(names.length === 0 ? [] : [extension(OID.alternativeNames, sequence(...names))]),
  ];
  if (use === 'authority') {
    // keyCertSign and cRLSign: bits 5 and 6.
    const [constraints, usage] = [sequence(boolean(true)), bitString(Buffer.of(0x06), 1)];
    return [extension(OID.basicConstraints, constraints, true), extension(OID.keyUsage, usage, true), ...common];
  }
  return [
    extension(OID.basicConstraints, sequence(), true),
    // digitalSignature: bit 0.
    extension(OID.keyUsage, bitString(Buffer.of(0x80), 7), true),
    extension(OID.extendedKeyUsage, sequence(oid(OID[use]))),
    ...common,
  ];
}

function extension(id: string, value: Der, critical = false): Der {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function hostName(host: string): Der {
  return isIP(host) === 0 ? implicit(NAME.dns, Buffer.from(host, 'latin1')) : implicit(NAME.ip, addressBytes(host));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const groups = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (group.includes('.')) {
            const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
            return [a * 256 + b, c * 256 + d];
          }
          return [Number.parseInt(group, 16)];
        });
  const [head = '', tail] = address.split('::');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array<number>(zeros).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(spkiOf(key)).digest();
}

function pem(der: Der): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
