import type { Account, Accounts } from '../events/accounts.ts';
import type { ByteString } from '../events/bytestring.ts';

/** Reads of one file; given by the edge. */
export interface AccountReader {
  /** Bytes of the file; undefined when it cannot be read. */
  read(path: string): ByteString | undefined;
  /** Anything that changes when the file does: its modification time. undefined when there is no file. */
  version(path: string): string | undefined;
}

/** The machine's own users and groups. */
export interface AccountTable extends Accounts {
  /** Reads a file again if it has changed since; true when one had. */
  refresh(): boolean;
}

/** Reads /etc/passwd and /etc/group now, and again at `refresh` when they have changed. */
export function createAccounts(reader: AccountReader, passwd = '/etc/passwd', group = '/etc/group'): AccountTable {
  const users = watched(reader, passwd, parsePasswd);
  const groups = watched(reader, group, parseGroup);
  return {
    user: (uid) => users.table.get(uid),
    group: (gid) => groups.table.get(gid),
    refresh: () => [users.refresh(), groups.refresh()].includes(true),
  };
}

interface Watched<T> {
  readonly table: ReadonlyMap<number, T>;
  refresh(): boolean;
}

function watched<T>(reader: AccountReader, path: string, parse: (text: ByteString) => Map<number, T>): Watched<T> {
  let version: string | undefined;
  let table = new Map<number, T>();
  const refresh = (): boolean => {
    const now = reader.version(path);
    if (now === version) return false;
    version = now;
    table = parse((now === undefined ? undefined : reader.read(path)) ?? '');
    return true;
  };
  refresh();
  return {
    get table() {
      return table;
    },
    refresh,
  };
}

/** Users of a passwd file by uid. Lines that are none are left out; of two with one id the first counts. */
export function parsePasswd(text: ByteString): Map<number, Account> {
  const users = new Map<number, Account>();
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', , , homeDirectory = '', shell = ''] = line.split(':');
    const id = parseId(uid);
    if (name === '' || name.startsWith('#') || id === undefined || users.has(id)) continue;
    users.set(id, { name, homeDirectory, shell });
  }
  return users;
}

/** Names of a group file by gid. */
export function parseGroup(text: ByteString): Map<number, ByteString> {
  const groups = new Map<number, ByteString>();
  for (const line of text.split('\n')) {
    const [name = '', , gid = ''] = line.split(':');
    const id = parseId(gid);
    if (name === '' || name.startsWith('#') || id === undefined || groups.has(id)) continue;
    groups.set(id, name);
  }
  return groups;
}

function parseId(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
