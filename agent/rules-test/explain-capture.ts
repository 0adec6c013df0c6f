import type { MatchContext } from '../fields/context.ts';
import { isoTime } from '../lib/iso-time.ts';
import { evaluate } from '../rules/evaluate.ts';
import type { CompiledRule } from '../rules/rule-set.ts';
import { readContexts } from './capture-contexts.ts';
import { exceptionsThatHold } from './coverage.ts';
import { distance } from './distance.ts';
import type { EventFilter } from './event-filter.ts';
import { type Explained, explain } from './explain.ts';

/** What a rule says of one event of a capture, and of all of them. */
export interface CaptureExplanation {
  /** The event that was asked for; else the first that matches; else the one that comes nearest. Undefined: none to look at. */
  readonly event: ExplainedEvent | undefined;
  readonly events: number;
  /** Events of the types that the rule looks at. */
  readonly looked: number;
  readonly matched: number;
}

export interface ExplainedEvent {
  readonly number: number;
  readonly time: string;
  readonly type: string;
  readonly process: string;
  /** False: the rule is not evaluated for events of this type. */
  readonly handled: boolean;
  readonly matches: boolean;
  /** Exceptions without which it would match. */
  readonly exceptions: readonly string[];
  readonly condition: Explained;
}

/** Explains a rule over those events of a capture that `chosen` wants. Throws E_CAPTURE and E_CAPTURE_OPEN. */
export async function explainCapture(
  rule: CompiledRule<MatchContext>,
  path: string,
  wanted: number | undefined,
  chosen: EventFilter = () => true,
): Promise<CaptureExplanation> {
  let event: ExplainedEvent | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  let events = 0;
  let looked = 0;
  let matched = 0;
  await readContexts(path, (context) => {
    if (!chosen(context)) return;
    events++;
    const handled = rule.handles(context.event.type);
    if (handled) looked++;
    const matches = handled && evaluate(rule.condition, context);
    if (matches) matched++;
    if (wanted !== undefined) {
      if (context.eventNumber === wanted) event = explainEvent(rule, context);
      return;
    }
    if (!handled || nearest === 0) return;
    const away = matches ? 0 : distance(rule.condition, context);
    if (away >= nearest) return;
    nearest = away;
    event = explainEvent(rule, context);
  });
  return { event, events, looked, matched };
}

function explainEvent(rule: CompiledRule<MatchContext>, context: MatchContext): ExplainedEvent {
  const { event, process, eventNumber } = context;
  const handled = rule.handles(event.type);
  const condition = explain(rule.condition, context);
  return {
    number: eventNumber,
    time: isoTime(event.timeNs),
    type: event.type,
    process: process === undefined ? 'no process' : `${process.comm} (pid ${process.pid}, ${process.exePath})`,
    handled,
    matches: handled && condition.holds,
    exceptions: condition.holds ? [] : exceptionsThatHold(rule, context),
    condition,
  };
}
