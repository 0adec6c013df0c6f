import type { Account } from '../../events/accounts.ts';
import type { ByteString } from '../../events/bytestring.ts';
import type { GroupRecord, UserRecord } from './state-records.ts';

/** All that may be kept: no machine of note has more. */
const ACCOUNTS_MAX = 200_000;

interface Tables {
  readonly users: Map<number, Account>;
  readonly groups: Map<number, ByteString>;
}

/**
 * Users and groups of the recorded machine and of its containers, as the capture lists them and its events change them.
 * A container is named by its id, the host by ''. Names of one are not those of another.
 */
export class CaptureAccounts {
  readonly #byContainer = new Map<ByteString, Tables>();
  #count = 0;

  user(container: ByteString, uid: number): Account | undefined {
    return this.#byContainer.get(container)?.users.get(uid);
  }

  group(container: ByteString, gid: number): ByteString | undefined {
    return this.#byContainer.get(container)?.groups.get(gid);
  }

  addUser(container: ByteString, { uid, name, home, shell }: UserRecord): void {
    if (this.#isFull()) return;
    this.#tables(container).users.set(uid, { name, homeDirectory: home, shell });
  }

  addGroup(container: ByteString, { gid, name }: GroupRecord): void {
    if (this.#isFull()) return;
    this.#tables(container).groups.set(gid, name);
  }

  removeUser(container: ByteString, uid: number): void {
    this.#byContainer.get(container)?.users.delete(uid);
  }

  removeGroup(container: ByteString, gid: number): void {
    this.#byContainer.get(container)?.groups.delete(gid);
  }

  clear(): void {
    this.#byContainer.clear();
    this.#count = 0;
  }

  #isFull(): boolean {
    return ++this.#count > ACCOUNTS_MAX;
  }

  #tables(container: ByteString): Tables {
    const known = this.#byContainer.get(container);
    if (known !== undefined) return known;
    const made: Tables = { users: new Map(), groups: new Map() };
    this.#byContainer.set(container, made);
    return made;
  }
}
