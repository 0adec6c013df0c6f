import type { Account, Accounts } from '../../events/accounts.ts';
import type { ByteString } from '../../events/bytestring.ts';
import type { GroupRecord, UserRecord } from './state-records.ts';

/** Users and groups of the recorded machine, as the capture lists them and its events change them. */
export class CaptureAccounts implements Accounts {
  readonly #users = new Map<number, Account>();
  readonly #groups = new Map<number, ByteString>();

  user(uid: number): Account | undefined {
    return this.#users.get(uid);
  }

  group(gid: number): ByteString | undefined {
    return this.#groups.get(gid);
  }

  /** Counts that may be kept: no machine of note has more. */
  static readonly limit = 100_000;

  addUser({ uid, name, home, shell }: UserRecord): void {
    if (this.#users.size < CaptureAccounts.limit) this.#users.set(uid, { name, homeDirectory: home, shell });
  }

  addGroup({ gid, name }: GroupRecord): void {
    if (this.#groups.size < CaptureAccounts.limit) this.#groups.set(gid, name);
  }

  removeUser(uid: number): void {
    this.#users.delete(uid);
  }

  removeGroup(gid: number): void {
    this.#groups.delete(gid);
  }

  clear(): void {
    this.#users.clear();
    this.#groups.clear();
  }
}
