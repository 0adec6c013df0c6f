import type { MatchContext } from '../fields/context.ts';
import { type Condition, fieldsOf } from '../rules/condition.ts';
import type { CompiledRule, RuleSet } from '../rules/rule-set.ts';

export type Rule = CompiledRule<MatchContext>;

/** What of a process's container is not known yet. */
export type Missing = 'identity' | 'details';

/** The rules of one rule set whose outcome can hang on what is told late of containers. */
export interface LateRules {
  /** Those that an event of the type is evaluated for. */
  of(type: string, missing: Missing): readonly Rule[];
}

export function createLateRules(ruleSet: RuleSet<MatchContext>): LateRules {
  const late = { identity: askingFor('identity', ruleSet), details: askingFor('details', ruleSet) };
  const byType = { identity: new Map<string, readonly Rule[]>(), details: new Map<string, readonly Rule[]>() };
  return {
    of: (type, missing) => {
      const known = byType[missing].get(type);
      if (known !== undefined) return known;
      const rules = late[missing].filter((rule) => rule.handles(type));
      byType[missing].set(type, rules);
      return rules;
    },
  };
}

/** Without the identity the details are missing too. */
function askingFor(missing: Missing, { active }: RuleSet<MatchContext>): readonly Rule[] {
  return active.filter(({ condition }) => {
    for (const late of lateFieldsIn(condition)) if (missing === 'identity' || late === 'details') return true;
    return false;
  });
}

function lateFieldsIn(condition: Condition<MatchContext>): ReadonlySet<Missing> {
  const found = new Set<Missing>();
  const seen = new Set<Condition<MatchContext>>();
  const visit = (node: Condition<MatchContext>): void => {
    // Conditions are graphs.
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'not') visit(node.child);
    else if (node.kind !== 'atom') node.children.forEach(visit);
    else {
      const values = node.test.kind === 'field' ? [node.left, node.test.right] : [node.left];
      for (const { def } of values.flatMap((value) => [...fieldsOf(value)]))
        if (def.late !== undefined) found.add(def.late);
    }
  };
  visit(condition);
  return found;
}
