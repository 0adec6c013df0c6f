import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openAuthority, type Wanted } from '../../../agent/certificates/authority.ts';
import { issueCertificate } from '../../../agent/certificates/certificate.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'atalaya-certs-'));
  folders.push(folder);
  return folder;
}

const COLLECTOR: Wanted = {
  identity: { role: 'collector', name: 'collector.example' },
  hosts: ['collector.example', '10.1.2.3', '::1', '2001:db8::ff:1.2.3.4', 'fe80:0:0:0:1:2:3:4'],
  file: 'collector',
};
const NODE: Wanted = { identity: { role: 'agent', name: 'node-1' }, hosts: [], file: 'node-1' };

const read = (folder: string, name: string) => new X509Certificate(readFileSync(join(folder, name)));
const verify = (folder: string, name: string, purpose: string) =>
  execFileSync(
    'openssl',
    ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', join(folder, 'ca.crt'), join(folder, name)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );

test('certificates of an authority hold for their purpose, by the strict rules of another program', () => {
  const folder = newFolder();
  const authority = openAuthority(folder, Date.now());
  authority.issue(COLLECTOR, 30);
  authority.issue(NODE, 30);
  expect(authority.isNew).toBe(true);
  expect(verify(folder, 'collector.crt', 'sslserver')).toContain('collector.crt: OK');
  expect(verify(folder, 'node-1.crt', 'sslclient')).toContain('node-1.crt: OK');
  expect(() => verify(folder, 'node-1.crt', 'sslserver')).toThrow();
  expect(() => verify(folder, 'collector.crt', 'sslclient')).toThrow();
});

test('names, addresses and validity are those that were asked for', () => {
  const folder = newFolder();
  const nowMs = Date.parse('2026-03-04T05:06:07Z');
  const authority = openAuthority(folder, nowMs);
  authority.issue(COLLECTOR, 30);
  authority.issue(NODE, 36_500);
  const [ca, collector, node] = ['ca.crt', 'collector.crt', 'node-1.crt'].map((name) => read(folder, name));
  expect(collector?.subject).toBe('CN=collector.example');
  expect(collector?.issuer).toBe('CN=Atalaya');
  expect(collector?.subjectAltName).toBe(
    'DNS:collector.example, IP Address:10.1.2.3, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:FF:102:304, ' +
      'IP Address:FE80:0:0:0:1:2:3:4, URI:atalaya://collector/collector.example',
  );
  expect(collector?.checkHost('collector.example')).toBe('collector.example');
  expect(collector?.checkIP('::1')).toBe('::1');
  expect(node?.subjectAltName).toBe('URI:atalaya://agent/node-1');
  expect([collector?.validFrom, collector?.validTo]).toEqual(['Mar  4 04:06:07 2026 GMT', 'Apr  3 05:06:07 2026 GMT']);
  expect(node?.validTo).toBe('Feb  8 05:06:07 2126 GMT');
  expect([ca?.ca, collector?.ca]).toEqual([true, false]);
  expect(ca !== undefined && node?.checkIssued(ca) && node.verify(ca.publicKey)).toBe(true);
});

test('running again renews certificates and keeps authority and keys, which only the owner can read', () => {
  const folder = newFolder();
  openAuthority(folder, Date.now()).issue(NODE, 30);
  const [ca, key, before] = ['ca.crt', 'node-1.key', 'node-1.crt'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  );
  const again = openAuthority(folder, Date.now());
  again.issue(NODE, 30);
  expect(again.isNew).toBe(false);
  expect(readFileSync(join(folder, 'ca.crt'), 'utf8')).toBe(ca);
  expect(readFileSync(join(folder, 'node-1.key'), 'utf8')).toBe(key);
  expect(read(folder, 'node-1.crt').serialNumber).not.toBe(new X509Certificate(before ?? '').serialNumber);
  expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'ca.key', 'node-1.crt', 'node-1.key']);
  expect(['ca.key', 'node-1.key'].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600]);
});

test('an authority of another program, another key or none is refused with its name', () => {
  const folder = newFolder();
  openAuthority(folder, Date.now());
  const path = join(folder, 'ca.crt');
  const foreign = newFolder();
  openAuthority(foreign, Date.now());
  writeFileSync(path, readFileSync(join(foreign, 'ca.crt')));
  expect(() => openAuthority(folder, Date.now())).toThrow(
    expect.objectContaining({ code: 'E_TLS', message: expect.stringContaining(path) }),
  );
  writeFileSync(path, 'nothing');
  expect(() => openAuthority(folder, Date.now())).toThrow(expect.objectContaining({ code: 'E_TLS' }));
  execFileSync(
    'openssl',
    ['req', '-x509', '-new', '-key', join(folder, 'ca.key'), '-subj', '/O=Corp/CN=Root', '-out', path],
    { stdio: 'ignore' },
  );
  expect(() => openAuthority(folder, Date.now())).toThrow('sign with the program that made it');
  writeFileSync(join(folder, 'file'), '');
  expect(() => openAuthority(join(folder, 'file'), Date.now())).toThrow(
    expect.objectContaining({ code: 'E_DATA_DIR' }),
  );
});

test('numbers and names of every length are encoded as another program reads them', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const length of [1, 60, 100, 110, 120, 126, 127, 128, 200, 255, 256, 300, 5000]) {
    const hosts = Array.from({ length }, (_, index) => `host-${index}.example`);
    const pem = issueCertificate({
      commonName: 'x'.repeat(Math.min(length, 64)),
      publicKey,
      issuer: { commonName: 'x'.repeat(Math.min(length, 64)), key: privateKey },
      fromMs: 0,
      toMs: Date.parse('2050-01-01T00:00:00Z'),
      use: 'server',
      hosts,
    });
    const certificate = new X509Certificate(pem);
    expect(certificate.subjectAltName?.split(', ').length).toBe(length);
    expect(certificate.verify(publicKey)).toBe(true);
    expect(certificate.validTo).toBe('Jan  1 00:00:00 2050 GMT');
  }
});
