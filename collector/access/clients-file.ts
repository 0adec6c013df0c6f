import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { AtalayaError } from '../../agent/lib/errors.ts';
import { safeLine } from '../../agent/lib/safe-text.ts';

/** What a client may be allowed. */
export const OPERATIONS = ['subscribe', 'query', 'agents', 'stats', 'triage', 'ingest'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One client of the file. */
export interface KnownClient {
  readonly name: string;
  /** SHA-256 (hexadecimal) of its bearer token. */
  readonly tokenSha256?: string;
  /** The client that its certificate names. */
  readonly certificate?: string;
  /** When it stops being known, ms since 1970. */
  readonly expiresMs?: number;
  /** Of Kubernetes; absent = all, and records that are of none. */
  readonly namespaces?: readonly string[];
  readonly operations: ReadonlySet<Operation>;
  /** For `ingest`: the agents that it may speak for. */
  readonly agents?: readonly string[];
}

const MAX_BYTES = 1024 * 1024;
const KEYS = ['name', 'token_sha256', 'certificate', 'expires', 'namespaces', 'operations', 'agents'] as const;
/** What a client may do whose operations are not named. */
const READING: readonly Operation[] = ['subscribe', 'query', 'agents', 'stats'];

/** Reads a file of clients. Throws E_CONFIG with all that is wrong, by line and column. */
export function readClients(path: string): readonly KnownClient[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_CONFIG', `the clients' file ${path} cannot be read: ${reason}`, { cause });
  }
  const reader = new Reader(path, text);
  const clients = reader.read();
  if (reader.problems.length > 0) throw new AtalayaError('E_CONFIG', reader.problems.join('\n'));
  return clients;
}

class Reader {
  readonly problems: string[] = [];
  private readonly path: string;
  private readonly text: string;
  private readonly lines = new LineCounter();

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  read(): KnownClient[] {
    if (this.text.length > MAX_BYTES) {
      this.problems.push(`${this.path}: ${this.text.length} bytes; expected at most ${MAX_BYTES}`);
      return [];
    }
    const document = parseDocument(this.text, { lineCounter: this.lines, schema: 'core', maxAliasCount: 0 } as object);
    for (const { message, pos } of document.errors) this.wrong(pos[0], message.split('\n')[0] ?? 'no YAML');
    if (document.errors.length > 0) return [];
    const root = document.contents;
    const list = isMap(root) ? root.get('clients', true) : undefined;
    if (!isMap(root) || !isSeq(list)) {
      this.wrong(0, 'expected `clients:` with a list');
      return [];
    }
    for (const { key } of root.items) {
      if (isScalar(key) && key.value !== 'clients') this.wrongAt(key, `unknown key '${key.value}'; expected clients`);
    }
    const clients = list.items.flatMap((item) => this.client(item as Node) ?? []);
    this.findTwins(clients);
    return clients;
  }

  private client(node: Node): KnownClient | undefined {
    if (!isMap(node)) return this.wrongAt(node, 'expected a client with `name`');
    for (const { key } of node.items) {
      const name = isScalar(key) ? String(key.value) : '?';
      if (!KEYS.includes(name as (typeof KEYS)[number])) {
        this.wrongAt(key as Node, `unknown key '${name}'; expected one of ${KEYS.join(', ')}`);
      }
    }
    const of = (key: (typeof KEYS)[number]) => node.get(key, true) as Node | undefined;
    const name = this.textOf(of('name'), 'name', /^[\w.@-]{1,100}$/, 'up to 100 letters, digits and . _ @ -');
    const tokenSha256 = this.textOf(
      of('token_sha256'),
      'token_sha256',
      /^[0-9a-f]{64}$/i,
      '64 hexadecimal digits',
    )?.toLowerCase();
    const certificate = this.textOf(of('certificate'), 'certificate', /^.{1,253}$/, 'a name in a certificate');
    const expiresMs = this.timeOf(of('expires'));
    const namespaces = this.namesOf(of('namespaces'), 'namespaces');
    const agents = this.namesOf(of('agents'), 'agents');
    const operations = this.namesOf(of('operations'), 'operations', OPERATIONS) ?? READING;
    if (name === undefined) return of('name') === undefined ? this.wrongAt(node, 'a client without `name`') : undefined;
    if ((tokenSha256 === undefined) === (certificate === undefined) && this.problems.length === 0) {
      return this.wrongAt(node, `client ${name}: expected either token_sha256 or certificate`);
    }
    return {
      name,
      ...(tokenSha256 === undefined ? {} : { tokenSha256 }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(expiresMs === undefined ? {} : { expiresMs }),
      ...(namespaces === undefined ? {} : { namespaces }),
      ...(agents === undefined ? {} : { agents }),
      operations: new Set(operations as readonly Operation[]),
    };
  }

  private textOf(node: Node | undefined, key: string, form: RegExp, expected: string): string | undefined {
    if (node === undefined) return undefined;
    const text = isScalar(node) ? String(node.value ?? '') : '';
    if (isScalar(node) && form.test(text)) return text;
    return this.wrongAt(node, `${key}: '${text}'; expected ${expected}`);
  }

  private timeOf(node: Node | undefined): number | undefined {
    if (node === undefined) return undefined;
    const text = isScalar(node) ? String(node.value ?? '') : '';
    const timeMs = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(timeMs)
      ? this.wrongAt(node, `expires: '${text}'; expected a time such as 2027-01-31T08:00:00Z`)
      : timeMs;
  }

  private namesOf(node: Node | undefined, key: string, allowed?: readonly string[]): string[] | undefined {
    if (node === undefined) return undefined;
    if (!isSeq(node)) return this.wrongAt(node, `${key}: expected a list`);
    return node.items.flatMap((item) => {
      const name = isScalar(item) && typeof item.value === 'string' ? item.value : undefined;
      if (name !== undefined && (allowed === undefined || allowed.includes(name))) return [name];
      const expected = allowed === undefined ? 'names' : `one of ${allowed.join(', ')}`;
      return this.wrongAt(item as Node, `${key}: '${isScalar(item) ? item.value : '?'}'; expected ${expected}`) ?? [];
    });
  }

  /** Two clients that cannot be told apart. */
  private findTwins(clients: readonly KnownClient[]): void {
    const seen = new Set<string>();
    for (const { name, tokenSha256, certificate } of clients) {
      for (const mark of [
        `name ${name}`,
        `${tokenSha256 === undefined ? `certificate ${certificate}` : `token_sha256 ${tokenSha256}`}`,
      ]) {
        if (seen.has(mark)) this.problems.push(safeLine(`${this.path}: two clients have the ${mark}`));
        seen.add(mark);
      }
    }
  }

  private wrongAt(node: Node | null | undefined, message: string): undefined {
    this.wrong(node?.range?.[0] ?? 0, message);
  }

  private wrong(offset: number, message: string): void {
    const { line, col } = this.lines.linePos(offset);
    this.problems.push(safeLine(`${this.path}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${message}`));
  }
}
