import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBatchReader } from '../../../agent/decode/batch.ts';
import { KIND_STRUCT } from '../../../agent/decode/kinds.ts';
import { eventHeader, STRUCTS } from '../../../agent/decode/layout.gen.ts';
import type { Event, Names } from '../../../agent/events/event.ts';
import { EVENT_KINDS, type EventKind } from '../../../agent/events/kinds.ts';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { HOST } from '../../../agent/state/container-id.ts';
import { createProcessTable } from '../../../agent/state/process-table.ts';
import { buildRecord, type Members } from '../../unit/support/record-builder.ts';

const TIME_MS = Number(process.env['FUZZ_MS'] ?? 2000);
const ARGUMENTS = [undefined, 0, 1, 7, 'fd', 'name', 'res', 'src'];

/** Feeds one buffer through everything that reads records, and gives what was counted. */
function readEverything(buffer: Buffer, limitBytes = 100_000) {
  const reader = createBatchReader({ machine: 'x86_64', wallOffsetNs: 1n });
  const table = createProcessTable({ container: () => HOST, lookUp: () => undefined }, { limitBytes });
  const names: Names = { user: () => 'u', group: () => undefined, process: (pid) => table.byPid(pid)?.comm };
  let seen = 0;
  reader.forEach(buffer, (event: Event) => {
    seen++;
    const context = {
      event,
      process: table.apply(event),
      eventNumber: seen,
      processes: table,
      accounts: { user: () => undefined, group: () => 'g' },
      machine: { hostname: 'h', firstEventNs: 0n, utcOffsetMinutes: () => 0, service: () => undefined },
      names,
    };
    for (const field of catalogue.all()) {
      for (const argument of field.argument === undefined ? [undefined] : ARGUMENTS) {
        const value = field.get(context, argument);
        expect(['string', 'number', 'bigint', 'boolean', 'undefined', 'object', 'symbol']).toContain(typeof value);
      }
    }
    expect(reader.restore(reader.snapshot())?.kind).toBe(event.kind);
  });
  const tasks = createBatchReader({ machine: 'arm64', wallOffsetNs: 0n });
  tasks.forEachTask(buffer, (task) => expect(task.image.exe.path).toBeTypeOf('string'));
  expect(seen).toBe(reader.counts.events);
  expect(table.stats.bytes).toBeLessThanOrEqual(limitBytes);
  return reader.counts;
}

/** Bytes that begin as a record of this ABI does. */
const headed = fc
  .tuple(fc.constantFrom(...EVENT_KINDS), fc.uint8Array({ minLength: 600, maxLength: 1500 }))
  .map(([kind, noise]) => {
    const buffer = Buffer.from(noise);
    buildRecord(kind, {}).copy(buffer, 0, 0, eventHeader.timeNs);
    buffer.writeUInt32LE(buffer.length, eventHeader.length);
    return buffer;
  });

const scalar = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.integer({ min: 0, max: 5 }));
const text = fc.string({ unit: fc.constantFrom('/', '.', 'a', '\0', '\xff', ' ', ':'), maxLength: 40 });

function members(struct: keyof typeof STRUCTS): fc.Arbitrary<Members> {
  const shape: Record<string, readonly [number, string]> = STRUCTS[struct];
  const entries = Object.entries(shape)
    .filter(([name]) => !['abi', 'kind', 'length', 'pathRootOffset'].includes(name))
    .map(([name, [, type]]) => [name, member(type)] as const);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] }) as fc.Arbitrary<Members>;
}

function member(type: string): fc.Arbitrary<Members[string]> {
  if (type === 'vstr') return text;
  if (type in STRUCTS) return members(type as keyof typeof STRUCTS);
  const width = /^u8\[(\d+)\]$/.exec(type)?.[1];
  return width === undefined ? scalar : text.map((value) => value.slice(0, Number(width)));
}

const arbitraries = new Map<EventKind, fc.Arbitrary<Buffer>>(
  EVENT_KINDS.map((kind) => [
    kind,
    members(KIND_STRUCT[kind]).map(({ h, ...body }) => buildRecord(kind, (h as Members | undefined) ?? {}, body)),
  ]),
);
const whole = fc.constantFrom(...EVENT_KINDS).chain((kind) => arbitraries.get(kind) as fc.Arbitrary<Buffer>);

const mutated = fc
  .tuple(whole, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }))
  .map(([record, changes]) => {
    for (const [at, value] of changes) record[at % record.length] = value;
    return record;
  });

const run = { interruptAfterTimeLimit: TIME_MS, numRuns: 1_000_000 };
const limit = TIME_MS * 4 + 20_000;

test('random bytes never harm', { timeout: limit }, () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 800 }), (noise) => {
      readEverything(Buffer.from(noise));
    }),
    run,
  );
});

test('random bytes behind a right header never harm', { timeout: limit }, () => {
  fc.assert(
    fc.property(headed, (buffer) => {
      readEverything(buffer);
    }),
    run,
  );
});

test('every whole record is an event, whatever its values', { timeout: limit }, () => {
  fc.assert(
    fc.property(fc.array(whole, { maxLength: 5 }), (records) => {
      expect(readEverything(Buffer.concat(records))).toEqual({
        events: records.length,
        heartbeats: 0,
        malformed: 0,
        lostBytes: 0,
      });
    }),
    run,
  );
});

test('a changed record is an event or is counted', { timeout: limit }, () => {
  fc.assert(
    fc.property(mutated, (record) => {
      const { events, heartbeats, malformed, lostBytes } = readEverything(record);
      expect(events + heartbeats + malformed).toBeGreaterThan(0);
      expect(lostBytes).toBeLessThanOrEqual(record.length);
    }),
    run,
  );
});
