import type { Priority } from '../events/alert.ts';
import { isAtLeast } from './priorities.ts';

/** One step of choosing rules, in Falco's form: `{enable: {rule: 'Read*'}}`, `{disable: {tag: network}}`. */
export interface SelectionStep {
  readonly enable?: SelectionTarget;
  readonly disable?: SelectionTarget;
}

export interface SelectionTarget {
  /** Name, with `*` for any run of characters. */
  readonly rule?: string;
  /** Exact tag. */
  readonly tag?: string;
}

export interface Selection {
  /** Rules that are less urgent are dropped, and no step brings them back; default Debug, which drops none. */
  readonly threshold?: Priority;
  /** Applied in order to what the rule files enable. */
  readonly steps?: readonly SelectionStep[];
}

interface Selectable {
  readonly name: string;
  readonly tags: readonly string[];
  readonly priority: Priority;
  readonly enabled: boolean;
}

/**
 * The active rules, in the order in which they are tried: as defined, but what a step switches on goes to the end, as it
 * does upstream.
 */
export function selectRules<R extends Selectable>(rules: readonly R[], selection: Selection): readonly R[] {
  const eligible = rules.filter(({ priority }) => isAtLeast(priority, selection.threshold ?? 'Debug'));
  const active = new Set(eligible.filter(({ enabled }) => enabled));
  for (const { enable, disable } of selection.steps ?? []) {
    for (const rule of eligible) if (enable !== undefined && matchesTarget(rule, enable)) active.add(rule);
    for (const rule of eligible) if (disable !== undefined && matchesTarget(rule, disable)) active.delete(rule);
  }
  return [...active];
}

/** Whether a rule fits all that a target names; a target that names nothing fits none. */
export function matchesTarget(rule: Pick<Selectable, 'name' | 'tags'>, target: SelectionTarget): boolean {
  if (target.rule === undefined && target.tag === undefined) return false;
  if (target.tag !== undefined && !rule.tags.includes(target.tag)) return false;
  return target.rule === undefined || matchesWildcard(rule.name, target.rule);
}

/** Whether a pattern with `*` covers the whole text. */
export function matchesWildcard(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let position = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}
