import type { ByteString } from '../../events/bytestring.ts';
import { latin1 } from '../../lib/latin1.ts';
import type { BlockType } from './block-types.ts';
import { Damage } from './damage.ts';
import { EVENTS, PARAMETER_COUNTS, WIDE_LENGTHS } from './event-table.ts';
import type { Window } from './window.ts';

const TWO_32 = 0x1_0000_0000;
const SHORT_HEADER = 22;
const HEADER = 26;
/** More than any event has or, by the format, may have: 32. */
const PARAMETERS_MAX = 64;
/** Old notification and infra events: their length counts three bytes that are not there. */
const COUNTED_TOO_LONG = [280, 286];

/**
 * Where one event's parts are. `read` checks that all of it lies within its block, so that nothing else need check.
 * Places are valid until the window moves.
 */
export class EventFrame {
  view: DataView = new DataView(new ArrayBuffer(0));
  buffer: Buffer = Buffer.alloc(0);
  /** Where the event begins. */
  at = 0;
  cpu = 0;
  /** Bit 0: it only changes state and is not to be shown. */
  flags = 0;
  tid = 0;
  code = 0;
  /** How many parameters the event has. */
  count = 0;
  /** Of each parameter: where its bytes are, and how many. */
  readonly offsets: Int32Array = new Int32Array(PARAMETERS_MAX);
  readonly lengths: Int32Array = new Int32Array(PARAMETERS_MAX);

  /** Stands on the event of the block with its body at these places; false for an event code that is not known. */
  read(window: Window, type: BlockType, body: number, end: number): boolean {
    const view = window.view;
    this.view = view;
    this.buffer = window.buffer;
    const at = body + (type.flags ? 6 : 2);
    if (end - at < SHORT_HEADER) throw new Damage(`an event needs ${SHORT_HEADER} bytes, its block has ${end - at}`);
    this.cpu = view.getUint16(body, true);
    this.flags = type.flags ? view.getUint32(body + 2, true) : 0;
    this.at = at;
    this.tid = view.getInt32(at + 12, true) * TWO_32 + view.getUint32(at + 8, true);
    const length = view.getUint32(at + 16, true);
    const code = view.getUint16(at + 20, true);
    this.code = code;
    if (length > end - at) throw new Damage(`an event of ${length} bytes is in a block with room for ${end - at}`);
    if (code >= EVENTS.length) return false;
    if (type.version === 2) this.#readCounted(view, at, length, code);
    else this.#readUncounted(view, at, length, code);
    return true;
  }

  /** Nanoseconds since 1970. */
  get timeNs(): bigint {
    return this.view.getBigUint64(this.at, true);
  }

  /** The same, rounded to about 256 ns. */
  get time(): number {
    return this.view.getUint32(this.at + 4, true) * TWO_32 + this.view.getUint32(this.at, true);
  }

  /** A number of eight bytes, exact below 2^53; `missing` where the event has none of that size. */
  s64(place: number, missing: number): number {
    if (place >= this.count || this.lengths[place] !== 8) return missing;
    const at = this.offsets[place] as number;
    return this.view.getInt32(at + 4, true) * TWO_32 + this.view.getUint32(at, true);
  }

  /** The first parameter as a return value: of four or eight bytes. */
  result(): number | undefined {
    if (this.count === 0) return undefined;
    const at = this.offsets[0] as number;
    switch (this.lengths[0]) {
      case 4:
        return this.view.getInt32(at, true);
      case 8:
        return this.view.getInt32(at + 4, true) * TWO_32 + this.view.getUint32(at, true);
      default:
        return undefined;
    }
  }

  u64(place: number): bigint {
    if (place >= this.count || this.lengths[place] !== 8) return 0n;
    return this.view.getBigUint64(this.offsets[place] as number, true);
  }

  u32(place: number, missing: number): number {
    if (place >= this.count || this.lengths[place] !== 4) return missing;
    return this.view.getUint32(this.offsets[place] as number, true);
  }

  /** A number of one, two or four bytes. */
  number(place: number, missing: number): number {
    if (place >= this.count) return missing;
    const at = this.offsets[place] as number;
    switch (this.lengths[place]) {
      case 1:
        return this.view.getUint8(at);
      case 2:
        return this.view.getUint16(at, true);
      case 4:
        return this.view.getUint32(at, true);
      default:
        return missing;
    }
  }

  /** Text without its final NUL; undefined where it is missing. */
  text(place: number): ByteString | undefined {
    if (place >= this.count) return undefined;
    const length = this.lengths[place] as number;
    if (length === 0) return undefined;
    const at = this.offsets[place] as number;
    const end = this.buffer[at + length - 1] === 0 ? at + length - 1 : at + length;
    return end === at ? '' : latin1(this.buffer, at, end);
  }

  /** All bytes; '' where it is missing. */
  bytes(place: number): ByteString {
    if (place >= this.count) return '';
    const at = this.offsets[place] as number;
    return latin1(this.buffer, at, at + (this.lengths[place] as number));
  }

  #readCounted(view: DataView, at: number, length: number, code: number): void {
    if (length < HEADER) throw new Damage(`an event of ${length} bytes is shorter than its header of ${HEADER}`);
    const count = view.getUint32(at + 22, true);
    const wide = WIDE_LENGTHS[code] !== 0;
    const values = HEADER + count * (wide ? 4 : 2);
    if (count > PARAMETERS_MAX || values > length) {
      throw new Damage(`an event of ${length} bytes says that it has ${count} parameters`);
    }
    this.count = count;
    const end = at + length;
    let from = at + values;
    for (let i = 0; i < count; i++) {
      const size = wide ? view.getUint32(at + HEADER + i * 4, true) : view.getUint16(at + HEADER + i * 2, true);
      this.offsets[i] = from;
      this.lengths[i] = size;
      from += size;
      if (from > end) throw new Damage(`parameter ${i} of an event has ${size} bytes and leaves the event`);
    }
  }

  /** How many parameters there are follows from the lengths: the first that together fill the event. */
  #readUncounted(view: DataView, at: number, stated: number, code: number): void {
    const length = COUNTED_TOO_LONG.includes(code) ? stated - 3 : stated;
    if (length < SHORT_HEADER) throw new Damage(`an event of ${stated} bytes is shorter than its header`);
    for (let count = PARAMETER_COUNTS[code] as number; count >= 0; count--) {
      if (this.#fill(view, at, length, count)) return;
    }
    throw new Damage(`no number of parameters fits an event of ${length} bytes`);
  }

  #fill(view: DataView, at: number, length: number, count: number): boolean {
    let from = SHORT_HEADER + count * 2;
    if (from > length) return false;
    for (let i = 0; i < count; i++) {
      const size = view.getUint16(at + SHORT_HEADER + i * 2, true);
      this.offsets[i] = at + from;
      this.lengths[i] = size;
      from += size;
      if (from > length) return false;
    }
    this.count = count;
    return from === length;
  }
}
