import { createHash } from 'node:crypto';
import { createDoubts } from '../alert/completeness.ts';
import { createAlertMaker } from '../alert/create-alert.ts';
import type { Redactor } from '../alert/redact.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { Event, TaskFacts } from '../events/event.ts';
import type { Gap } from '../events/gap.ts';
import { EVENT_KINDS, type EventKind, LANES, type Lane } from '../events/kinds.ts';
import type { MatchContext } from '../fields/context.ts';
import { createMatcher, type Matcher } from '../match/matcher.ts';
import { matchedAtoms } from '../rules/matched-atoms.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import type { ProcessTableStats } from '../state/process-table.ts';
import { createContexts, type SourceContexts } from './context.ts';
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
  /** Alerts by rule and priority. */
  readonly matches: ReadonlyMap<string, { readonly priority: string; readonly count: number }>;
}

export function createEventPipeline(options: EventPipelineOptions): EventPipeline {
  return new MatchingPipeline(options);
}

class MatchingPipeline implements EventPipeline {
  readonly counts: EventCounts;
  private readonly nowNs: () => bigint;
  private readonly contexts: SourceContexts;
  private readonly matcher: Matcher<MatchContext>;
  private readonly makeAlert;
  private readonly doubts = createDoubts();
  private readonly events = zeroCounts();
  private readonly matches = new Map<string, { priority: string; count: number }>();
  private waiting: EnvelopeBody[] = [];

  constructor(options: EventPipelineOptions) {
    const { world, ruleSet, matching, redactor, processLimitBytes, nowNs } = options;
    this.nowNs = nowNs;
    this.contexts = options.contexts ?? createContexts(world, processLimitBytes);
    this.matcher = createMatcher(ruleSet, { matching });
    const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
    const { hostname, bootId } = world;
    this.makeAlert = createAlertMaker({ hostname, bootId, sha256, redactor, everyField });
    const { processes, cgroups, containers } = this.contexts;
    this.counts = { processes: processes.stats, cgroups, containers, events: this.events, matches: this.matches };
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
    for (const rule of this.matcher.match(context)) {
      const alert = this.makeAlert(rule, context, {
        ruleSetDigest: this.matcher.ruleSet.digest,
        raisedNs: this.nowNs(),
        matched: matchedAtoms(rule.condition, context),
        doubts: this.doubts.at(event.timeNs),
      });
      this.count(rule.name, rule.priority);
      this.waiting.push({ type: 'alert', alert });
    }
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
