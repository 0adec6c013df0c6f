import { describe, expect, it } from 'vitest';
import { block, cstr, event, eventBytes, machine, s16, s64, section, u8, u16, u32 } from './support/capture-builder.ts';
import { readBlocks } from './support/read.ts';

const close = (fd: number) => event({ code: 5, params: [s64(0), s64(fd)] });
const start = () => [section(), machine()];
const joined = (...parts: readonly Buffer[]) => Buffer.concat(parts);

describe('blocks of a capture', () => {
  it('gives events with their header and the bytes of their parameters', () => {
    const file = joined(...start(), event({ code: 5, tid: 7, cpu: 3, timeNs: 5n, params: [s64(0), s64(9)] }));
    const { events, error } = readBlocks(file);
    expect(error).toBeUndefined();
    const latin1 = (bytes: Buffer) => bytes.toString('latin1');
    expect(events).toEqual([
      { code: 5, tid: 7, cpu: 3, flags: 0, timeNs: 5n, params: [latin1(s64(0)), latin1(s64(9))] },
    ]);
  });

  it('reads the same whatever the chunks are', () => {
    const file = joined(
      ...start(),
      close(1),
      event({ code: 307, params: [s64(3), s64(-100), cstr('/etc/passwd')] }),
      close(2),
    );
    const whole = readBlocks(file);
    for (const size of [1, 2, 3, 7, 12, 100]) expect(readBlocks(file, size)).toEqual(whole);
  });

  it.each([
    ['plain, counted', {}],
    ['plain, not counted', { version: 1 as const }],
    ['with flags, counted', { flags: 1 }],
    ['with flags, not counted', { flags: 1, version: 1 as const }],
    ['large', { large: true }],
    ['large with flags', { large: true, flags: 1 }],
  ])('reads an event block that is %s', (_, parts) => {
    const { events, error } = readBlocks(joined(...start(), event({ code: 5, params: [s64(0), s64(4)], ...parts })));
    expect(error).toBeUndefined();
    expect(events[0]?.params).toHaveLength(2);
    expect(events[0]?.flags).toBe('flags' in parts ? 1 : 0);
  });

  it('reads the numbers that early writers gave to event blocks', () => {
    const file = joined(
      ...start(),
      block(0x8010abcd, u16(0), eventBytes({ code: 5, version: 1, params: [s64(0), s64(4)] })),
    );
    expect(readBlocks(file).events).toHaveLength(1);
  });

  it('recovers the number of parameters of old events from their lengths', () => {
    const { events } = readBlocks(joined(...start(), event({ code: 5, version: 1, params: [s64(0)] })));
    expect(events[0]?.params).toHaveLength(1);
  });

  it('reads lengths of four bytes for the events that have them', () => {
    const json = cstr(`{"container":{"id":"${'a'.repeat(70_000)}"}}`);
    const { events, error } = readBlocks(joined(...start(), event({ code: 324, large: true, params: [json] })));
    expect(error).toBeUndefined();
    expect(events[0]?.params[0]).toHaveLength(json.length);
  });

  it('passes over options after an event and in a section header', () => {
    const file = joined(
      section(2, Buffer.alloc(40)),
      event({ code: 5, params: [s64(0)], options: Buffer.alloc(20) }),
      close(1),
    );
    const { events, error } = readBlocks(file);
    expect(error).toBeUndefined();
    expect(events).toHaveLength(2);
  });

  it('skips and counts unknown blocks and event codes, before and after events', () => {
    const unknown = block(0x7777, Buffer.alloc(500));
    const file = joined(section(), unknown, close(1), unknown, event({ code: 999 }), close(2));
    const { events, stats, error } = readBlocks(file, 64);
    expect(error).toBeUndefined();
    expect(events).toHaveLength(2);
    expect(stats).toMatchObject({ unknownBlocks: 2, unknownEvents: 1, events: 3 });
  });

  it('reads sections that follow one another', () => {
    const { stats, events } = readBlocks(joined(...start(), close(1), ...start(), close(2)));
    expect(stats.sections).toBe(2);
    expect(events).toHaveLength(2);
  });

  it('reads interfaces, users and groups in both versions', () => {
    const address = [Buffer.from([10, 0, 0, 1]), Buffer.from([255, 0, 0, 0]), Buffer.from([10, 255, 255, 255])];
    const v4 = joined(u16(1), u16(3), ...address, s64(5), Buffer.from('eth'));
    const v6 = joined(u16(4), u16(2), Buffer.alloc(48, 1), Buffer.from('lo'));
    const user = joined(u8(0), u32(7), u32(8), s16('bob'), s16('/home/bob'), s16('/bin/sh'));
    const group = joined(u8(1), u32(9), s16('wheel'));
    const counted = (...records: Buffer[]) => records.flatMap((record) => [u32(record.length + 4), record]);
    const uncounted = joined(section(), block(0x205, v4, v6), block(0x206, user, group), close(1));
    const withCounts = joined(
      section(),
      block(0x219, u32(v4.length), v4, u32(v6.length), v6),
      block(0x220, ...counted(user, group)),
      close(1),
    );
    for (const file of [uncounted, withCounts]) {
      const { interfaces, users, groups, error } = readBlocks(file, 50);
      expect(error).toBeUndefined();
      expect(interfaces).toEqual([
        { name: 'eth', address: '\x0a\0\0\x01', netmask: '\xff\0\0\0' },
        { name: 'lo', address: '\x01'.repeat(16), netmask: '\x01'.repeat(16) },
      ]);
      expect(users).toEqual([{ uid: 7, gid: 8, name: 'bob', home: '/home/bob', shell: '/bin/sh' }]);
      expect(groups).toEqual([{ gid: 9, name: 'wheel' }]);
    }
  });
});

describe('damaged captures', () => {
  const good = joined(...start(), close(1));

  it.each([
    ['a file that is no capture', Buffer.from('not a capture at all'), 0, /begins with 0x20746f6e/],
    ['no event', joined(...start()), 28 + 192, /before its first event/],
    ['a big-endian capture', block(0x0a0d0d0a, u32(0x4d3c2b1a), Buffer.alloc(12)), 0, /big-endian/],
    ['another magic number', block(0x0a0d0d0a, u32(1), Buffer.alloc(12)), 0, /magic number/],
    ['a newer format', block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(2), u16(0), s64(-1)), 0, /format version 2/],
    ['stray bytes', joined(good, Buffer.alloc(5)), good.length, /ends with 5 bytes/],
    ['a block of length 0', joined(good, u32(0x216), u32(0), Buffer.alloc(20)), good.length, /0 bytes/],
    ['an unknown block of length 0', joined(good, u32(0x777), u32(0), Buffer.alloc(20)), good.length, /0 bytes/],
    ['an event block of 2^32-1 bytes', joined(good, u32(0x216), u32(-1), Buffer.alloc(20)), good.length, /4294967295/],
    ['a large one of 2^32-1 bytes', joined(good, u32(0x221), u32(-1), Buffer.alloc(20)), good.length, /4294967295/],
    ['an unknown one of 2^32-1 bytes', joined(good, u32(0x777), u32(-1), Buffer.alloc(20)), good.length, /inside of a/],
    ['a process list after an event', joined(good, block(0x215)), good.length, /follows an event/],
    ['another length at the end', joined(section(), block(0x777).fill(1, 8)), 28, /ends with 16843009/],
    ['a process record too long', joined(section(), block(0x215, u32(-1))), 36, /4294967295 bytes, 4 are left/],
    ['a process record too short', joined(section(), block(0x215, u32(3))), 36, /says 3 bytes/],
    ['a descriptor of an unknown kind', joined(section(), block(0x203, s64(1), s64(1), s64(1), u8(99))), 28, /kind 99/],
  ])('names what is wrong and where: %s', (_, file, offset, message) => {
    for (const size of [file.length, 5]) {
      const { error } = readBlocks(file, size);
      expect(error?.message).toMatch(message);
      expect(error?.offset).toBe(offset);
    }
  });

  it.each([
    ['no room for its header', block(0x216, u16(0), Buffer.alloc(8)), /needs 22 bytes/],
    [
      'a length beyond its block',
      block(0x216, u16(0), s64(1), s64(1), u32(99), u16(5), u32(0)),
      /99 bytes is in a block/,
    ],
    ['a length of 0', block(0x216, u16(0), s64(1), s64(1), u32(0), u16(5), u32(0)), /shorter than its header/],
    ['more parameters than bytes', block(0x216, u16(0), s64(1), s64(1), u32(26), u16(5), u32(-1)), /4294967295 param/],
    [
      'a parameter that leaves it',
      block(0x216, u16(0), s64(1), s64(1), u32(28), u16(5), u32(1), u16(9)),
      /leaves the event/,
    ],
    [
      'lengths that do not add up',
      block(0x204, u16(0), s64(1), s64(1), u32(24), u16(5), u16(9)),
      /no number of parameters/,
    ],
  ])('refuses an event with %s', (_, bad, message) => {
    const { error, events } = readBlocks(joined(good, bad, close(2)));
    expect(error).toMatchObject({ message: expect.stringMatching(message), offset: good.length });
    expect(events).toHaveLength(1);
  });

  it('gives every whole block before a cut', () => {
    const file = joined(...start(), close(1), close(2), close(3));
    for (let length = 0; length < file.length; length++) {
      const { error, events } = readBlocks(file.subarray(0, length));
      const eventBytesRead = Math.max(0, length - (28 + 192));
      expect(events).toHaveLength(Math.floor(eventBytesRead / close(1).length));
      const isBetween = eventBytesRead > 0 && eventBytesRead % close(1).length === 0;
      expect(error === undefined).toBe(isBetween);
    }
  });
});
