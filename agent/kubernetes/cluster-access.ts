import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { AtalayaError } from '../lib/errors.ts';

/** How the API server of a cluster is reached, and as whom. */
export interface ClusterAccess {
  /** https://HOST:PORT, without a path at the end. */
  readonly server: string;
  /** PEM; undefined = what the system trusts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The bearer token of now: those of pods are replaced every hour. */
  readonly token: () => string | undefined;
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** No configuration of note is longer. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** Where a pod's service account is; undefined outside of pods. */
export function inClusterAccess(
  environment: Readonly<Record<string, string | undefined>>,
  folder = ACCOUNT,
): ClusterAccess | undefined {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '' || !existsSync(`${folder}/token`)) return undefined;
  const ca = readText(`${folder}/ca.crt`);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...(ca === undefined ? {} : { ca }),
    token: () => readText(`${folder}/token`)?.trim(),
  };
}

/** The current context of a kubeconfig file. Throws E_KUBECONFIG. */
export function kubeconfigAccess(path: string): ClusterAccess {
  const text = readText(path);
  if (text === undefined) throw fault(path, 'it cannot be read');
  const root = asObject(parseYaml(path, text));
  const contextName = root['current-context'];
  if (typeof contextName !== 'string') throw fault(path, 'it has no current-context');
  const context = named(path, root, 'contexts', contextName, 'context');
  const cluster = named(path, root, 'clusters', String(context['cluster']), 'cluster');
  const user = named(path, root, 'users', String(context['user']), 'user');
  const server = cluster['server'];
  if (typeof server !== 'string' || !server.startsWith('https://')) {
    throw fault(path, `the server of cluster ${String(context['cluster'])} is not https://HOST:PORT`);
  }
  const pem = (of: Json, name: string): string | undefined => pemOf(path, of, name);
  const [ca, cert, key] = [
    pem(cluster, 'certificate-authority'),
    pem(user, 'client-certificate'),
    pem(user, 'client-key'),
  ];
  const { token, tokenFile } = user;
  return {
    server: server.replace(/\/+$/, ''),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    token: () => {
      if (typeof tokenFile === 'string') return readText(resolve(dirname(path), tokenFile))?.trim();
      return typeof token === 'string' ? token : undefined;
    },
  };
}

type Json = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw fault(path, cause instanceof Error ? cause.message : String(cause));
  }
}

function named(path: string, root: Json, list: string, name: string, member: string): Json {
  const items = root[list];
  const found = Array.isArray(items) ? items.map(asObject).find((item) => item['name'] === name) : undefined;
  if (found === undefined) throw fault(path, `${list} has no entry ${JSON.stringify(name)}`);
  return asObject(found[member]);
}

/** `NAME-data` in base64, or the file `NAME`. */
function pemOf(path: string, of: Json, name: string): string | undefined {
  const data = of[`${name}-data`];
  if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8');
  const file = of[name];
  if (typeof file !== 'string') return undefined;
  const text = readText(resolve(dirname(path), file));
  if (text === undefined) throw fault(path, `${name} ${file} cannot be read`);
  return text;
}

function readText(path: string): string | undefined {
  try {
    return statSync(path).size > FILE_BYTES_MAX ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function fault(path: string, why: string): AtalayaError {
  return new AtalayaError('E_KUBECONFIG', `the kubeconfig ${path} cannot be used: ${why}`);
}
