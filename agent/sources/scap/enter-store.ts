import type { ByteString } from '../../events/bytestring.ts';
import { latin1 } from '../../lib/latin1.ts';
import type { EventFrame } from './event-frame.ts';

const EMPTY = Buffer.alloc(0);
/** Parameters of an enter event that are kept: more than any has. */
const KEPT_MAX = 16;
/** No enter event of use is longer: two paths. A longer one counts as lost. */
const BYTES_MAX = 16 * 1024;
/** Below this a loop is faster than a call into native code. */
const LOOP_BYTES = 48;

/** How many bytes all stores together may hold. */
export class EnterBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** The last enter event of one thread, kept until its exit event comes. */
export class EnterStore {
  readonly #budget: EnterBudget;
  /** -1 = none. */
  code = -1;
  count = 0;
  /** Time of the event, ns since 1970, in two halves. */
  timeLow = 0;
  timeHigh = 0;
  bytes: Buffer = EMPTY;
  /** In `bytes`. */
  readonly offsets: Int32Array = new Int32Array(KEPT_MAX);
  readonly lengths: Int32Array = new Int32Array(KEPT_MAX);

  constructor(budget: EnterBudget) {
    this.#budget = budget;
  }

  keep(frame: EventFrame): void {
    const count = Math.min(frame.count, KEPT_MAX);
    const first = count === 0 ? 0 : (frame.offsets[0] as number);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const length = frame.lengths[i] as number;
      this.offsets[i] = total;
      this.lengths[i] = length;
      total += length;
    }
    this.code = total > BYTES_MAX ? -1 : frame.code;
    this.timeLow = frame.view.getUint32(frame.at, true);
    this.timeHigh = frame.view.getUint32(frame.at + 4, true);
    if (this.code < 0) return;
    this.count = count;
    if (total > this.bytes.length && !this.#grow(total)) return;
    copyBytes(frame.buffer, first, this.bytes, 0, total);
  }

  /** When the last enter event was, also when it is used up. */
  get timeNs(): bigint {
    return (BigInt(this.timeHigh) << 32n) | BigInt(this.timeLow);
  }

  /** Text without its final NUL; undefined where it is missing. */
  text(place: number): ByteString | undefined {
    if (place >= this.count) return undefined;
    const length = this.lengths[place] as number;
    if (length === 0) return undefined;
    const at = this.offsets[place] as number;
    return latin1(this.bytes, at, this.bytes[at + length - 1] === 0 ? at + length - 1 : at + length);
  }

  s64(place: number, missing: number): number {
    if (place >= this.count || this.lengths[place] !== 8) return missing;
    const at = this.offsets[place] as number;
    return this.bytes.readInt32LE(at + 4) * 0x1_0000_0000 + this.bytes.readUInt32LE(at);
  }

  u32(place: number, missing: number): number {
    if (place >= this.count || this.lengths[place] !== 4) return missing;
    return this.bytes.readUInt32LE(this.offsets[place] as number);
  }

  forget(): void {
    this.code = -1;
  }

  /** The thread is no more. */
  release(): void {
    this.#budget.give(this.bytes.length);
    this.bytes = EMPTY;
    this.code = -1;
  }

  #grow(needed: number): boolean {
    const size = Math.max(32, needed);
    if (!this.#budget.take(size - this.bytes.length)) {
      this.code = -1;
      return false;
    }
    this.bytes = Buffer.allocUnsafeSlow(size);
    return true;
  }
}

/** Copies bytes from one buffer to another. */
export function copyBytes(from: Buffer, at: number, to: Buffer, place: number, length: number): void {
  if (length > LOOP_BYTES) {
    from.copy(to, place, at, at + length);
    return;
  }
  for (let i = 0; i < length; i++) to[place + i] = from[at + i] as number;
}
