import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { catalogue } from '../../../../agent/fields/catalogue.ts';
import type { MatchContext } from '../../../../agent/fields/context.ts';
import { scapOptions } from '../../../../agent/pipeline/scap.ts';
import { ScapCapture } from '../../../../agent/sources/scap/capture.ts';
import type { ScapError } from '../../../../agent/sources/scap/damage.ts';

const FOLDER = new URL('../../../data/scap/samples/', import.meta.url);
const ARGUMENTS = [undefined, 0, 1, 7, 'fd', 'name', 'res', 'src'];
const WORLD = { services: new Map<number, string>(), utcOffsetMinutes: () => 0 };

/** A sample, unpacked. */
export function sample(name: string): Buffer {
  const bytes = readFileSync(new URL(name, FOLDER));
  return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
}

export interface Reading {
  /** What the events were, in order. */
  readonly events: readonly string[];
  readonly error: ScapError | undefined;
}

/** Reads a capture in chunks of a size and, of its events, every field; gives the events up to the end or the damage. */
export function readCapture(
  bytes: Buffer,
  chunkBytes = 65_536,
  fieldsOf: (place: number) => boolean = () => true,
): Reading {
  const events: string[] = [];
  const capture = new ScapCapture({
    ...scapOptions(WORLD, (context) => {
      if (fieldsOf(events.length)) readFields(context);
      const { event } = context;
      events.push(`${event.timeNs} ${event.tid} ${event.type} ${event.argsText(context.names)}`);
    }),
    blockLimitBytes: 1 << 20,
  });
  let error: ScapError | undefined;
  for (let at = 0; at < bytes.length && error === undefined; at += chunkBytes) {
    error = capture.push(bytes.subarray(at, at + chunkBytes));
  }
  error ??= capture.end();
  const { given, joined, internal } = capture.counts;
  const { events: read, unknownEvents } = capture.blocks;
  expect(given + joined + internal + unknownEvents).toBeGreaterThanOrEqual(read - 1);
  expect(given).toBeGreaterThanOrEqual(events.length);
  return { events, error };
}

function readFields(context: MatchContext): void {
  for (const field of catalogue.all()) {
    for (const argument of field.argument === undefined ? [undefined] : ARGUMENTS) field.get(context, argument);
  }
}

export interface BlockPlace {
  readonly type: number;
  readonly at: number;
  readonly length: number;
}

/** Every block of a whole capture. */
export function blocksOf(bytes: Buffer): BlockPlace[] {
  const blocks: BlockPlace[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    blocks.push({ type: bytes.readUInt32LE(at), at, length });
    at += length;
  }
  return blocks;
}

/** Whether one list is the beginning of another. */
export function isBeginning(part: readonly string[], whole: readonly string[]): boolean {
  return part.length <= whole.length && part.every((event, place) => event === whole[place]);
}
