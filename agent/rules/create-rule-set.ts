import { bytesToText } from '../events/bytestring.ts';
import type { Plan } from '../events/plan.ts';
import { finish } from '../lib/steps.ts';
import { bucketSteps } from './bucket.ts';
import type { RuleWarning } from './diagnostics.ts';
import { eventNames } from './event-names.ts';
import { includesEvent } from './event-types.ts';
import { planRules, planSteps } from './plan.ts';
import { printExpr } from './print.ts';
import type { RuleDraft } from './rule-compiler.ts';
import type { Buckets, CompiledRule, RuleSet } from './rule-set.ts';
import { type Selection, selectRules } from './selection.ts';

/** Chooses the active rules and makes what follows from them when it is first asked for. */
export function createRuleSet<C>(
  drafts: readonly RuleDraft<C>[],
  warnings: readonly RuleWarning[],
  options: Selection & { readonly hash: (text: string) => string },
): RuleSet<C> {
  const order = selectRules(drafts, options);
  const selected = new Set(order);
  const made = new Map(drafts.map((draft) => [draft, new Rule(draft, selected.has(draft))]));
  const rules = [...made.values()];
  const active = order.flatMap((draft) => made.get(draft) ?? []);
  let digest: string | undefined;
  let plan: Plan | undefined;
  let buckets: Buckets<C> | undefined;
  return {
    rules,
    active,
    warnings,
    get digest() {
      digest ??= options.hash(JSON.stringify(active.map(substance)));
      return digest;
    },
    plan() {
      plan ??= planRules(active);
      return plan;
    },
    buckets() {
      buckets ??= finish(bucketSteps(active, [...eventNames()]));
      return buckets;
    },
    *prepare() {
      digest ??= options.hash(JSON.stringify(active.map(substance)));
      yield;
      plan ??= yield* planSteps(active);
      yield;
      buckets ??= yield* bucketSteps(active, [...eventNames()]);
      yield;
      for (const bucket of new Set(buckets.byType.values())) {
        if (bucket !== buckets.unknown && bucket.rules.length > 0) yield* bucket.prepare();
      }
    },
  };
}

/** The canonical text is only made when it is asked for: it may be a thousand times as long as the rule. */
class Rule<C> implements CompiledRule<C> {
  readonly name;
  readonly desc;
  readonly priority;
  readonly tags;
  readonly source;
  readonly enabled;
  readonly active: boolean;
  readonly output;
  readonly format;
  readonly extraFields;
  readonly expr;
  readonly condition;
  readonly events;
  readonly exceptions;
  readonly capture;
  readonly captureDurationMs;
  readonly place;

  constructor(draft: RuleDraft<C>, active: boolean) {
    this.name = draft.name;
    this.desc = draft.desc;
    this.priority = draft.priority;
    this.tags = draft.tags;
    this.source = draft.source;
    this.enabled = draft.enabled;
    this.active = active;
    this.output = draft.output;
    this.format = draft.format;
    this.extraFields = draft.extraFields;
    this.expr = draft.expr;
    this.condition = draft.condition;
    this.events = draft.events;
    this.exceptions = draft.exceptions;
    this.capture = draft.capture;
    this.captureDurationMs = draft.captureDurationMs;
    this.place = draft.place;
  }

  handles(type: string): boolean {
    return includesEvent(this.events, type);
  }

  get conditionText(): string {
    return bytesToText(printExpr(this.expr));
  }
}

/** All of a rule that shows in alerts. */
function substance<C>(rule: CompiledRule<C>): unknown {
  const extra = rule.extraFields.map(({ key, format, raw }) => [key, format.template, raw]);
  return [rule.name, rule.priority, rule.source, rule.tags, rule.output, extra, rule.conditionText];
}
