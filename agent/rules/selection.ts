import type { Priority } from '../events/alert.ts';
import { nearestName } from './nearest.ts';
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

/** A target of a step that fits no rule. */
export interface UnmatchedTarget {
  /** Index of the step. */
  readonly step: number;
  readonly message: string;
  /** Of the rules' names or tags. */
  readonly nearest?: string;
}

/** Names and tags of steps that are those of no rule, whatever its priority: mostly misspelt. */
export function unmatchedTargets(
  rules: readonly Pick<Selectable, 'name' | 'tags'>[],
  steps: readonly SelectionStep[],
): readonly UnmatchedTarget[] {
  return steps.flatMap(({ enable, disable }, step) =>
    [enable, disable].flatMap((target) => {
      if (target === undefined || rules.some((rule) => matchesTarget(rule, target))) return [];
      const { rule: name, tag } = target;
      const unknownTag = tag !== undefined && !rules.some(({ tags }) => tags.includes(tag));
      const known = unknownTag ? rules.flatMap(({ tags }) => tags) : rules.map(({ name }) => name);
      const near = nearestName((unknownTag ? tag : name) ?? '', new Set(known));
      const nearest = near === name ? undefined : near;
      const wanted = [
        ...(name === undefined ? [] : [`is called '${name}'`]),
        ...(tag === undefined ? [] : [`has the tag '${tag}'`]),
      ];
      const message = `no rule ${wanted.join(' and ')}`;
      return [{ step, message, ...(nearest === undefined ? {} : { nearest }) }];
    }),
  );
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
