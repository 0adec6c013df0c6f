import { constants, createGzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scapOptions } from '../../../agent/pipeline/scap.ts';
import { readScap } from '../../../agent/sources/scap/source.ts';
import { block, event, machine, s64, section } from '../../unit/sources/scap/support/capture-builder.ts';
import { isBeginning, readCapture, sample } from './support/read-capture.ts';

const TIME_MS = Number(process.env['FUZZ_MS'] ?? 1000);
const NAME = 'written-universal-pairs.scap';
const WORLD = { services: new Map<number, string>(), utcOffsetMinutes: () => 0 };
const MIB = 1024 * 1024;

async function* chunksOf(bytes: Buffer, size = 4096): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readGzip(chunks: AsyncIterable<Buffer>) {
  const events: string[] = [];
  const options = scapOptions(WORLD, ({ event, names }) => {
    events.push(`${event.timeNs} ${event.tid} ${event.type} ${event.argsText(names)}`);
  });
  const { error, capture } = await readScap(chunks, options);
  return { events, error, capture };
}

test('members that follow one another are one capture', async () => {
  const plain = sample(NAME);
  const members = [plain.subarray(0, 100), plain.subarray(100, 1000), plain.subarray(1000)].map((part) =>
    gzipSync(part),
  );
  const { events, error } = await readGzip(chunksOf(Buffer.concat(members), 50));
  expect(error).toBeUndefined();
  expect(events).toEqual(readCapture(plain).events);
});

test('a compressed capture that is cut or damaged gives what is before', async () => {
  const plain = sample(NAME);
  const whole = readCapture(plain).events;
  const packed = gzipSync(plain);
  const damage = fc.record({
    cut: fc.integer({ min: 2, max: packed.length }),
    at: fc.integer({ min: 2, max: packed.length - 1 }),
    bits: fc.integer({ min: 0, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ cut, at, bits }) => {
      const damaged = Buffer.from(packed.subarray(0, cut));
      if (at < cut) damaged[at] = (damaged[at] ?? 0) ^ bits;
      const { events, error } = await readGzip(chunksOf(damaged));
      const isWhole = cut === packed.length && bits === 0;
      if (isWhole) expect(error).toBeUndefined();
      if (cut < packed.length) expect(error?.message).toMatch(/\S/);
      // Bytes that unpack to others are found by what they say, or at the end by their checksum.
      if (bits === 0 || at >= cut) expect(isBeginning(events, whole)).toBe(true);
    }),
    { interruptAfterTimeLimit: TIME_MS, numRuns: 1000 },
  );
});

/** A stream of a beginning and then so many zero bytes, which take a thousandth. */
async function* bomb(head: Buffer, mib: number): AsyncGenerator<Buffer> {
  const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION });
  gzip.write(head);
  const zeros = Buffer.alloc(MIB);
  const feed = async (): Promise<void> => {
    for (let i = 0; i < mib; i++) {
      if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once('drain', resolve));
    }
    gzip.end();
  };
  void feed();
  for await (const chunk of gzip) yield chunk as Buffer;
}

test.each([
  ['a block of an unknown type that says it is as long', () => block(0x7777, Buffer.alloc(0)), 0x7777, 0x0fff_0000],
  ['a process list that says it is as long', () => block(0x215, Buffer.alloc(0)), 0x215, 0x0fff_0000],
  ['a large event that says it is as long', () => block(0x221, Buffer.alloc(0)), 0x221, 0x0fff_0000],
  ['no block at all', () => Buffer.alloc(0), 0, 0],
])('zeros that unpack to 256 MiB cost bounded memory: %s', async (_, start, type, length) => {
  const before = event({ code: 5, params: [s64(0), s64(1)] });
  const head = Buffer.concat([section(), machine(), ...(type === 0x215 ? [] : [before])]);
  const lying = start();
  if (lying.length > 0) {
    lying.writeUInt32LE(type, 0);
    lying.writeUInt32LE(length, 4);
  }
  const memoryBefore = process.memoryUsage().rss;
  let most = 0;
  const watch = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of bomb(Buffer.concat([head, lying.subarray(0, 8)]), 256)) {
      most = Math.max(most, process.memoryUsage().rss - memoryBefore);
      yield chunk;
    }
  };
  const { error, events } = await readGzip(watch());
  expect(error?.offset).toBeGreaterThanOrEqual(type === 0x215 ? head.length : head.length - before.length);
  expect(events).toHaveLength(type === 0x215 ? 0 : 1);
  expect(most).toBeLessThan(128 * MIB);
});
