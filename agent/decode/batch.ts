import type { Event, TaskFacts } from '../events/event.ts';
import { abi, eventHeader, eventKind } from './layout.gen.ts';
import { RecordCursor, type RecordOrigin } from './record-cursor.ts';

/** What was read, and what was not: records = events + heartbeats + malformed. */
export interface DecodeCounts {
  events: number;
  heartbeats: number;
  /** Records of another ABI or an unknown kind, or that point outside of themselves. */
  malformed: number;
  /** Bytes at the end of a batch that could not be told apart into records. */
  lostBytes: number;
}

/** Reads batches of records, back to back in a buffer, with one cursor that is moved from record to record. */
export interface BatchReader {
  readonly counts: Readonly<DecodeCounts>;
  /** Calls `visit` for each event in order. The event is valid during the call only, and nothing of it is kept. */
  forEach(buffer: Buffer, visit: (event: Event) => void): void;
  /** The same for the records of the task iterator. */
  forEachTask(buffer: Buffer, visit: (task: TaskFacts) => void): void;
  /** Copy of the bytes of the event that is being visited. */
  snapshot(): Buffer;
  /** An event over kept bytes (of `snapshot`), with a cursor of its own; undefined when they are no whole event. */
  restore(bytes: Buffer): Event | undefined;
}

/** A reader for records of one origin. One visit at a time: it is not re-entrant. */
export function createBatchReader(origin: RecordOrigin): BatchReader {
  const cursor = new RecordCursor(origin);
  cursor.bytes.keepTexts();
  const counts: DecodeCounts = { events: 0, heartbeats: 0, malformed: 0, lostBytes: 0 };

  /** Moves over every record of the buffer; `visit` sees those that are whole. */
  const walk = (buffer: Buffer, visit: (code: number) => void): void => {
    cursor.bytes.attach(buffer);
    let at = 0;
    while (at < buffer.length) {
      const length = recordLength(cursor, at, buffer.length);
      if (length === 0) {
        counts.malformed++;
        counts.lostBytes += buffer.length - at;
        return;
      }
      cursor.moveTo(at, length);
      if (cursor.bytes.u16(eventHeader.abi) === abi.version && cursor.bytes.isWhole()) visit(cursor.code);
      else counts.malformed++;
      at += length;
    }
  };

  return {
    counts,
    forEach: (buffer, visit) =>
      walk(buffer, (code) => {
        if (code === eventKind.heartbeat) {
          counts.heartbeats++;
        } else if (code === eventKind.task) {
          counts.malformed++;
        } else {
          counts.events++;
          visit(cursor);
        }
      }),
    forEachTask: (buffer, visit) =>
      walk(buffer, (code) => {
        if (isTask(cursor, code)) visit(cursor);
        else counts.malformed++;
      }),
    snapshot: () => cursor.snapshot(),
    restore: (bytes) => restoreEvent(origin, bytes),
  };
}

/** Length of the record at this place; 0 when no record can begin here. */
function recordLength(cursor: RecordCursor, at: number, end: number): number {
  if (end - at < eventHeader.structBytes) return 0;
  const length = cursor.bytes.view.getUint32(at + eventHeader.length, true);
  return length < eventHeader.structBytes || length > end - at ? 0 : length;
}

function isTask(cursor: RecordCursor, code: number): cursor is RecordCursor & TaskFacts {
  return code === eventKind.task && cursor.image !== undefined;
}

function restoreEvent(origin: RecordOrigin, bytes: Buffer): Event | undefined {
  const cursor = new RecordCursor(origin);
  cursor.bytes.attach(bytes);
  if (recordLength(cursor, 0, bytes.length) !== bytes.length) return undefined;
  cursor.moveTo(0, bytes.length);
  const isEvent = cursor.bytes.u16(eventHeader.abi) === abi.version && cursor.bytes.isWhole();
  return isEvent && cursor.kind !== undefined ? cursor : undefined;
}
