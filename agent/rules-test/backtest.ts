import type { Plan } from '../events/plan.ts';
import type { MatchContext } from '../fields/context.ts';
import { isoTime } from '../lib/iso-time.ts';
import { createMatcher } from '../match/matcher.ts';
import type { CompiledRule, RuleSet } from '../rules/rule-set.ts';
import { readContexts } from './capture-contexts.ts';
import type { EventFilter } from './event-filter.ts';
import { type PlanGap, planGaps } from './plan-gaps.ts';

/** An alert that one of two rule sets raises and the other does not, or with another text or priority. */
export interface AlertChange {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly event: number;
  readonly time: string;
  readonly rule: string;
  readonly priority: string;
  readonly output: string;
}

export interface Backtest {
  readonly events: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Undefined: the capture does not say what was left out of it. */
  readonly gaps: readonly PlanGap[] | undefined;
}

/**
 * Runs two rule sets over those events of a capture that `chosen` wants, one after the other (each keeps masks at the
 * processes), and shows where they differ, in order of the events.
 */
export async function backtest(
  path: string,
  before: RuleSet<MatchContext>,
  after: RuleSet<MatchContext>,
  show: (change: AlertChange) => void,
  chosen: EventFilter = () => true,
): Promise<Backtest> {
  const earlier = new Map<number, Map<string, Told>>();
  await readAlerts(path, before, chosen, (alerts, { event }) => earlier.set(event, alerts));
  const counts = { events: 0, added: 0, removed: 0, changed: 0, unchanged: 0 };
  const tell = (kind: AlertChange['kind'], alert: Told): void => {
    counts[kind]++;
    show({ kind, ...alert });
  };
  const { plan, events } = await readAlerts(
    path,
    after,
    chosen,
    (alerts, { event }) => {
      const was = earlier.get(event);
      for (const [rule, alert] of alerts) {
        const old = was?.get(rule);
        was?.delete(rule);
        if (old === undefined) tell('added', alert);
        else if (old.output === alert.output && old.priority === alert.priority) counts.unchanged++;
        else tell('changed', alert);
      }
      for (const alert of was?.values() ?? []) tell('removed', alert);
      earlier.delete(event);
    },
    (event) => earlier.has(event),
  );
  return { ...counts, events, gaps: plan === undefined ? undefined : planGaps(plan, after.active) };
}

type Told = Omit<AlertChange, 'kind'>;

/** The alerts of each event that has some, by rule, or that somebody waits for. */
async function readAlerts(
  path: string,
  ruleSet: RuleSet<MatchContext>,
  chosen: EventFilter,
  visit: (alerts: Map<string, Told>, at: { readonly event: number }) => void,
  isAwaited: (event: number) => boolean = () => false,
): Promise<{ readonly plan: Plan | undefined; readonly events: number }> {
  const matcher = createMatcher(ruleSet);
  let events = 0;
  const { plan } = await readContexts(path, (context) => {
    if (!chosen(context)) return;
    events++;
    const matched = matcher.match(context);
    const event = context.eventNumber;
    if (matched.length === 0 && !isAwaited(event)) return;
    visit(new Map(matched.map((rule) => [rule.name, told(rule, context)])), { event });
  });
  return { plan, events };
}

function told({ name, priority, format }: CompiledRule<MatchContext>, context: MatchContext): Told {
  return {
    event: context.eventNumber,
    time: isoTime(context.event.timeNs),
    rule: name,
    priority,
    output: format.render(context).text,
  };
}
