import { expect, test } from 'vitest';
import { parseSince } from '../../../agent/cli/since.ts';

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const at = (...parts: Parameters<typeof Date.UTC>) => BigInt(Date.UTC(...parts)) * 1_000_000n;

test.each([
  ['all', 0n],
  ['30s', at(2026, 0, 31, 11, 59, 30)],
  ['15m', at(2026, 0, 31, 11, 45)],
  ['2h', at(2026, 0, 31, 10)],
  ['7d', at(2026, 0, 24, 12)],
  ['999999999d', 0n],
  ['2026-01-30', at(2026, 0, 30)],
  ['2026-01-30T08:30:01.5Z', at(2026, 0, 30, 8, 30, 1, 500)],
  ['2026-01-30 08:30+01:00', at(2026, 0, 30, 7, 30)],
  ['9999-12-31', 2n ** 63n - 1n],
])('%s is a point in time', (text, expected) => {
  expect(parseSince(text, NOW_MS)).toBe(expected);
});

test.each(['', 'yesterday', '5', '-5m', '1.5h', '5w', '2026-13-01', '2026-02-30x', '12:00', '١m'])(
  '%j is none',
  (text) => {
    expect(parseSince(text, NOW_MS)).toBeUndefined();
  },
);
