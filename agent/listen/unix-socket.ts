import { rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';

/** The socket of a program that was killed stays behind. It is removed when it is one and nobody answers on it. */
export function removeStaleSocket(path: string): Promise<void> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve();
    });
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && statSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
      resolve();
    });
  });
}
