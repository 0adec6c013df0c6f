import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressText, isMappedAddress, isZeroAddress } from '../../../agent/lib/address.ts';

const raw = (...bytes: readonly number[]) => String.fromCharCode(...bytes);
const v6 = (groups: readonly number[]) => raw(...groups.flatMap((group) => [group >> 8, group & 0xff]));

test.each([
  [raw(127, 0, 0, 1), '127.0.0.1'],
  [v6([0, 0, 0, 0, 0, 0, 0, 0]), '::'],
  [v6([0, 0, 0, 0, 0, 0, 0, 1]), '::1'],
  [v6([0xfe80, 0, 0, 0, 0, 0, 0, 1]), 'fe80::1'],
  [v6([1, 0, 2, 3, 4, 5, 6, 7]), '1:0:2:3:4:5:6:7'],
  [v6([1, 0, 0, 2, 0, 0, 0, 3]), '1:0:0:2::3'],
  [v6([1, 2, 3, 4, 5, 6, 0, 0]), '1:2:3:4:5:6::'],
  [v6([0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304]), '1.2.3.4'],
  ['', ''],
])('shows an address', (address, text) => {
  expect(addressText(address)).toBe(text);
});

test('every 16 bytes give the shortest text, as the resolver has it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 1, 0xffff, 0x0db8), { minLength: 8, maxLength: 8 }), (groups) => {
      const address = v6(groups);
      fc.pre(!isMappedAddress(address));
      const text = addressText(address);
      expect(isIPv6(text)).toBe(true);
      expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
    }),
  );
});

test('knows the wildcard', () => {
  expect([isZeroAddress(raw(0, 0, 0, 0)), isZeroAddress(raw(0, 0, 0, 1)), isZeroAddress('')]).toEqual([
    true,
    false,
    true,
  ]);
});
