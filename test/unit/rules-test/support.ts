import { createHash } from 'node:crypto';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { compileRules } from '../../../agent/rules/compile.ts';
import type { RuleSet } from '../../../agent/rules/rule-set.ts';
import { type EventTexts, eventOf } from '../../../agent/rules-test/complete-event.ts';
import { type GivenEvent, givenCatalogue } from '../../../agent/rules-test/given-event.ts';

export const given = givenCatalogue(catalogue);

export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A rule file of one rule. */
export function ruleText(condition: string, more = ''): string {
  return `- rule: R\n  desc: d\n  condition: ${condition}\n  output: told %proc.name\n  priority: NOTICE\n${more}`;
}

export function compile(text: string): RuleSet<GivenEvent> {
  const result = compileRules([{ path: 'rules.yaml', text }], given, { hash });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.ruleSet;
}

/** An event of the fields of an object. */
export function event(fields: Readonly<Record<string, string>>): GivenEvent {
  const made = eventOf(new Map(Object.entries(fields)) as EventTexts, given);
  if (made === undefined) throw new Error('no such event');
  return made;
}
