import { readFileSync, statSync } from 'node:fs';
import type { AccountReader } from './users.ts';

/** The edge that reads the account files. */
export const accountReader: AccountReader = {
  read: (path) => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      return undefined;
    }
  },
  version: (path) => {
    try {
      const { ino, mtimeNs, size } = statSync(path, { bigint: true });
      return `${ino}:${mtimeNs}:${size}`;
    } catch {
      return undefined;
    }
  },
};
