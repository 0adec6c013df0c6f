import type { ByteString } from '../events/bytestring.ts';
import type { NameFacts } from '../events/event.ts';
import { resolvePath } from '../lib/path.ts';
import type { RecordBytes } from './record-bytes.ts';

/** Where a kind keeps a path argument: the name, its directory and its directory descriptor (0 = it has none). */
export interface NamePlace {
  readonly name: number;
  readonly directory: number;
  readonly dirFd: number;
}

/** Falco's number for "the working directory". */
export const AT_FDCWD = -100;

/** Resolved names that are kept; then all are forgotten. */
const RESOLVED_MAX = 4096;

/** What a name last came to, and from which directory. */
interface Resolved {
  directory: ByteString | undefined;
  path: ByteString;
}

/** A path argument of the record that the cursor stands on. */
export class NameView implements NameFacts {
  readonly #record: RecordBytes;
  #place: NamePlace = { name: 0, directory: 0, dirFd: 0 };
  #path: ByteString | undefined;
  #pathEpoch = -1;
  readonly #resolved = new Map<ByteString, Resolved>();

  constructor(record: RecordBytes) {
    this.#record = record;
  }

  at(place: NamePlace): NameView {
    if (this.#place !== place) this.#pathEpoch = -1;
    this.#place = place;
    return this;
  }

  get raw(): ByteString | undefined {
    return this.#record.text(this.#place.name);
  }

  get dirFd(): number {
    return this.#place.dirFd === 0 ? AT_FDCWD : this.#record.s32(this.#place.dirFd);
  }

  get directory(): ByteString | undefined {
    return this.#place.directory === 0 ? undefined : this.#record.text(this.#place.directory);
  }

  get path(): ByteString | undefined {
    if (this.#pathEpoch !== this.#record.epoch) {
      const raw = this.raw;
      this.#path = raw === undefined ? undefined : this.#resolve(raw, this.directory);
      this.#pathEpoch = this.#record.epoch;
    }
    return this.#path;
  }
  /** The same names come again and again; texts are the same strings then, so comparing them is cheap. */
  #resolve(raw: ByteString, directory: ByteString | undefined): ByteString {
    const known = this.#resolved.get(raw);
    if (known !== undefined && known.directory === directory) return known.path;
    const path = resolvePath(directory, raw);
    if (known === undefined) {
      if (this.#resolved.size >= RESOLVED_MAX) this.#resolved.clear();
      this.#resolved.set(raw, { directory, path });
    } else {
      known.directory = directory;
      known.path = path;
    }
    return path;
  }
}
