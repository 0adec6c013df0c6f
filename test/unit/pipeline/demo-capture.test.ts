import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createRedactor } from '../../../agent/alert/redact.ts';
import type { Alert } from '../../../agent/events/alert.ts';
import { loadRules } from '../../../agent/pipeline/load-rules.ts';
import { replay } from '../../../agent/pipeline/replay.ts';

const CAPTURE = fileURLToPath(new URL('../../../rules/demo/first-alerts.cap', import.meta.url));

/** Made anew by scripts/record-demo.sh when the layout of records has changed. */
test('the capture of the demonstration can be read, and the rules that come with Atalaya tell of what is in it', async () => {
  const alerts: Alert[] = [];
  const result = await replay(CAPTURE, {
    ruleSet: loadRules([]).ruleSet,
    matching: 'all',
    redactor: createRedactor({ enabled: true, names: [] }),
    processLimitBytes: 1 << 20,
    onRaised: (bodies) => {
      for (const body of bodies) if (body.type === 'alert') alerts.push(body.alert);
      return undefined;
    },
  });
  expect(result.damage).toBeUndefined();
  expect(result.lost).toBe(0n);
  const rules = new Set(alerts.map(({ rule }) => rule));
  for (const rule of [
    'Password file read by a program that has no need to',
    'Program run from shared memory',
    'Network connection put in place of standard input or output',
    'Shell started with a network connection as its input',
    'Scheduled job changed',
    'Package manager run in a container',
  ]) {
    expect(rules).toContain(rule);
  }
  expect(new Set(alerts.map(({ context }) => context['container.id']))).toEqual(new Set(['4e2c8ad0b1f9']));
});
