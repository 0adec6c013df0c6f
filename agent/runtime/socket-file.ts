import { statSync } from 'node:fs';

/** Whether a path is a socket now. */
export function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}
