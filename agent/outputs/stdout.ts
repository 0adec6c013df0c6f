import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { bodyJson } from './alert-json.ts';
import { LineWriter, type OutputNotice } from './line-writer.ts';
import type { Output } from './output.ts';

export interface StdoutOptions {
  /** Default 1. */
  readonly descriptor?: number;
  /** Default 16 MiB; Infinity where the writer waits for `flush`, as a replay does. */
  readonly limitBytes?: number;
  readonly onNotice?: (notice: OutputNotice) => void;
}

/** Alerts as JSON lines on standard output. */
export function createStdoutOutput(options: StdoutOptions = {}): Output {
  const { limitBytes, onNotice = () => {} } = options;
  const given = options.descriptor ?? 1;
  const descriptor = withoutBlocking(given);
  const lines = new LineWriter({
    descriptor: () => descriptor,
    onNotice,
    ...(limitBytes === undefined ? {} : { limitBytes }),
  });
  return {
    name: 'stdout',
    write: (bodies) => {
      for (const body of bodies) {
        const line = bodyJson(body);
        if (line !== undefined) lines.add(line);
      }
    },
    stats: () => lines.stats(),
    flush: () => lines.flush(),
    close: async () => {
      await lines.close();
      if (descriptor !== given) closeSync(descriptor);
    },
  };
}

/**
 * The same pipe or terminal, opened again without blocking: a reader that stands still would else hold a thread of the
 * process, and with it the process's end. The descriptor itself is left as it is, for other programs share it. It is
 * given back where it cannot be opened again (a socket, a pipe of another user) or cannot block (a file).
 */
export function withoutBlocking(descriptor: number): number {
  const stat = fstatSync(descriptor);
  if (!stat.isFIFO() && !stat.isCharacterDevice()) return descriptor;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return descriptor;
  }
}
