import { expect, test } from 'vitest';
import { parseDurationMs } from '../../../agent/lib/duration.ts';

test('a duration is a number above 0 and its unit', () => {
  expect(['500ms', '30s', '1.5h', '2d', '10m'].map(parseDurationMs)).toEqual([
    500, 30_000, 5_400_000, 172_800_000, 600_000,
  ]);
  expect(['', '10', 's', '0s', '-1s', '1 s', '1w', '1e3s', '0.0001s'].map(parseDurationMs)).toEqual(
    Array.from({ length: 9 }, () => undefined),
  );
});
