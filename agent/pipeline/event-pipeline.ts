import { createHash } from 'node:crypto';
import { createDoubts } from '../alert/completeness.ts';
import { createAlertMaker } from '../alert/create-alert.ts';
import type { Redactor } from '../alert/redact.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { Event, TaskFacts } from '../events/event.ts';
import type { Gap } from '../events/gap.ts';
import { EVENT_KINDS, type EventKind, LANES, type Lane } from '../events/kinds.ts';
import type { ContainerIdentity } from '../events/process.ts';
import type { MatchContext } from '../fields/context.ts';
import { createMatcher, type Matcher } from '../match/matcher.ts';
import { matchedAtoms } from '../rules/matched-atoms.ts';
import type { CompiledRule, RuleSet } from '../rules/rule-set.ts';
import type { ProcessTableStats } from '../state/process-table.ts';
import { Amendments } from './amendments.ts';
import { createContexts, type SourceContexts } from './context.ts';
import { type DecisionCounts, Decisions } from './decisions.ts';
import { everyField } from './every-field.ts';
import type { World } from './world.ts';

export interface EventPipelineOptions {
  readonly world: World;
  /** State of the source's own; absent: it is made from the events and the world. */
  readonly contexts?: SourceContexts | undefined;
  readonly ruleSet: RuleSet<MatchContext>;
  readonly matching: 'all' | 'first';
  readonly redactor: Redactor;
  readonly processLimitBytes: number;
  /** Wall clock, ns since 1970. */
  readonly nowNs: () => bigint;
  /** What waits for what is told late of containers; absent: nothing does. */
  readonly late?: LateOptions | undefined;
}

export interface LateOptions {
  /** How long a decision waits, ms. */
  readonly waitMs: number;
  /** Milliseconds on a clock that does not go back. */
  readonly nowMs: () => number;
  /** Something was raised that no event of now raised. */
  readonly onRaised: () => void;
}

/** From events to alerts, whatever the events come from: state, match, alert. Synchronous, event by event. */
export interface EventPipeline {
  /** Takes the processes that there were before. */
  seed(forEach: (visit: (task: TaskFacts) => void) => void): void;
  /** The event need only be valid during the call. */
  readonly take: (event: Event) => void;
  readonly gap: (gap: Gap) => void;
  /** What was raised since the last call, in order: alerts and gaps. */
  raised(): EnvelopeBody[];
  /** Something waits: `tick` must be called now and then. */
  readonly isWaiting: boolean;
  /** Decides what has waited long enough. */
  tick(): void;
  /** Decides all that waits. */
  endWaiting(): void;
  /** Uses other rules from the next event on. */
  reload(ruleSet: RuleSet<MatchContext>): void;
  readonly ruleSet: RuleSet<MatchContext>;
  readonly counts: EventCounts;
}

export interface EventCounts {
  readonly processes: Readonly<ProcessTableStats>;
  readonly cgroups: () => number;
  /** Memory of what is known of containers; undefined where a capture tells it. */
  readonly containers: SourceContexts['containers'];
  readonly events: Readonly<Record<EventKind, Readonly<Record<Lane, number>>>>;
  readonly decisions: Readonly<DecisionCounts> | undefined;
  readonly amendments: Readonly<Amendments['counts']> | undefined;
  /** Alerts by rule and priority. */
  readonly matches: ReadonlyMap<string, { readonly priority: string; readonly count: number }>;
}

/** `keepEvent`: a copy of the event that is being taken, where the source can make one. */
export function createEventPipeline(
  options: EventPipelineOptions,
  keepEvent: () => Event | undefined = () => undefined,
): EventPipeline {
  return new MatchingPipeline(options, keepEvent);
}

/** Of an alert whose rule was decided without what it asks of the container. */
const UNDECIDED = 'container: what the rule asks about it was not known in time';

class MatchingPipeline implements EventPipeline {
  readonly counts: EventCounts;
  private readonly nowNs: () => bigint;
  private readonly contexts: SourceContexts;
  private readonly matcher: Matcher<MatchContext>;
  private readonly makeAlert;
  private readonly doubts = createDoubts();
  private readonly events = zeroCounts();
  private readonly matches = new Map<string, { priority: string; count: number }>();
  private readonly decisions: Decisions | undefined;
  private readonly amendments: Amendments | undefined;
  private waiting: EnvelopeBody[] = [];

  constructor(options: EventPipelineOptions, keepEvent: () => Event | undefined) {
    const { world, ruleSet, matching, redactor, processLimitBytes, nowNs, late } = options;
    this.nowNs = nowNs;
    this.contexts = options.contexts ?? createContexts(world, processLimitBytes);
    this.matcher = createMatcher(ruleSet, { matching });
    const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
    const { hostname, bootId } = world;
    this.makeAlert = createAlertMaker({ hostname, bootId, sha256, redactor, everyField });
    const { processes, cgroups, containers, container } = this.contexts;
    if (late !== undefined && container !== undefined) {
      this.amendments = new Amendments({ redactor, nowMs: late.nowMs, nowNs });
      this.decisions = new Decisions({
        matching,
        waitMs: late.waitMs,
        nowMs: late.nowMs,
        keepEvent,
        container,
        onMatch: (rule, context, digest, incomplete) =>
          this.raise(rule, context, digest, incomplete ? [UNDECIDED] : []),
      });
      this.contexts.onContainer = (identity) => this.arrived(identity, late.onRaised);
    }
    this.counts = {
      processes: processes.stats,
      cgroups,
      containers,
      events: this.events,
      matches: this.matches,
      decisions: this.decisions?.counts,
      amendments: this.amendments?.counts,
    };
  }

  get ruleSet(): RuleSet<MatchContext> {
    return this.matcher.ruleSet;
  }

  reload(ruleSet: RuleSet<MatchContext>): void {
    this.matcher.reload(ruleSet);
  }

  seed(forEach: (visit: (task: TaskFacts) => void) => void): void {
    this.contexts.processes.seed(forEach);
  }

  readonly take = (event: Event): void => {
    this.events[event.kind][event.lane]++;
    const context = this.contexts.of(event);
    const { matcher, decisions } = this;
    const matched = matcher.match(context);
    const rules = decisions === undefined ? matched : decisions.settled(context, matched, matcher.ruleSet);
    for (const rule of rules) this.raise(rule, context, matcher.ruleSet.digest, []);
  };

  readonly gap = (gap: Gap): void => {
    this.doubts.add(gap);
    this.waiting.push({ type: 'gap', gap });
  };

  raised(): EnvelopeBody[] {
    const { waiting } = this;
    if (waiting.length > 0) this.waiting = [];
    return waiting;
  }

  get isWaiting(): boolean {
    return (this.decisions?.counts.waiting ?? 0) > 0;
  }

  tick(): void {
    this.decisions?.tick();
  }

  endWaiting(): void {
    this.decisions?.end();
  }

  private raise(
    rule: CompiledRule<MatchContext>,
    context: MatchContext,
    ruleSetDigest: string,
    doubts: readonly string[],
  ): void {
    const alert = this.makeAlert(rule, context, {
      ruleSetDigest,
      raisedNs: this.nowNs(),
      matched: matchedAtoms(rule.condition, context),
      doubts: [...this.doubts.at(context.event.timeNs), ...doubts],
    });
    this.count(rule.name, rule.priority);
    this.waiting.push({ type: 'alert', alert });
    this.amendments?.remember(alert.uuid, rule, context);
  }

  /** What waited for the container is decided, and alerts that left without it are told the rest. */
  private arrived(container: ContainerIdentity, onRaised: () => void): void {
    const amendments = this.amendments?.arrived(container) ?? [];
    this.decisions?.arrived(container.fullId);
    for (const amendment of amendments) this.waiting.push({ type: 'amendment', amendment });
    if (this.waiting.length > 0) onRaised();
  }

  private count(rule: string, priority: string): void {
    const known = this.matches.get(rule);
    if (known === undefined) this.matches.set(rule, { priority, count: 1 });
    else known.count++;
  }
}

function zeroCounts(): Record<EventKind, Record<Lane, number>> {
  const lanes = (): Record<Lane, number> => Object.fromEntries(LANES.map((lane) => [lane, 0])) as Record<Lane, number>;
  const kinds: readonly EventKind[] = [...EVENT_KINDS, 'other'];
  return Object.fromEntries(kinds.map((kind) => [kind, lanes()])) as Record<EventKind, Record<Lane, number>>;
}
