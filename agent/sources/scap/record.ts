import type { ByteString } from '../../events/bytestring.ts';
import { latin1 } from '../../lib/latin1.ts';
import { Damage } from './damage.ts';
import type { Window } from './window.ts';

const TWO_32 = 0x1_0000_0000;

/** Reads one record of a list in order, and never beyond its end. */
export class Record {
  readonly #window: Window;
  at = 0;
  end = 0;

  constructor(window: Window) {
    this.#window = window;
  }

  open(at: number, end: number): Record {
    this.at = at;
    this.end = end;
    return this;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.#window.view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#window.view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#window.view.getUint32(this.#take(4), true);
  }

  /** As a double. */
  s64(): number {
    const at = this.#take(8);
    return this.#window.view.getInt32(at + 4, true) * TWO_32 + this.#window.view.getUint32(at, true);
  }

  u64(): bigint {
    return this.#window.view.getBigUint64(this.#take(8), true);
  }

  bytes(count: number): ByteString {
    const at = this.#take(count);
    return latin1(this.#window.buffer, at, at + count);
  }

  /** Text with its length before it, at most `limit` bytes. */
  text(limit: number, what: string): ByteString {
    const length = this.u16();
    if (length > limit) throw new Damage(`${what} has ${length} bytes, at most ${limit} are allowed`, this.#offset);
    return this.bytes(length);
  }

  get #offset(): number {
    return this.#window.offsetOf(this.at);
  }

  #take(count: number): number {
    const at = this.at;
    if (at + count > this.end) {
      throw new Damage(`a record needs ${count} more bytes and has ${this.end - at}`, this.#offset);
    }
    this.at = at + count;
    return at;
  }
}
