import type { ByteString } from '../events/bytestring.ts';
import type { BootTime, Unsigned64 } from '../events/event.ts';
import { latin1 } from '../lib/latin1.ts';
import { eventHeader, fileBlock, vstr } from './layout.gen.ts';
import { SHAPES } from './shape.ts';
import { TextCache } from './text-cache.ts';

const TWO_32 = 0x1_0000_0000;
/** Top half of the first number that a double does not hold exactly. */
const EXACT_HIGH = 0x20_0000;
const EMPTY = Buffer.alloc(0);

/**
 * The bytes of one record at a time, in a buffer that may hold many. `isWhole` has been true before anything else is
 * read: then no offset of the kind's struct and no string of it leaves the record.
 */
export class RecordBytes {
  buffer: Buffer = EMPTY;
  view: DataView = new DataView(EMPTY.buffer, EMPTY.byteOffset, 0);
  /** Where the record begins in the buffer, and its length. */
  start = 0;
  length = 0;
  /** Grows with every move: whoever keeps a decoded text compares it. */
  epoch = 0;
  #texts: TextCache | undefined;

  /** From here on equal texts are the same string. Worth its memory where many records are read. */
  keepTexts(): void {
    this.#texts ??= new TextCache();
  }

  attach(buffer: Buffer): void {
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.moveTo(0, 0);
  }

  moveTo(start: number, length: number): void {
    this.start = start;
    this.length = length;
    this.epoch++;
  }

  u8(at: number): number {
    return this.view.getUint8(this.start + at);
  }

  u16(at: number): number {
    return this.view.getUint16(this.start + at, true);
  }

  u32(at: number): number {
    return this.view.getUint32(this.start + at, true);
  }

  s32(at: number): number {
    return this.view.getInt32(this.start + at, true);
  }

  /** Exact below 2^53 either way. */
  s64(at: number): number {
    return this.view.getInt32(this.start + at + 4, true) * TWO_32 + this.view.getUint32(this.start + at, true);
  }

  /** As a double: see BootTime. */
  time(at: number): BootTime {
    return this.view.getUint32(this.start + at + 4, true) * TWO_32 + this.view.getUint32(this.start + at, true);
  }

  u64(at: number): Unsigned64 {
    const high = this.view.getUint32(this.start + at + 4, true);
    if (high >= EXACT_HIGH) return this.view.getBigUint64(this.start + at, true);
    return high * TWO_32 + this.view.getUint32(this.start + at, true);
  }

  big(at: number): bigint {
    return this.view.getBigUint64(this.start + at, true);
  }

  /** A vstr's text; undefined where there is none. */
  text(at: number): ByteString | undefined {
    const offset = this.u16(at + vstr.offset);
    if (offset === 0) return undefined;
    const length = this.u16(at + vstr.length);
    if (length === 0) return '';
    return this.#text(this.start + offset, length);
  }

  /** The same without its first `skip` bytes, of which it has as many. */
  textAfter(at: number, skip: number): ByteString {
    const from = this.start + this.u16(at + vstr.offset) + skip;
    return this.#text(from, this.u16(at + vstr.length) - skip);
  }

  /** NUL-padded text of a fixed width. */
  padded(at: number, width: number): ByteString {
    const from = this.start + at;
    let end = from;
    while (end < from + width && this.view.getUint8(end) !== 0) end++;
    return end === from ? '' : latin1(this.buffer, from, end);
  }

  /** `width` raw bytes. */
  raw(at: number, width: number): ByteString {
    const from = this.start + at;
    return latin1(this.buffer, from, from + width);
  }

  /** True when the record's kind is known and everything that it points at lies within it. */
  isWhole(): boolean {
    const shape = SHAPES[this.u16(eventHeader.kind)];
    if (shape === undefined || this.length < shape.structBytes) return false;
    for (let i = 0; i < shape.strings.length; i++) {
      const at = shape.strings[i] as number;
      const offset = this.u16(at + vstr.offset);
      if (offset === 0) continue;
      if (offset < shape.structBytes || offset + this.u16(at + vstr.length) > this.length) return false;
    }
    for (let i = 0; i < shape.files.length; i++) {
      const at = shape.files[i] as number;
      if (this.u16(at + fileBlock.pathRootOffset) > this.u16(at + fileBlock.path + vstr.length)) return false;
    }
    return true;
  }

  #text(from: number, length: number): ByteString {
    if (this.#texts === undefined) return latin1(this.buffer, from, from + length);
    return this.#texts.text(this.buffer, this.view, from, length);
  }
}
