import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { formatDiagnostic, type RuleError } from '../rules/diagnostics.ts';

/** The errors of rule files as one error, a line each, safe for terminals. */
export function rulesError(errors: readonly RuleError[]): AtalayaError {
  const lines = errors.map((error) => safeLine(formatDiagnostic(error)));
  return new AtalayaError('E_RULES', `the rules do not compile:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}
