import type { Config } from '../config/config.gen.ts';
import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { formatDiagnostic } from '../rules/diagnostics.ts';
import { type LoadedRules, loadRules, loadSteps } from './load-rules.ts';
import { inSlices } from './slices.ts';

/** Reads and compiles the rules that a configuration names. Throws E_RULES with all errors, a line each. */
export function compileAgentRules({ paths, priority, select }: Config['rules']): LoadedRules {
  return checked(loadRules(paths, { threshold: priority, steps: select }));
}

/**
 * The same beside other work, with everything made that the rules need to be put into use. At a reload, folders without a
 * rule file are an error: an editor or a mount puts new files where old ones were, and in between nothing would be watched.
 */
export async function compileAgentRulesInSlices(
  { paths, priority, select }: Config['rules'],
  { reload = false }: { readonly reload?: boolean } = {},
): Promise<LoadedRules> {
  const loaded = checked(await inSlices(loadSteps(paths, { threshold: priority, steps: select })));
  if (reload && loaded.read.files.length === 0) {
    throw new AtalayaError('E_RULES', safeLine(`${paths.join(', ')}: no rule file is left; expected *.yaml files`));
  }
  await inSlices(loaded.ruleSet.prepare());
  return loaded;
}

function checked(loaded: LoadedRules): LoadedRules {
  if (loaded.ok) return loaded;
  const lines = loaded.errors.map((error) => safeLine(formatDiagnostic(error)));
  throw new AtalayaError(
    'E_RULES',
    lines.length === 1 ? lines.join() : [`${lines.length} errors:`, ...lines].join('\n  '),
  );
}
