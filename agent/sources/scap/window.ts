import { Damage } from './damage.ts';

/** Room before the bytes of the capture, for values that an event gets from elsewhere: more than any event may have. */
export const SCRATCH_BYTES = 192 * 1024;

/**
 * The part of a capture that is in memory: what was read and is not yet consumed, in one buffer. It grows only to hold
 * one block (or one record of a long list), whatever the file's size.
 */
export class Window {
  /** Begins with SCRATCH_BYTES that are free for use. */
  buffer: Buffer;
  view: DataView;
  /** Place of the next byte to consume, and of the first that is not there. */
  at = SCRATCH_BYTES;
  end = SCRATCH_BYTES;
  /** Offset in the capture of what follows the scratch bytes. */
  #base = 0;
  readonly #limitBytes: number;

  /** `limitBytes`: the most that may wait to be consumed. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.buffer = Buffer.alloc(SCRATCH_BYTES);
    this.view = viewOf(this.buffer);
  }

  /** Offset of a place of the buffer in the capture. */
  offsetOf(at: number): number {
    return this.#base + at - SCRATCH_BYTES;
  }

  get offset(): number {
    return this.offsetOf(this.at);
  }

  /** Appends bytes; what was consumed makes room. Places in the buffer are no longer valid. */
  append(chunk: Buffer): void {
    const left = this.end - this.at;
    if (this.end + chunk.length > this.buffer.length) {
      const needed = SCRATCH_BYTES + left + chunk.length;
      if (needed > this.buffer.length) this.#grow(left, needed);
      else this.buffer.copyWithin(SCRATCH_BYTES, this.at, this.end);
      this.#base += this.at - SCRATCH_BYTES;
      this.at = SCRATCH_BYTES;
      this.end = SCRATCH_BYTES + left;
    }
    chunk.copy(this.buffer, this.end);
    this.end += chunk.length;
  }

  #grow(left: number, needed: number): void {
    if (left > this.#limitBytes) throw new Damage(`more than ${this.#limitBytes} bytes are needed at once`);
    const buffer = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(buffer, SCRATCH_BYTES, this.at, this.end);
    this.buffer = buffer;
    this.view = viewOf(buffer);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
