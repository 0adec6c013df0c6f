import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amended, type EnvelopeBody, type FieldJson } from '../../../agent/events/alert.ts';
import type { Gap } from '../../../agent/events/gap.ts';
import { decodeEnvelope, encodeEnvelope, type Position } from '../../../proto/envelope.ts';
import { decodeHead, KIND_ALERT, KIND_GAP, KIND_HEARTBEAT, readOutput } from '../../../proto/head.ts';
import { fromInt64, fromUint64, toInt64 } from '../../../proto/int64.ts';
import { v1 } from '../../../proto/messages.ts';
import { fromValue, toValue } from '../../../proto/value.ts';
import { alertOf, bodyOf } from '../support/delivery.ts';

const position: Position = {
  agentId: 'node-1',
  bootId: 'boot-1',
  epoch: 2n ** 62n + 1n,
  sequence: 2 ** 40 + 1,
  previousHash: Buffer.alloc(32, 7),
};

function roundTrip(body: EnvelopeBody) {
  return decodeEnvelope(encodeEnvelope(position, body));
}

test('an alert comes back as it went', () => {
  const { body, ...rest } = roundTrip(bodyOf(1));
  expect(body).toEqual(bodyOf(1));
  expect(rest).toEqual(position);
});

test('an alert of defaults comes back as it went', () => {
  const { process: _, ...plain } = alertOf(0, {
    timeNs: 0n,
    rule: '',
    tags: [],
    output: '',
    outputFields: {},
    context: {},
    matched: [],
    ancestors: [],
    priority: 'Emergency',
  });
  expect(roundTrip({ type: 'alert', alert: plain }).body).toEqual({ type: 'alert', alert: plain });
});

test('an amendment comes back as it went, and changes what it names of its alert', () => {
  const amendment = {
    uuid: alertOf(1).uuid,
    revision: 2,
    timeNs: 5n,
    context: { 'container.id': 'c', 'container.privileged': true, 'k8s.ns.name': 'shop' },
  };
  expect(roundTrip({ type: 'amendment', amendment }).body).toEqual({ type: 'amendment', amendment });
  const before = alertOf(1, { outputFields: { 'container.id': null, 'fd.num': 1 }, context: { 'fd.num': 1 } });
  expect(amended(before, amendment)).toEqual({
    ...before,
    outputFields: { 'container.id': 'c', 'fd.num': 1 },
    context: { 'fd.num': 1, ...amendment.context },
  });
});

test('gaps and heartbeats come back as they went, absent members absent', () => {
  const least: Gap = { stage: 'spool', cause: 'spool-limit', fromNs: 1n, toNs: 2n, count: 3n };
  const most: Gap = {
    ...least,
    stage: 'kernel',
    kind: 'open',
    lane: 'bulk',
    cpu: 0,
    cgroupId: 0n,
    fromSequence: 0n,
    toSequence: 2n ** 64n - 1n,
  };
  const heartbeat = {
    timeNs: 5n,
    version: '0.1.0',
    ruleSetDigest: 'ab',
    hookPlan: 'syscall',
    kinds: ['open', 'exec'],
    produced: 2n ** 53n + 1n,
    lost: 0n,
  };
  expect(roundTrip({ type: 'gap', gap: least }).body).toEqual({ type: 'gap', gap: least });
  expect(roundTrip({ type: 'gap', gap: most }).body).toEqual({ type: 'gap', gap: most });
  expect(roundTrip({ type: 'heartbeat', heartbeat }).body).toEqual({ type: 'heartbeat', heartbeat });
});

test('the head is read without the rest', () => {
  const context = { 'k8s.ns.name': 'shop', 'proc.cmdline': 'k8s.ns.name=other', 'k8s.ns.namx': 'no', 'fd.num': 3 };
  const head = decodeHead(encodeEnvelope(position, bodyOf(3, { context })));
  const { uuid, timeNs, rule, source, hostname, tags } = alertOf(3);
  const own = { uuid, timeNs, rule, source, hostname, tags, priority: 5, namespace: 'shop' };
  expect(head).toEqual({ ...position, kind: KIND_ALERT, ...own });
});

test('an alert without a namespace, or with one that is no text, has none in its head', () => {
  for (const context of [{}, { 'k8s.ns.name': null }, { 'k8s.ns.name': 7 }, { 'k8s.ns.name': ['a'] }]) {
    expect(decodeHead(encodeEnvelope(position, bodyOf(3, { context }))).namespace).toBe('');
  }
});

test('the text line is read without the rest', () => {
  expect(readOutput(encodeEnvelope(position, bodyOf(3)))).toBe(alertOf(3).output);
  expect(readOutput(new Uint8Array())).toBe('');
});

test('the head of other records has defaults, and that of an alert without values too', () => {
  const gap: Gap = { stage: 'spool', cause: 'x', fromNs: 1n, toNs: 2n, count: 3n };
  expect(decodeHead(encodeEnvelope(position, { type: 'gap', gap }))).toMatchObject({
    kind: KIND_GAP,
    rule: '',
    tags: [],
  });
  const bare = v1.Envelope.encode({ alert: {} }).finish();
  expect(decodeHead(bare)).toMatchObject({ kind: KIND_ALERT, agentId: '', sequence: 0, priority: 0, timeNs: 0n });
  expect(decodeHead(v1.Envelope.encode({ heartbeat: {} }).finish()).kind).toBe(KIND_HEARTBEAT);
  expect(decodeHead(new Uint8Array()).kind).toBe(0);
});

test('the head of a record of a later version has its kind, and its body is unknown', () => {
  // Field 20, length-delimited, two bytes.
  const later = Buffer.concat([v1.Envelope.encode({ agentId: 'a' }).finish(), Buffer.from([0xa2, 0x01, 2, 8, 1])]);
  expect(decodeHead(later)).toMatchObject({ agentId: 'a', kind: 20 });
  expect(decodeEnvelope(later).body).toEqual({ type: 'unknown' });
});

test('bytes that are no envelope are refused, never half read', () => {
  const whole = encodeEnvelope(position, bodyOf(1));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: whole.length - 1 }), (length) => {
      const cut = whole.subarray(0, length);
      let kind: number | undefined;
      try {
        kind = decodeHead(cut).kind;
      } catch {
        return true;
      }
      // A cut between two fields leaves a smaller envelope, which has no body yet.
      return kind === 0;
    }),
  );
});

test('random bytes are refused or read, and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        return typeof decodeHead(bytes).sequence === 'number';
      } catch (error) {
        return error instanceof Error;
      }
    }),
    { numRuns: 2000 },
  );
});

const scalar: fc.Arbitrary<FieldJson> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noInteger: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).filter((value) => !Number.isSafeInteger(Number(value))),
  fc.boolean(),
  fc.constant(null),
);

test('every value of a field comes back with its type', () => {
  fc.assert(
    fc.property(fc.oneof(scalar, fc.array(scalar, { maxLength: 5 })), (value) => {
      const message = v1.Value.decode(v1.Value.encode(toValue(value)).finish());
      expect(fromValue(message)).toEqual(value);
    }),
  );
});

test('a bigint that a double holds exactly comes back as a number', () => {
  expect(fromValue(v1.Value.decode(v1.Value.encode(toValue(42n)).finish()))).toBe(42);
});

test('64-bit numbers pass the wire without loss', () => {
  for (const value of [0n, 1n, 2n ** 32n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
    expect(fromInt64(toInt64(value))).toBe(value);
    expect(fromInt64(toInt64(-value))).toBe(-value);
  }
  expect(fromUint64(toInt64(2n ** 64n - 1n))).toBe(2n ** 64n - 1n);
  expect([fromInt64(undefined), fromInt64(null), fromUint64(7)]).toEqual([0n, 0n, 7n]);
});

test('half a character anywhere does not make the bytes unreadable', () => {
  const half = 'a\ud800b';
  const entity = { pid: 1, startNs: 1n, name: half, exePath: half, cmdline: half };
  const fields = { [half]: half, list: [half] };
  const texts = { rule: half, hostname: half, output: half, tags: [half], matched: [half], source: half };
  const { body } = roundTrip(bodyOf(1, { ...texts, context: fields, outputFields: fields, process: entity }));
  expect(body.type === 'alert' && body.alert).toMatchObject({
    output: 'a\ufffdb',
    context: { 'a\ufffdb': 'a\ufffdb', list: ['a\ufffdb'] },
    process: { cmdline: 'a\ufffdb' },
  });
});
