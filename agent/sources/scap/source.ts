import { ScapCapture, type ScapOptions } from './capture.ts';
import type { ScapError } from './damage.ts';
import { Damage } from './damage.ts';
import { readFile, unpacked } from './input.ts';

/** A capture that was read, as far as that went. */
export interface ScapResult {
  readonly capture: ScapCapture;
  /** Why it ends before its end; everything before was given out. */
  readonly error: ScapError | undefined;
}

/**
 * The bytes of a capture file, plain or gzip, in chunks. The last item is an error where the compression is damaged;
 * `offset` tells how far the bytes were read then. Throws what the file system throws.
 */
export async function* scapChunks(path: string, offset: () => number): AsyncGenerator<Buffer | ScapError, void> {
  yield* withError(unpacked(readFile(path)), offset);
}

async function* withError(
  chunks: AsyncIterable<Buffer>,
  offset: () => number,
): AsyncGenerator<Buffer | ScapError, void> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    yield { offset: error.offset ?? offset(), message: error.message };
  }
}

/** Reads a capture file, plain or gzip, to its end or its first damage. Throws what the file system throws. */
export function readScapFile(path: string, options: ScapOptions): Promise<ScapResult> {
  return readScap(readFile(path), options);
}

/** Reads a capture from the bytes of its file. */
export async function readScap(chunks: AsyncIterable<Buffer>, options: ScapOptions): Promise<ScapResult> {
  const capture = new ScapCapture(options);
  for await (const chunk of withError(unpacked(chunks), () => capture.offset)) {
    const error = Buffer.isBuffer(chunk) ? capture.push(chunk) : chunk;
    if (error !== undefined) return { capture, error };
  }
  return { capture, error: capture.end() };
}
