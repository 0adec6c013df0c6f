import type { ByteString } from './bytestring.ts';

/** Names that belong to user and group ids, and what else their tables hold. */
export interface Accounts {
  user(uid: number): Account | undefined;
  group(gid: number): ByteString | undefined;
}

export interface Account {
  readonly name: ByteString;
  readonly homeDirectory: ByteString;
  readonly shell: ByteString;
}
