import type { Account, Accounts } from '../events/accounts.ts';
import type { ByteString } from '../events/bytestring.ts';
import type { Process } from '../events/process.ts';
import type { RootReader } from './root-reader.ts';
import { parseGroup, parsePasswd } from './users.ts';

export interface ContainerAccountsOptions {
  readonly reader: RootReader;
  /** The machine's own. */
  readonly host: Accounts;
  /** Number of the host's mount namespace; undefined = not known. */
  readonly hostNamespace: number | undefined;
  /** Milliseconds on a clock that does not go back. */
  readonly nowMs: () => number;
}

/** How often a file is looked at, ms, while it is asked for. */
const CHECK_MS = 1000;
/** Mount namespaces whose tables are kept; a node has some hundred. */
const NAMESPACES_MAX = 512;
/** Accounts of one container: more are no container's. */
const ACCOUNTS_MAX = 10_000;

interface Table<T> {
  version: string | undefined;
  entries: ReadonlyMap<number, T>;
}

interface Tables {
  checkedMs: number;
  readonly users: Table<Account>;
  readonly groups: Table<ByteString>;
}

/**
 * Names of users and groups as the process's own mount namespace has them: those of the machine for what runs on it, those of
 * the container's files for what runs in a container.
 */
export function createContainerAccounts(options: ContainerAccountsOptions): (process: Process | undefined) => Accounts {
  const { reader, host, hostNamespace, nowMs } = options;
  const byNamespace = new Map<number, Tables>();

  const refresh = (tables: Tables, pid: number): void => {
    const now = nowMs();
    if (now - tables.checkedMs < CHECK_MS) return;
    tables.checkedMs = now;
    update(reader, pid, 'passwd', tables.users, parsePasswd);
    update(reader, pid, 'group', tables.groups, parseGroup);
  };

  const tablesOf = ({ pid, mountNamespace }: Process): Tables => {
    let tables = byNamespace.get(mountNamespace);
    if (tables === undefined) {
      if (byNamespace.size >= NAMESPACES_MAX) {
        for (const oldest of byNamespace.keys()) if (byNamespace.delete(oldest)) break;
      }
      tables = { checkedMs: Number.NEGATIVE_INFINITY, users: empty(), groups: empty() };
      byNamespace.set(mountNamespace, tables);
    }
    refresh(tables, pid);
    return tables;
  };

  return (process) => {
    if (process === undefined || !isContained(process) || process.mountNamespace === hostNamespace) return host;
    return {
      user: (uid) => tablesOf(process).users.entries.get(uid),
      group: (gid) => tablesOf(process).groups.entries.get(gid),
    };
  };
}

function isContained({ container, mountNamespace }: Process): boolean {
  return container !== undefined && container.id !== 'host' && mountNamespace !== 0;
}

function empty<T>(): Table<T> {
  return { version: undefined, entries: new Map() };
}

/** What cannot be read (the process has just ended) leaves the table as it is. */
function update<T>(
  reader: RootReader,
  pid: number,
  name: string,
  table: Table<T>,
  parse: (text: ByteString) => Map<number, T>,
): void {
  reader.open(pid, ['etc', name], (file) => {
    if (file.version === table.version) return;
    table.version = file.version;
    table.entries = new Map([...parse(file.read())].slice(0, ACCOUNTS_MAX));
  });
}
