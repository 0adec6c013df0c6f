import type { ByteString } from '../../events/bytestring.ts';
import type { NameFacts } from '../../events/event.ts';
import { UNKNOWN_DIRECTORY } from '../../lib/path.ts';
import { AT_FDCWD, directoryOf, joinPath, type Moment } from './moment.ts';
import type { NamePlace } from './name-places.ts';

/** A path of the present event. */
export class ScapName implements NameFacts {
  readonly #moment: Moment;
  #place: NamePlace = { at: 0, directory: -1 };

  constructor(moment: Moment) {
    this.#moment = moment;
  }

  at(place: NamePlace): ScapName {
    this.#place = place;
    return this;
  }

  get raw(): ByteString | undefined {
    return this.#moment.frame.text(this.#place.at);
  }

  get dirFd(): number {
    const { directory } = this.#place;
    return directory < 0 ? AT_FDCWD : this.#moment.frame.s64(directory, AT_FDCWD);
  }

  get directory(): ByteString | undefined {
    if (this.#place.directory < -1) return UNKNOWN_DIRECTORY;
    const { thread } = this.#moment;
    return thread === undefined ? undefined : directoryOf(thread, this.dirFd);
  }

  get path(): ByteString | undefined {
    const { raw } = this;
    return raw === undefined ? undefined : joinPath(this.directory ?? UNKNOWN_DIRECTORY, raw);
  }
}
