import type { ByteString } from '../../events/bytestring.ts';
import type { FdType } from '../../events/event.ts';
import { normalisePath, UNKNOWN_DIRECTORY } from '../../lib/path.ts';
import type { CaptureState } from './capture-state.ts';
import { EventFrame } from './event-frame.ts';
import type { FdEntry } from './fd-entry.ts';
import type { ScapThread } from './thread.ts';

/** Falco's number for "the working directory". */
export const AT_FDCWD = -100;
const PATH_MAX = 1023;
const TOO_LONG = '/DIR_TOO_LONG/FILENAME_TOO_LONG';

/** The descriptor that the present event is about, as far as its effect on the state told it. */
export class FdAbout {
  /** The effect told it; else it follows from the event's parameters. */
  isTold = false;
  number = -1;
  entry: FdEntry | undefined;
  /** Name and path of what has no entry. */
  name: ByteString = '';
  rawName: ByteString = '';
  /** Type whose letter is shown without an entry. */
  guess: FdType = 'unknown';
  nameChanged = false;

  forget(): void {
    this.isTold = false;
    this.nameChanged = false;
  }

  tell(number: number, entry: FdEntry | undefined, guess: FdType = 'unknown'): void {
    this.isTold = true;
    this.number = number;
    this.entry = entry;
    this.name = '';
    this.rawName = '';
    this.guess = guess;
  }
}

/** The present event with the thread and the state that it belongs to: what effects work on. */
export class Moment {
  readonly state: CaptureState;
  frame: EventFrame = new EventFrame();
  /** undefined: the event has no thread, or one that is not kept. */
  thread: ScapThread | undefined;
  readonly fd = new FdAbout();
  /** Descriptor to drop when the event has been looked at. */
  closing: number | undefined;
  /** The thread ends with the event; its children go to this one, 0 = not told. */
  reaper: number | undefined;

  constructor(state: CaptureState) {
    this.state = state;
  }

  begin(frame: EventFrame, thread: ScapThread | undefined): void {
    this.frame = frame;
    this.thread = thread;
    this.fd.forget();
    this.closing = undefined;
    this.reaper = undefined;
  }
}

/** Brings the state up to an event of one code. */
export type Effect = (now: Moment, thread: ScapThread) => void;

/** Path of the directory that a name counts from, with a slash at its end; the text `<UNKNOWN>` where it is not known. */
export function directoryOf(thread: ScapThread, dirFd: number): ByteString {
  if (dirFd === AT_FDCWD) return thread.cwd;
  const entry = thread.fds.get(dirFd);
  if (entry === undefined) return UNKNOWN_DIRECTORY;
  return entry.name.endsWith('/') ? entry.name : `${entry.name}/`;
}

/** Absolute form of a name, from its directory; symbolic links are not followed. Bytes that do not print become dots. */
export function joinPath(directory: ByteString, name: ByteString): ByteString {
  const isAbsolute = name.charCodeAt(0) === 0x2f;
  if (!isAbsolute && directory.length + name.length > PATH_MAX) return TOO_LONG;
  const path = isAbsolute ? name : directory + name;
  const clean = path.charCodeAt(0) === 0x2f ? normalisePath(path) : path;
  return isPrintable(clean) ? clean : clean.replace(NOT_PRINTED, '.');
}

const NOT_PRINTED = /[^\x20-\x7e]/g;

export function isPrintable(text: ByteString): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** A name without its double slashes. */
export function singleSlashes(name: ByteString): ByteString {
  return name.includes('//') ? name.replace(/\/{2,}/g, '/') : name;
}
