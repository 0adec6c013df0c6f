import { SOURCE } from './conversions.gen.ts';
import { CONVERSIONS, type Conversion, FATE, FATES } from './conversions.ts';
import { Damage } from './damage.ts';
import { copyBytes, type EnterStore } from './enter-store.ts';
import type { EventFrame } from './event-frame.ts';
import { EVENTS, PARAMETER_COUNTS } from './event-table.ts';
import { SCRATCH_BYTES } from './window.ts';

const ROUNDS_MAX = 50;
const NO_ID = 0xffff_ffff;

/**
 * Brings events to their newest form, in place. Values that an event gets from its enter event, or that stand for what
 * is missing, are put into the free bytes at the beginning of the frame's buffer.
 */
export class Converter {
  /** Enter events that an exit event should have had, and that were not its own. */
  mismatches = 0;
  #scratch = 0;
  readonly #places = new Int32Array(64);
  readonly #sizes = new Int32Array(64);

  /** False when the event is not given out: it is an enter event, or nothing. Throws Damage. */
  convert(frame: EventFrame, enter: EnterStore | undefined): boolean {
    this.#scratch = 0;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { code } = frame;
      const fate = FATES[code];
      if (fate === FATE.deliver) return true;
      if (fate === FATE.drop) return false;
      if (fate === FATE.refuse) throw new Damage(`an old ${nameOf(code)} event cannot be converted`);
      const newest = PARAMETER_COUNTS[code] as number;
      // A newer library may have appended parameters that are not known here.
      if (frame.count > newest) frame.count = newest;
      if (fate === FATE.convertExit && frame.count === newest) return true;
      const conversion = CONVERSIONS[code]?.[frame.count];
      if (conversion === undefined) {
        throw new Damage(`a ${nameOf(code)} event has ${frame.count} parameters, which no version of it has`);
      }
      switch (conversion.action) {
        case 'store':
        case 'store_and_pass':
        case 'pass':
          enter?.keep(frame);
          return false;
        default:
          this.#rebuild(frame, conversion, enter);
      }
    }
    throw new Damage(`a ${nameOf(frame.code)} event is converted without end`);
  }

  #rebuild(frame: EventFrame, conversion: Conversion, enter: EnterStore | undefined): void {
    const { action, to, places, sources, indexes, defaults } = conversion;
    const usable = enter !== undefined && enter.code === frame.code - 1 ? enter : undefined;
    let used = false;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      const size = EVENTS[to]?.parameters[place]?.size ?? 0;
      const index = indexes[i] as number;
      const source = sources[i];
      if (source === SOURCE.old) {
        this.#put(i, frame.offsets[index] as number, cut(frame.lengths[index] as number, size));
      } else if (source === SOURCE.enter && usable !== undefined && index < usable.count) {
        used = true;
        const length = cut(usable.lengths[index] as number, size);
        this.#put(i, this.#copy(frame, usable.bytes, usable.offsets[index] as number, length), length);
      } else if (source === SOURCE.default || (source === SOURCE.enter && defaults[i] === 1)) {
        if (source === SOURCE.enter) this.mismatches++;
        this.#putDefault(frame, i, EVENTS[to]?.parameters[place]?.type ?? '', size);
      } else if (source === SOURCE.callback) {
        this.#putContainer(frame, i);
      } else {
        this.#put(i, 0, 0);
      }
    }
    if (used) enter?.forget();
    const first = action === 'add_params' ? frame.count : 0;
    for (let i = 0; i < places.length; i++) {
      frame.offsets[first + i] = this.#places[i] as number;
      frame.lengths[first + i] = this.#sizes[i] as number;
    }
    frame.count = first + places.length;
    frame.code = to;
  }

  #put(i: number, place: number, size: number): void {
    this.#places[i] = place;
    this.#sizes[i] = size;
  }

  /** Zero in the type's size. A descriptor stays empty: 0 would be a real one. */
  #putDefault(frame: EventFrame, i: number, type: string, size: number): void {
    if (size === 0 || type === 'FD' || type === 'FD32') {
      this.#put(i, 0, 0);
      return;
    }
    const at = this.#reserve(size);
    frame.buffer.fill(0, at, at + size);
    if (type === 'UID' || type === 'GID') frame.view.setUint32(at, NO_ID, true);
    this.#put(i, at, size);
  }

  /** The oldest container event has four values instead of a text in JSON. */
  #putContainer(frame: EventFrame, i: number): void {
    const text = (at: number) => {
      const from = frame.offsets[at] as number;
      return frame.buffer.toString('latin1', from, from + Math.max(0, (frame.lengths[at] as number) - 1));
    };
    const kind = frame.lengths[1] === 4 ? frame.view.getUint32(frame.offsets[1] as number, true) : 0;
    const value = { id: text(0), type: kind, name: text(2), image: text(3) };
    const bytes = Buffer.from(`${JSON.stringify(value)}\0`, 'latin1');
    this.#put(i, this.#copy(frame, bytes, 0, bytes.length), bytes.length);
  }

  #copy(frame: EventFrame, from: Buffer, at: number, length: number): number {
    const place = this.#reserve(length);
    copyBytes(from, at, frame.buffer, place, length);
    return place;
  }

  #reserve(size: number): number {
    const place = this.#scratch;
    if (place + size > SCRATCH_BYTES) throw new Damage('a converted event is too long');
    this.#scratch += size;
    return place;
  }
}

/** A value longer than its type is cut. */
function cut(length: number, size: number): number {
  return size > 0 && length > size ? size : length;
}

function nameOf(code: number): string {
  return EVENTS[code]?.name ?? String(code);
}
