import { statSync } from 'node:fs';

/** Whether there is something at the path. existsSync would ask as the real user, whose capabilities do not count. */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
