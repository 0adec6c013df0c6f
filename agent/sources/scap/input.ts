import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Damage } from './damage.ts';

const READ_BYTES = 256 * 1024;
/** Compressed bytes that are unpacked at a time: at 1032 to 1, the most that deflate does, it gives 17 MiB. */
const PIECE_BYTES = 16 * 1024;
const UNPACKED_BYTES = 256 * 1024;

/** The bytes of a file, in chunks that are valid for good. Throws what the file system throws. */
export async function* readFile(path: string): AsyncGenerator<Buffer, void> {
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(READ_BYTES), 0, READ_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** What a capture holds, unpacked if it is compressed: the magic number of gzip decides. */
export async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await source.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  const whole = prepend(head, source);
  yield* head[0] === 0x1f && head[1] === 0x8b ? gunzip(whole) : whole;
}

async function* prepend(head: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const { value, done } = await source.next();
      if (done === true) return;
      yield value;
    }
  } finally {
    await source.return?.();
  }
}

/** Members of a gzip stream, one after another. While one piece's output is consumed, the next is unpacked. */
async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const unpacker = new Unpacker();
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && !unpacker.ended; at += PIECE_BYTES) {
        const before = unpacker.take();
        const unpacking = unpacker.write(chunk.subarray(at, at + PIECE_BYTES));
        yield* before;
        await unpacking;
        if (unpacker.error !== undefined) break;
      }
      if (unpacker.ended || unpacker.error !== undefined) break;
    }
    await unpacker.finish();
    yield* unpacker.take();
    if (unpacker.error !== undefined) throw new Damage(`the gzip stream is damaged: ${unpacker.error.message}`);
  } finally {
    unpacker.close();
  }
}

/** zlib's stream with the backpressure of one piece, which keeps what was unpacked before an error. */
class Unpacker {
  error: Error | undefined;
  /** The last member is over; what follows is padding. */
  ended = false;
  readonly #stream = createGunzip({ chunkSize: UNPACKED_BYTES });
  #output: Buffer[] = [];
  #wake: () => void = () => {};

  constructor() {
    this.#stream.on('data', (chunk: Buffer) => this.#output.push(chunk));
    this.#stream.on('error', (error) => {
      this.error = error;
      this.#wake();
    });
    this.#stream.on('end', () => {
      this.ended = true;
      this.#wake();
    });
  }

  /** Resolves when the piece's output is complete. */
  write(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#stream.write(piece, () => resolve());
    });
  }

  finish(): Promise<void> {
    return new Promise((resolve) => {
      if (this.ended || this.error !== undefined) resolve();
      this.#wake = resolve;
      this.#stream.end();
    });
  }

  take(): readonly Buffer[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  close(): void {
    this.#stream.destroy();
  }
}
