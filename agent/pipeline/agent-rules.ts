import type { Config } from '../config/config.gen.ts';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { formatDiagnostic } from '../rules/diagnostics.ts';
import { type LoadedRules, loadRules } from './load-rules.ts';

/** Reads and compiles the rules that a configuration names. Throws E_RULES with all errors, a line each. */
export function compileAgentRules({ paths, priority, select }: Config['rules']): LoadedRules {
  const loaded = loadRules(paths, { threshold: priority, steps: select });
  if (loaded.ok) return loaded;
  const lines = loaded.errors.map((error) => safeLine(formatDiagnostic(error)));
  throw new AtalayaError(
    'E_RULES',
    lines.length === 1 ? lines.join() : [`${lines.length} errors:`, ...lines].join('\n  '),
  );
}
