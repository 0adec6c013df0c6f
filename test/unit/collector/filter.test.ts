import { expect, test } from 'vitest';
import type { Alert, FieldJson } from '../../../agent/events/alert.ts';
import { StoredRecord } from '../../../collector/store/record.ts';
import { compileAlertFilter } from '../../../collector/subscribe/filter.ts';
import { compileSelection } from '../../../collector/subscribe/selection.ts';
import { encodeEnvelope } from '../../../proto/envelope.ts';
import { decodeHead, type Head } from '../../../proto/head.ts';
import type { SelectionMessage } from '../../../proto/messages.ts';
import { alertOf } from '../support/delivery.ts';

const context: Record<string, FieldJson> = {
  'evt.type': 'connect',
  'evt.num': 12,
  'evt.failed': false,
  'evt.rawtime': 1_700_000_000_000_000_123n,
  'evt.arg.flags': 'O_RDONLY|O_CLOEXEC',
  'proc.name': 'nc',
  'proc.pid': 4242,
  'proc.args': '-e /bin/sh',
  'proc.env[PATH]': '/usr/bin',
  'proc.exepath': '/usr/bin/grün',
  'user.uid': 0,
  'fd.name': '10.0.0.5:4444->93.184.216.34:443',
  'fd.cip': '10.0.0.5',
  'fd.sip': '93.184.216.34',
  'fd.lip': '2001:db8::1',
  'fd.cport': 4444,
  'fd.sport': 443,
  'fd.dev': 'FD00',
  'container.id': 'host',
};

const alert: Alert = alertOf(1, {
  context,
  rule: 'Outbound connection',
  ancestors: [
    { pid: 30, startNs: 1n, name: 'bash', exePath: '/bin/bash', cmdline: 'bash -i' },
    { pid: 1, startNs: 1n, name: 'systemd', exePath: '/lib/systemd', cmdline: '/sbin/init' },
  ],
});

function test_(text: string): boolean {
  const compiled = compileAlertFilter(text);
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join());
  return compiled.test(alert);
}

test.each([
  'proc.name = nc',
  'proc.name in (nc, ncat) and evt.type = connect',
  'not proc.name = bash',
  'proc.exepath = /usr/bin/grün',
  'proc.exepath endswith grün',
  'proc.pid >= 4242 and user.uid = 0',
  'evt.failed = false',
  'evt.rawtime > 1700000000000000122',
  'evt.arg.flags contains O_CLOEXEC',
  'proc.env[PATH] = /usr/bin',
  'fd.sip = 93.184.216.34',
  'fd.lip = 2001:db8:0::1',
  'fd.snet in (93.184.0.0/16)',
  'fd.snet in (10.0.0.0/8, 93.184.0.0/16) and fd.cnet = 10.0.0.0/24',
  'fd.lnet = 2001:db8::/32 and not fd.rnet = 2001:db8::/32',
  'fd.ip = 10.0.0.5',
  'fd.port = 443',
  'fd.net in (10.0.0.0/8)',
  'fd.port in (4444, 5555)',
  'proc.aname = bash',
  'proc.aname[2] = systemd',
  'proc.aname[0] exists and proc.aname in (systemd)',
  'proc.acmdline contains "bash -i"',
  'proc.apid[1] = 30',
  'fd.name contains ":443" and proc.args startswith "-e"',
  'alert.rule startswith Outbound and alert.severity <= 4',
  'alert.priority = Warning and alert.complete = true',
  'alert.tags intersects (container)',
  'alert.output contains "alert 1"',
  'proc.name regex "n[a-c]"',
  'proc.tty exists or proc.name exists',
])('holds: %s', (text) => {
  expect(test_(text)).toBe(true);
});

test.each([
  'proc.name = bash',
  'proc.tty exists',
  'proc.tty = 0',
  'proc.tty != 0',
  'fd.sip = 10.0.0.5',
  'fd.net in (192.168.0.0/16)',
  'fd.port = 80',
  'proc.aname = sshd',
  'proc.aname[3] exists',
  'evt.failed = true',
  'alert.severity < 4',
  'alert.tags intersects (network)',
])('does not hold: %s', (text) => {
  expect(test_(text)).toBe(false);
});

test('what is absent in one alert is not remembered for the next', () => {
  const compiled = compileAlertFilter('proc.name = nc or proc.name = sh');
  if (!compiled.ok) throw new Error('does not compile');
  const other = { ...alert, context: { 'proc.name': 'sh' } };
  const none = { ...alert, context: {} };
  expect([alert, other, none, alert].map((each) => compiled.test(each))).toEqual([true, true, false, true]);
});

test('values of the wrong kind make a comparison false and nothing worse', () => {
  const compiled = compileAlertFilter('fd.sip = 1.2.3.4 or proc.pid = 5 or proc.name = x or fd.sport = 7');
  if (!compiled.ok) throw new Error('does not compile');
  const odd = {
    'fd.sip': 'nonsense',
    'proc.pid': 'five',
    'proc.name': [['x']],
    'fd.sport': { a: 1 } as unknown as FieldJson,
  };
  expect(compiled.test({ ...alert, context: odd })).toBe(false);
});

test.each([
  ['proc.nam = x', 1, 'proc.nam'],
  ['proc.name = x and', 18, ''],
  // A name ends before the first character that cannot be in it.
  ['grün = 1', 3, "behind 'gr'"],
  ['proc.name = "🦊" and proc.pidd = 1', 21, 'proc.pidd'],
  ['proc.name = "grün" and proc.pidd = 1', 24, 'proc.pidd'],
  ['proc.pid = text', 12, "'text' is no number"],
  ['proc.name = "grün" and fd.sport in (80, web)', 36, "'web' is no port"],
  ['evt.type = opne', 12, "did you mean 'open'"],
  // Names stand after a dot; in brackets is a position.
  ['evt.arg[flags] contains O_CLOEXEC', 1, 'expected evt.arg[N] with a number'],
  ['some_macro', 1, 'some_macro'],
  ['', 1, ''],
  ['(proc.name = x', 15, ''],
])('%j is refused at column %i', (text, column, named) => {
  const compiled = compileAlertFilter(text);
  expect(compiled.ok).toBe(false);
  if (compiled.ok) return;
  expect(compiled.errors[0]?.column).toBe(column);
  expect(compiled.errors[0]?.message).toContain(named);
});

test('a filter of absurd length is refused', () => {
  expect(compileAlertFilter(`proc.name in (${'x,'.repeat(20_000)}x)`)).toMatchObject({ ok: false });
});

function record(change: Partial<Alert>, agentId = 'node-1'): StoredRecord {
  const position = { agentId, bootId: 'b', epoch: 1n, sequence: 1, previousHash: Buffer.alloc(0) };
  const body = encodeEnvelope(position, { type: 'alert', alert: { ...alert, ...change } });
  return new StoredRecord(1, { ...decodeHead(body), storedNs: 1n, body });
}

function selects(selection: SelectionMessage, what: StoredRecord, allKinds = false): boolean {
  return compileSelection({ selection, allKinds }, compileAlertFilter)(what);
}

test('nothing set selects every alert', () => {
  expect(selects({}, record({}))).toBe(true);
  expect(compileSelection({ selection: null, allKinds: false }, compileAlertFilter)(record({}))).toBe(true);
});

test.each<[SelectionMessage, boolean]>([
  [{ nodes: ['node-1'] }, true],
  [{ nodes: ['other', 'web-7'] }, true],
  [{ nodes: ['node-2'] }, false],
  [{ rules: ['Outbound connection'] }, true],
  [{ rules: ['Outbound'] }, false],
  [{ tags: ['x', 'container'] }, true],
  [{ tags: ['x'] }, false],
  [{ priority: 5 }, true],
  [{ priority: 8 }, true],
  [{ priority: 4 }, false],
  [{ filters: ['proc.name = nc', 'user.uid = 0'] }, true],
  [{ filters: ['proc.name = nc', 'user.uid = 1'] }, false],
  [
    { nodes: ['node-1'], rules: ['Outbound connection'], tags: ['container'], priority: 5, filters: ['evt.num = 12'] },
    true,
  ],
])('selection %j: %s', (selection, selected) => {
  expect(selects(selection, record({ hostname: 'web-7' }))).toBe(selected);
});

test('a filter that does not compile names itself and the column', () => {
  expect(() => selects({ filters: ['proc.name = nc', 'proc.nme = nc'] }, record({}))).toThrow(
    expect.objectContaining({
      code: 'E_FILTER',
      message: expect.stringMatching(/'proc\.nme = nc' is wrong: column 1: .*did you mean 'proc\.name'/),
    }),
  );
});

test('other kinds of records come when asked for, amendments always, of the selected nodes', () => {
  const of = (kind: number) => {
    const head: Head = { ...decodeHead(new Uint8Array()), agentId: 'node-1', kind };
    return new StoredRecord(1, { ...head, storedNs: 1n, body: new Uint8Array() });
  };
  const selection = { filters: ['proc.name = nc'], priority: 1 };
  expect([10, 11, 12, 13].map((kind) => selects(selection, of(kind)))).toEqual([false, true, false, false]);
  expect([11, 12, 13, 20].map((kind) => selects(selection, of(kind), true))).toEqual([true, true, true, true]);
  expect(selects({ nodes: ['node-2'] }, of(12), true)).toBe(false);
});

test('silence of a node comes to who wants all kinds, whatever the filter; to others as any alert', () => {
  const silence = record({ rule: 'Node fell silent', hostname: 'web-7', context: {} }, '@collector');
  const selection = { filters: ['proc.name = nc'], rules: ['Outbound connection'] };
  expect(selects(selection, silence, true)).toBe(true);
  expect(selects({ ...selection, nodes: ['web-7'] }, silence, true)).toBe(true);
  expect(selects({ ...selection, nodes: ['node-2'] }, silence, true)).toBe(false);
  expect(selects(selection, silence)).toBe(false);
  expect(selects({}, silence)).toBe(true);
});

test('a record whose body nobody can read is not selected', () => {
  const whole = record({});
  const broken = new StoredRecord(2, { ...whole.columns, body: Buffer.from([0x52, 0x7f]) });
  expect([selects({}, whole), selects({}, broken)]).toEqual([true, false]);
});
