import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { printable } from '../../../agent/lib/byte-text.ts';
import { deviceMajor, deviceMinor, encodeDevice } from '../../../agent/lib/device.ts';
import { errnoName } from '../../../agent/lib/errno.ts';
import { enumNames, type FlagName, flagNames, mapBits } from '../../../agent/lib/flags.ts';
import { signalName } from '../../../agent/lib/signals.ts';

test('names errors and signals as the system does', () => {
  // Some numbers have two names; the table has the first.
  const second = new Set(['EWOULDBLOCK', 'ENOTSUP']);
  for (const [name, number] of Object.entries(constants.errno))
    if (!second.has(name)) expect(errnoName(number)).toBe(name);
  const doubled = new Set(['SIGIOT', 'SIGPOLL', 'SIGUNUSED']);
  for (const [name, number] of Object.entries(constants.signals))
    if (!doubled.has(name)) expect(signalName(number)).toBe(name);
  expect([errnoName(0), errnoName(4096), signalName(0), signalName(34)]).toEqual(Array(4).fill(undefined));
});

const ACCESS: readonly FlagName[] = [
  ['TOP', 0x8000_0000],
  ['BOTH', 3],
  ['TWO', 2],
  ['ONE', 1],
  ['NONE', 0],
];

test('a combination that has a name hides its parts', () => {
  expect(flagNames(ACCESS, 3)).toBe('BOTH');
  expect(flagNames(ACCESS, 2)).toBe('TWO');
  expect(flagNames(ACCESS, 0x8000_0001)).toBe('TOP|ONE');
});

test('an entry without bits names a value without bits', () => {
  expect(flagNames(ACCESS, 0)).toBe('NONE');
  expect(flagNames(ACCESS.slice(0, -1), 0)).toBe('');
});

test('a number may have several names, or none', () => {
  expect(
    enumNames(
      [
        ['A', 1],
        ['B', 1],
        ['C', 0],
      ],
      1,
    ),
  ).toBe('A|B');
  expect(enumNames([['A', 1]], 2)).toBe('');
});

test('translates bits, the top one too', () => {
  expect(
    mapBits(
      [
        [0x8000_0000, 4],
        [1, 0x8000_0000],
      ],
      0x8000_0001,
    ),
  ).toBe(0x8000_0004);
});

test('encodes device numbers as stat shows them', () => {
  const dev = (259 << 20) | 0x12345;
  expect([deviceMajor(dev), deviceMinor(dev), encodeDevice(dev)]).toEqual([259, 0x12345, 0x1231_0345]);
});

test('shows bytes that print, and dots for the others', () => {
  expect(printable('a\0b\n\xff~')).toBe('a.b..~');
});
