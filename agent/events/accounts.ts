import type { ByteString } from './bytestring.ts';
import type { Process } from './process.ts';

/** Names that belong to user and group ids, and what else their tables hold. */
export interface Accounts {
  user(uid: number): Account | undefined;
  group(gid: number): ByteString | undefined;
  /** Those of where a process lives; absent: these, wherever that is. */
  at?(process: Process | undefined): Accounts;
}

export interface Account {
  readonly name: ByteString;
  readonly homeDirectory: ByteString;
  readonly shell: ByteString;
}
