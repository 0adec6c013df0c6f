import { write } from 'node:fs';
import { promisify } from 'node:util';

const writeAsync = promisify(write);

export interface LineWriterOptions {
  /** Gives the descriptor to write to; asked between lines, so that it may change there. */
  readonly descriptor: () => number;
  /** What may wait; lines beyond it are dropped and counted. Default 16 MiB. */
  readonly limitBytes?: number;
  readonly onNotice: (notice: OutputNotice) => void;
}

/** Told once for each change of state. `gone`: nobody reads any more, and nobody will. */
export type OutputNotice =
  | { readonly kind: 'failing'; readonly error: Error }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'dropping' }
  | { readonly kind: 'gone'; readonly error: Error };

export interface OutputStats {
  readonly written: number;
  readonly dropped: number;
  readonly waitingBytes: number;
}

const DEFAULT_LIMIT_BYTES = 16 * 1024 * 1024;
const WRITE_BYTES = 256 * 1024;
const RETRY_MS = 500;
const FULL_PIPE_RETRY_MS = 5;
const CLOSE_MS = 1000;

/**
 * Writes whole lines to a descriptor, one write at a time, off the main thread: a reader that is stuck holds up nobody.
 */
export class LineWriter {
  private readonly options: LineWriterOptions;
  private readonly limitBytes: number;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> | undefined;
  private written = 0;
  private dropped = 0;
  private failing = false;
  private dropping = false;
  private gone = false;
  /** No retry after this time. */
  private endMs = Number.POSITIVE_INFINITY;

  constructor(options: LineWriterOptions) {
    this.options = options;
    this.limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
  }

  stats(): OutputStats {
    return { written: this.written, dropped: this.dropped, waitingBytes: this.waitingBytes };
  }

  /** The line comes without its newline. */
  add(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.gone || this.waitingBytes + bytes.length > this.limitBytes) {
      this.drop();
      return;
    }
    this.dropping = false;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.writing ??= this.run();
  }

  /** Resolves when all lines are written, or cannot be. */
  async flush(): Promise<void> {
    await this.writing;
  }

  /** Writes what waits, for at most a second when the reader is slow or the disk is full; the rest is dropped. */
  async close(): Promise<void> {
    this.endMs = Date.now() + CLOSE_MS;
    await this.writing;
  }

  private drop(): void {
    this.dropped++;
    if (!this.dropping && !this.gone) this.options.onNotice({ kind: 'dropping' });
    this.dropping = true;
  }

  private async run(): Promise<void> {
    // Lines of one turn of the loop share a write.
    await Promise.resolve();
    while (this.waiting.length > 0 && !this.gone) {
      const lines = this.takeSome();
      const bytes = Buffer.concat(lines);
      if (await this.writeAll(bytes)) this.written += lines.length;
      else this.dropped += lines.length;
      this.waitingBytes -= bytes.length;
    }
    this.dropped += this.waiting.splice(0).length;
    if (this.gone) this.waitingBytes = 0;
    this.writing = undefined;
  }

  private takeSome(): Buffer[] {
    let bytes = 0;
    let count = 0;
    while (count < this.waiting.length && bytes < WRITE_BYTES) bytes += this.waiting[count++]?.length ?? 0;
    return this.waiting.splice(0, count);
  }

  /** False when the rest had to be given up. */
  private async writeAll(bytes: Buffer): Promise<boolean> {
    let descriptor = -1;
    for (let at = 0; at < bytes.length; ) {
      try {
        // A line that was begun is ended where it began.
        if (at === 0) descriptor = this.options.descriptor();
        const { bytesWritten } = await writeAsync(descriptor, bytes, at, bytes.length - at, null);
        at += bytesWritten;
        this.succeeded();
      } catch (cause) {
        if (!(await this.mayRetry(cause as NodeJS.ErrnoException))) return false;
      }
    }
    return true;
  }

  private succeeded(): void {
    if (this.failing) this.options.onNotice({ kind: 'recovered' });
    this.failing = false;
  }

  private async mayRetry(error: NodeJS.ErrnoException): Promise<boolean> {
    if (error.code === 'EPIPE') {
      this.gone = true;
      this.options.onNotice({ kind: 'gone', error });
      return false;
    }
    // The reader of a non-blocking pipe is slow.
    const full = error.code === 'EAGAIN';
    if (!full && !this.failing) this.options.onNotice({ kind: 'failing', error });
    this.failing ||= !full;
    const waitMs = full ? FULL_PIPE_RETRY_MS : RETRY_MS;
    if (Date.now() + waitMs > this.endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    return true;
  }
}
