import { expect, test } from 'vitest';
import { callClasses } from '../../../agent/decode/call-classes.ts';
import { eventKind } from '../../../agent/decode/layout.gen.ts';
import { callTables, SYSCALLS } from '../../../agent/decode/syscalls.ts';
import { EVENT_TYPES } from '../../../agent/events/event-types.ts';

test('every type but the end of a process is a system call with numbers', () => {
  const types = Object.values(EVENT_TYPES)
    .flat()
    .filter((type) => type !== 'procexit');
  expect([...SYSCALLS.map((call) => call.name)].sort()).toEqual([...types].sort());
});

test.each(['x86_64', 'i386', 'arm32', 'arm64'] as const)('no two calls have one number on %s', (machine) => {
  const numbers = SYSCALLS.flatMap((call) => call[machine] ?? []);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('a number is a name and a kind, each machine in its own way', () => {
  expect(callTables('x86_64').native[257]).toEqual({ name: 'openat', kind: 'open' });
  expect(callTables('x86_64').compat[295]).toEqual({ name: 'openat', kind: 'open' });
  expect(callTables('arm64').native[56]).toEqual({ name: 'openat', kind: 'open' });
  expect(callTables('arm64').compat[322]).toEqual({ name: 'openat', kind: 'open' });
  expect(callTables('arm64').native[2]).toBeUndefined();
});

test('what is wanted goes to the program of its kind, for 32-bit callers too', () => {
  const { native, compat } = callClasses('x86_64', (kind, type) => kind === 'chown' || type === 'rmdir');
  const used = (table: Uint8Array) => [...table.entries()].filter(([, kind]) => kind !== 0);
  expect(used(native)).toEqual([
    [84, eventKind.unlink],
    [92, eventKind.chown],
    [93, eventKind.chown],
    [94, eventKind.chown],
    [260, eventKind.chown],
  ]);
  expect(used(compat).map(([number]) => number)).toEqual([16, 40, 95, 182, 198, 207, 212, 298]);
  expect(native.length).toBe(512);
});

test('a fork is told by its tracepoint alone', () => {
  const { native } = callClasses('x86_64', () => true);
  expect([native[56], native[57], native[59]]).toEqual([0, 0, eventKind.exec]);
});

test('socketcall is served where any call of sockets is wanted, on x86 only', () => {
  expect(callClasses('x86_64', (kind) => kind === 'listen').compat[102]).toBe(eventKind.socketcall);
  expect(callClasses('x86_64', (kind) => kind === 'open').compat[102]).toBe(0);
  expect(callClasses('arm64', () => true).compat[102]).toBe(0);
});

test('an operation of io_uring is on where the call that does the same is wanted', () => {
  const { uring } = callClasses('x86_64', (_, type) => type === 'openat' || type === 'sendto');
  expect([...uring.entries()].filter(([, kind]) => kind !== 0)).toEqual([
    [18, eventKind.open],
    [26, eventKind.send],
    [47, eventKind.send],
  ]);
});
