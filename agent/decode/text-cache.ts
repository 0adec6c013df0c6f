import type { ByteString } from '../events/bytestring.ts';
import { latin1 } from '../lib/latin1.ts';

/** A power of two. What a busy node opens again and again fits; the bytes take 2 MiB. */
const PLACES = 8192;
/** Longer texts are rare and made anew. */
const TEXT_MAX = 256;
/** Texts up to this length are hashed whole. */
const SAMPLED = 32;

/**
 * Texts by their bytes, so that one that comes again is the same string and costs no memory: a hash and a comparison of
 * words are cheaper than a new string, and whoever looks the string up next finds its hash ready. A place holds the last
 * text that fell on it, so nothing that a hostile process writes makes a look-up longer.
 */
export class TextCache {
  readonly #kept = new DataView(new ArrayBuffer(PLACES * TEXT_MAX));
  readonly #texts: ByteString[] = new Array<ByteString>(PLACES).fill('');

  /** Text of the bytes from..from+length of a buffer, over which the view lies. Bounds are the caller's promise. */
  text(buffer: Buffer, view: DataView, from: number, length: number): ByteString {
    if (length < 4 || length > TEXT_MAX) return latin1(buffer, from, from + length);
    const place = hashOf(view, from, length) & (PLACES - 1);
    const known = this.#texts[place] as ByteString;
    if (known.length === length && this.#holds(place * TEXT_MAX, view, from, length)) return known;
    const made = latin1(buffer, from, from + length);
    this.#keep(place * TEXT_MAX, view, from, length);
    this.#texts[place] = made;
    return made;
  }

  #holds(at: number, view: DataView, from: number, length: number): boolean {
    const kept = this.#kept;
    const last = length - 4;
    for (let i = 0; i < last; i += 4) if (kept.getUint32(at + i) !== view.getUint32(from + i)) return false;
    return kept.getUint32(at + last) === view.getUint32(from + last);
  }

  #keep(at: number, view: DataView, from: number, length: number): void {
    const kept = this.#kept;
    const last = length - 4;
    for (let i = 0; i < last; i += 4) kept.setUint32(at + i, view.getUint32(from + i));
    kept.setUint32(at + last, view.getUint32(from + last));
  }
}

/** Of the length and the words of a text; of a long one, of its ends, which tell paths apart, and its middle. */
function hashOf(view: DataView, from: number, length: number): number {
  const last = from + length - 4;
  let hash = Math.imul(length ^ view.getUint32(last), 0x9e37_79b1);
  if (length <= SAMPLED) {
    for (let at = from; at < last; at += 4) hash = Math.imul(hash ^ view.getUint32(at), 0x85eb_ca6b) ^ (hash >>> 13);
  } else {
    const middle = from + (length >> 1);
    hash = Math.imul(hash ^ view.getUint32(last - 4), 0x85eb_ca6b) ^ (hash >>> 13);
    hash = Math.imul(hash ^ view.getUint32(last - 8), 0x85eb_ca6b) ^ (hash >>> 13);
    hash = Math.imul(hash ^ view.getUint32(last - 12), 0x85eb_ca6b) ^ (hash >>> 13);
    hash = Math.imul(hash ^ view.getUint32(middle), 0x85eb_ca6b) ^ (hash >>> 13);
    hash = Math.imul(hash ^ view.getUint32(middle - 4), 0x85eb_ca6b) ^ (hash >>> 13);
    hash = Math.imul(hash ^ view.getUint32(from + 4), 0x85eb_ca6b) ^ (hash >>> 13);
  }
  return hash ^ (hash >>> 16);
}
