import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blocksOf, isBeginning, readCapture, sample } from './support/read-capture.ts';

const TIME_MS = Number(process.env['FUZZ_MS'] ?? 1000);
/** Counted and uncounted events, old and new lists. */
const NAMES = ['written-universal-pairs.scap', 'written-exit-only.scap', 'falco-connect_localhost.scap'] as const;
const WHOLE = new Map(NAMES.map((name) => [name, sample(name)]));
const READINGS = new Map([...WHOLE].map(([name, bytes]) => [name, readCapture(bytes)]));
/** Blocks of events, and of events with flags. */
const EVENT_BLOCKS: ReadonlySet<number> = new Set([0x204, 0x208, 0x216, 0x217, 0x221, 0x222]);
const EXTREMES = [0, 1, 12, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff];

const bytesOf = (name: string): Buffer => WHOLE.get(name as (typeof NAMES)[number]) as Buffer;
const eventsOf = (name: string): readonly string[] => READINGS.get(name as (typeof NAMES)[number])?.events ?? [];

/** The capture with other bytes at some places. */
function changed(bytes: Buffer, write: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  write(copy);
  return copy;
}

describe.each(NAMES)('%s', (name) => {
  const bytes = bytesOf(name);
  const blocks = blocksOf(bytes);
  const firstEvent = blocks.find(({ type }) => EVENT_BLOCKS.has(type))?.at ?? 0;

  test('whole, it has events and no error', () => {
    expect(READINGS.get(name)?.error).toBeUndefined();
    expect(eventsOf(name).length).toBeGreaterThan(0);
  });

  test('cut between two blocks, everything before is given; that something is missing shows only before an event', () => {
    for (const { at } of blocks.slice(0, 300)) {
      const { events, error } = readCapture(bytes.subarray(0, at), 65_536, () => false);
      expect(isBeginning(events, eventsOf(name))).toBe(true);
      expect(error?.offset).toBe(at > firstEvent ? undefined : at);
    }
  });

  test('cut inside of a block, everything before is given and the block is named', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: bytes.length - 1 }), fc.integer({ min: 1, max: 5000 }), (cut, chunk) => {
        const block = blocks.findLast(({ at }) => at < cut);
        if (block === undefined || block.at + block.length === cut) return;
        const { events, error } = readCapture(bytes.subarray(0, cut), chunk, () => false);
        expect(error?.message).toMatch(/\S/);
        expect(error?.offset).toBeGreaterThanOrEqual(block.at);
        expect(error?.offset).toBeLessThanOrEqual(cut);
        expect(isBeginning(events, eventsOf(name))).toBe(true);
      }),
      { interruptAfterTimeLimit: TIME_MS, numRuns: 2000 },
    );
  });

  test('with flipped bytes it is read to an error or to its end, and events before the damage are the same', () => {
    const place = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 30 }), (places, step) => {
        const damaged = changed(bytes, (copy) => {
          for (const [at, bits] of places) copy[at] = (copy[at] ?? 0) ^ bits;
        });
        const { error, events } = readCapture(damaged, 4096, (at) => at % 31 === step);
        if (error !== undefined) expect(error.offset).toBeLessThanOrEqual(bytes.length);
        expect(Array.isArray(events)).toBe(true);
      }),
      { interruptAfterTimeLimit: TIME_MS, numRuns: 5000 },
    );
  });

  test.each(EXTREMES)('a block of length %i is an error at the block', (extreme) => {
    const first = blocks.findIndex(({ at }) => at >= firstEvent);
    const looked = [...blocks.slice(0, 6), ...blocks.slice(Math.max(6, first - 1), first + 12)];
    for (const { at, length } of looked) {
      if (extreme === length) continue;
      const damaged = changed(bytes, (copy) => copy.writeUInt32LE(extreme, at + 4));
      const { events, error } = readCapture(damaged, 65_536, () => false);
      expect(error?.offset).toBeGreaterThanOrEqual(at);
      expect(error?.offset).toBeLessThanOrEqual(bytes.length);
      expect(isBeginning(events, eventsOf(name))).toBe(true);
    }
  });

  test.each(EXTREMES)('numbers of an event that say %i leave nothing but an error or another event', (extreme) => {
    for (const { type, at } of blocks.filter(({ type }) => EVENT_BLOCKS.has(type)).slice(0, 30)) {
      const event = at + 10 + (type === 0x208 || type === 0x217 || type === 0x222 ? 4 : 0);
      // Length, number of parameters or the first lengths, more lengths.
      for (const place of [16, 22, 26, 28]) {
        const damaged = changed(bytes, (copy) => copy.writeUInt32LE(extreme, event + place));
        const { error } = readCapture(damaged, 65_536, (i) => i % 17 === 0);
        if (error !== undefined) expect(error.offset).toBeGreaterThanOrEqual(at);
      }
    }
  });

  test.each(EXTREMES)('records of lists that say %i bytes leave nothing but an error or other records', (extreme) => {
    for (const { at, length } of blocks.filter((block) => block.at < firstEvent && block.at > 0).slice(0, 12)) {
      for (let place = 8; place < Math.min(length - 4, 160); place += 7) {
        const damaged = changed(bytes, (copy) => copy.writeUInt32LE(extreme, at + place));
        const { error } = readCapture(damaged, 4096, (i) => i % 29 === 0);
        if (error !== undefined) expect(error.offset).toBeGreaterThanOrEqual(at);
      }
    }
  });
});

/** Codes whose parameters have lengths of four bytes. */
const WIDE: ReadonlySet<number> = new Set([322, 324, 402]);

test.each(NAMES.slice(0, 2))('%s: whatever the values of parameters are, it is read to its end', (name) => {
  const bytes = bytesOf(name);
  const places = blocksOf(bytes)
    .filter(({ type }) => EVENT_BLOCKS.has(type))
    .flatMap(({ type, at, length }) => {
      const start = at + 10 + (type === 0x217 || type === 0x222 ? 4 : 0);
      const wide = WIDE.has(bytes.readUInt16LE(start + 20));
      const values = start + 26 + bytes.readUInt32LE(start + 22) * (wide ? 4 : 2);
      return Array.from({ length: Math.max(0, at + length - 4 - values) }, (_, i) => values + i);
    });
  const change = fc.tuple(fc.constantFrom(...places), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 100 }), fc.integer({ min: 0, max: 6 }), (changes, step) => {
      const damaged = changed(bytes, (copy) => {
        for (const [at, value] of changes) copy[at] = value;
      });
      const { error } = readCapture(damaged, 65_536, (at) => at % 7 === step);
      expect(error).toBeUndefined();
    }),
    { interruptAfterTimeLimit: TIME_MS, numRuns: 5000 },
  );
});

test('what is no capture at all is an error at its beginning', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 4000 }), (noise) => {
      const { events, error } = readCapture(Buffer.from(noise), 512);
      expect(events).toEqual([]);
      expect(error?.offset).toBe(0);
    }),
    { interruptAfterTimeLimit: TIME_MS, numRuns: 500 },
  );
});
