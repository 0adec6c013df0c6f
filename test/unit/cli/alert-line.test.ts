import { expect, test } from 'vitest';
import { alertLine, gapLine } from '../../../agent/cli/alert-line.ts';
import { alertOf } from '../support/delivery.ts';

test('an alert is one line with time, node, priority, rule and message', () => {
  const alert = alertOf(0, { completeness: ['gap 3', 'path incomplete'] });
  expect(alertLine(alert)).toBe(
    '2023-11-14T22:13:20.000Z node-1 Warning Shell in a container: alert 0 (user=root) [may lack: gap 3, path incomplete]',
  );
});

test('a rule whose name its output begins with is not named twice', () => {
  const output = '10:00:00.000000000: Warning Shell in a container (user=root)';
  expect(alertLine(alertOf(0, { output }))).toBe(
    '2023-11-14T22:13:20.000Z node-1 Warning Shell in a container (user=root)',
  );
});

test('an output of another shape is shown whole', () => {
  expect(alertLine(alertOf(0, { output: 'Warning: no time' }))).toMatch(/: Warning: no time$/);
});

test('whatever an alert says stays on its line', () => {
  const hostile = 'a\nb\r\u001b]0;x\u0007\u009b1m\u202e\u2028';
  const line = alertLine(alertOf(0, { rule: hostile, hostname: hostile, output: hostile, completeness: [hostile] }));
  expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});

test('a gap says what was lost, when and why', () => {
  const times = { fromNs: 1_700_000_000_000_000_000n, toNs: 1_700_000_001_500_000_000n };
  const gap = { stage: 'reader', cause: 'ring-full', lane: 'bulk', count: 12n, ...times } as const;
  expect(gapLine('node-1', gap)).toBe(
    'node-1 lost 12 events between 2023-11-14T22:13:20.000Z and 2023-11-14T22:13:21.500Z (reader, lane bulk: ring-full)',
  );
  expect(gapLine('n', { stage: 'spool', cause: 'spool-limit', count: 1n, ...times })).toContain('n lost 1 records');
});
