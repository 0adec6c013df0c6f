import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { AtalayaError } from '../lib/errors.ts';
import { bodyJson } from './alert-json.ts';
import { LineWriter, type OutputNotice } from './line-writer.ts';
import type { Output } from './output.ts';

export interface FileOptions {
  readonly path: string;
  /** Default 16 MiB. */
  readonly limitBytes?: number;
  readonly onNotice?: (notice: OutputNotice) => void;
}

export interface FileOutput extends Output {
  /** Opens the path anew before the next line: for SIGHUP, after the file was moved away. */
  reopen(): void;
}

/** How often a moved or deleted file is noticed without `reopen`. */
const CHECK_MS = 1000;

/** Alerts as JSON lines at the end of a file, which is made (mode 0600) when it is not there. Throws E_OUTPUT. */
export function createFileOutput(options: FileOptions): FileOutput {
  const file = new AppendedFile(options.path);
  const lines = new LineWriter({
    descriptor: () => file.current(),
    onNotice: options.onNotice ?? (() => {}),
    ...(options.limitBytes === undefined ? {} : { limitBytes: options.limitBytes }),
  });
  return {
    name: `file:${options.path}`,
    write: (bodies) => {
      for (const body of bodies) {
        const line = bodyJson(body);
        if (line !== undefined) lines.add(line);
      }
    },
    reopen: () => file.expire(),
    stats: () => lines.stats(),
    flush: () => lines.flush(),
    close: async () => {
      await lines.close();
      file.close();
    },
  };
}

/** A file that is opened again when its name leads to another one. */
class AppendedFile {
  private readonly path: string;
  private descriptor: number;
  private checkedMs = Date.now();
  private expired = false;

  constructor(path: string) {
    this.path = path;
    try {
      this.descriptor = openAtLineStart(path);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AtalayaError('E_OUTPUT', `the output file ${path} cannot be opened: ${why}`, { cause });
    }
  }

  /** Throws what the system says when the path cannot be opened again. */
  current(): number {
    if (this.expired || this.wasMoved()) {
      const next = openAtLineStart(this.path);
      closeSync(this.descriptor);
      this.descriptor = next;
      this.expired = false;
    }
    return this.descriptor;
  }

  expire(): void {
    this.expired = true;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private wasMoved(): boolean {
    const nowMs = Date.now();
    if (nowMs - this.checkedMs < CHECK_MS && nowMs >= this.checkedMs) return false;
    this.checkedMs = nowMs;
    const there = statSync(this.path, { throwIfNoEntry: false });
    const own = fstatSync(this.descriptor);
    return there === undefined || there.ino !== own.ino || there.dev !== own.dev;
  }
}

/** A line that was cut short by a crash gets its end, so that the next one stands alone. */
function openAtLineStart(path: string): number {
  const descriptor = openSync(path, 'a+', 0o600);
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  if (size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) writeSync(descriptor, '\n');
  return descriptor;
}
