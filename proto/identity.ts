import type { PeerCertificate } from 'node:tls';

/** What somebody with a certificate is to a collector. */
export type Role = 'agent' | 'client' | 'collector';

/** Who a certificate speaks for. */
export interface Identity {
  readonly role: Role;
  /** Of an agent its id, the node's name; `*` = any. */
  readonly name: string;
}

const ROLES: readonly string[] = ['agent', 'client', 'collector'] satisfies Role[];
const SCHEME = 'atalaya://';

/** The name that our certificates carry (subject alternative name, URI): `atalaya://agent/node-1`. */
export function identityUri({ role, name }: Identity): string {
  return `${SCHEME}${role}/${name === '*' ? '*' : encodeURIComponent(name)}`;
}

/** Undefined when the URI is none of ours. */
export function parseIdentityUri(uri: string): Identity | undefined {
  const [role = '', name = '', more] = uri.startsWith(SCHEME) ? uri.slice(SCHEME.length).split('/') : [];
  if (!ROLES.includes(role) || name === '' || more !== undefined) return undefined;
  try {
    return { role: role as Role, name: decodeURIComponent(name) };
  } catch {
    return undefined;
  }
}

/**
 * Who the other side of a TLS connection is. Certificates of other authorities' making have no name of ours: they are
 * taken for an agent and a client of each of their DNS names, or of their common name where they have none.
 */
export function identitiesOf(certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): readonly Identity[] {
  const names = alternativeNames(certificate.subjectaltname);
  const ours = names.flatMap(({ kind, name }) => (kind === 'URI' ? (parseIdentityUri(name) ?? []) : []));
  if (ours.length > 0) return ours;
  const dns = names.filter(({ kind }) => kind === 'DNS').map(({ name }) => name);
  const common = certificate.subject?.CN;
  const foreign = dns.length > 0 ? dns : typeof common === 'string' ? [common] : [];
  // What another authority calls `*` is a wildcard of host names, not all nodes.
  return foreign
    .filter((name) => name !== '*' && name !== '')
    .flatMap((name) => [
      { role: 'agent', name },
      { role: 'client', name },
    ]);
}

/** Whether one of these may send records of an agent. */
export function maySpeakFor(identities: readonly Identity[], agentId: string): boolean {
  return identities.some(({ role, name }) => role === 'agent' && (name === '*' || name === agentId));
}

/** Node.js writes `KIND:NAME, KIND:NAME`, and a name with a comma or quote in it as a JSON string. */
function alternativeNames(text = ''): { readonly kind: string; readonly name: string }[] {
  return [...text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, kind = '', name = '']) => ({
    kind,
    name: name.startsWith('"') ? String(JSON.parse(name)) : name,
  }));
}
