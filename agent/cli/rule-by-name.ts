import { AtalayaError } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';
import { nearestName } from '../rules/nearest.ts';
import type { CompiledRule, RuleSet } from '../rules/rule-set.ts';

/** The rule of that name. Throws E_USAGE with the nearest one. */
export function ruleByName<C>(ruleSet: RuleSet<C>, name: string): CompiledRule<C> {
  const rule = ruleSet.rules.find((candidate) => candidate.name === name);
  if (rule !== undefined) return rule;
  const nearest = nearestName(
    name,
    ruleSet.rules.map((candidate) => candidate.name),
  );
  const hint = nearest === undefined ? `expected one of ${ruleSet.rules.length} rules` : `did you mean '${nearest}'?`;
  throw new AtalayaError('E_USAGE', safeLine(`there is no rule '${name}'; ${hint}`));
}
