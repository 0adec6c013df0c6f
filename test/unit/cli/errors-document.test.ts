import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { renderErrors } from '../../../agent/cli/errors-document.ts';
import { EXIT_OF_ERROR } from '../../../agent/cli/exit.ts';
import { ERROR_CODES } from '../../../agent/lib/errors.ts';
import { SENSOR_ERRORS } from '../../../native/sensor-error.ts';

const path = fileURLToPath(new URL('../../../docs/errors.md', import.meta.url));

test('docs/errors.md says what the code says', () => {
  expect(readFileSync(path, 'utf8')).toBe(renderErrors());
});

test('every code has its line, with its exit code', () => {
  const document = readFileSync(path, 'utf8');
  for (const [code, meaning] of Object.entries(ERROR_CODES)) {
    expect(document).toContain(`| \`${code}\` | ${meaning} | ${EXIT_OF_ERROR[code as keyof typeof ERROR_CODES]} |`);
  }
  for (const [code, hint] of Object.entries(SENSOR_ERRORS)) expect(document).toContain(`| \`${code}\` | ${hint} |`);
});
