import { expect, test } from 'vitest';
import { compareDecoded, decodeRecord } from '../../kernel/support/decoded.ts';
import { compare, parseTestimonies } from '../../kernel/support/testimony.ts';
import { buildRecord } from './record-builder.ts';

const hex = (text: string) => `{"bytes":"${Buffer.from(text, 'latin1').toString('hex')}"}`;

const SAID = {
  'h.result': '3',
  'h.vpid': '7',
  'h.comm': hex('victim'),
  'h.pidStartTicks': '123',
  dirfd: '-100',
  flags: '577',
  name: hex('a\nname'),
  dirPath: 'null',
  'file.path': hex('/tmp/a\nname'),
  'file.inode': '9223372036854775809',
  'file.ctimeNs': '1795838227977520102',
};

const RECORD = buildRecord(
  'open',
  { syscall: 257, result: 3, vpid: 7, vtid: 7, comm: 'victim', pidStartNs: 1_234_567_890n, lane: 2 },
  {
    dirfd: -100,
    flags: 577,
    name: 'a\nname',
    file: {
      mode: 0o100644,
      path: '/tmp/a\nname',
      inode: 9_223_372_036_854_775_809n,
      ctimeNs: 1_795_838_227_977_520_102n,
    },
  },
);

function said(change: Readonly<Record<string, string>> = {}) {
  const members = Object.entries({ ...SAID, ...change }).map(([key, value]) => `"${key}":${value}`);
  const [testimony] = parseTestimonies(`{"kind":"open","call":"openat",${members.join(',')}}\n`);
  if (testimony === undefined) throw new Error('no testimony');
  return testimony;
}

test('a record that says the same differs in nothing', () => {
  expect(compare(said(), RECORD)).toEqual([]);
  expect(compareDecoded(said(), decodeRecord(RECORD))).toEqual([]);
});

test('every member that is said otherwise is a difference', () => {
  for (const member of Object.keys(SAID)) {
    const other = SAID[member as keyof typeof SAID].startsWith('{') ? hex('/tmp/a\nnamf') : '4';
    const differences = compare(said({ [member]: other }), RECORD);
    expect(differences.map((difference) => difference.member)).toEqual([member]);
  }
});

test('numbers keep all their digits', () => {
  expect(compare(said({ 'file.inode': '9223372036854775808' }), RECORD)).toEqual([
    { member: 'file.inode', said: '9223372036854775808', recorded: '9223372036854775809' },
  ]);
});

test('flags and a lane that nobody spoke of are differences', () => {
  const cut = buildRecord('open', { flags: 1, lane: 2 });
  expect(compare({ ...said(), members: new Map() }, cut).map(({ member }) => member)).toEqual(['h.flags']);
  const rare = buildRecord('open', { lane: 0 });
  expect(compare({ ...said(), members: new Map() }, rare).map(({ member }) => member)).toEqual(['h.lane']);
});

test('a member that does not exist is an error', () => {
  expect(() => compare(said({ 'file.nothing': '1' }), RECORD)).toThrow('eventOpen has no member file.nothing');
});

test('another call, and what decode makes otherwise, are differences', () => {
  const event = decodeRecord(RECORD);
  expect(compareDecoded({ ...said(), call: 'open' }, event)).toEqual([
    { member: 'type', said: 'open', recorded: 'openat (decoded)' },
  ]);
  expect(compareDecoded(said({ name: hex('b') }), event).map(({ member }) => member)).toEqual(['name']);
});
