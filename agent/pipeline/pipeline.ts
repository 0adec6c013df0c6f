import { createHash } from 'node:crypto';
import { createDoubts } from '../alert/completeness.ts';
import { createAlertMaker } from '../alert/create-alert.ts';
import type { Redactor } from '../alert/redact.ts';
import { createBatchReader, type DecodeCounts } from '../decode/batch.ts';
import type { RecordOrigin } from '../decode/record-cursor.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { Event } from '../events/event.ts';
import { EVENT_KINDS, type EventKind, LANES, type Lane } from '../events/kinds.ts';
import type { MatchContext } from '../fields/context.ts';
import { createMatcher, type Matcher } from '../match/matcher.ts';
import { matchedAtoms } from '../rules/matched-atoms.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { type SourceBatch, visitBatch } from '../sources/batch.ts';
import type { ProcessTableStats } from '../state/process-table.ts';
import { createContexts } from './context.ts';
import { everyField } from './every-field.ts';
import type { World } from './world.ts';

export interface PipelineOptions {
  readonly world: World;
  /** Wall clock minus boot clock in it is renewed by the source. */
  readonly origin: RecordOrigin;
  readonly ruleSet: RuleSet<MatchContext>;
  readonly matching: 'all' | 'first';
  readonly redactor: Redactor;
  readonly processLimitBytes: number;
  /** Wall clock, ns since 1970. */
  readonly nowNs: () => bigint;
}

/** From records to alerts: decode, state, match, alert. Synchronous, batch by batch. */
export interface Pipeline {
  /** Takes the processes that there were before, as records of the task iterator. */
  seed(tasks: Buffer): void;
  /** What the batch raises, in order: alerts, and the gaps that stand in it. */
  run(batch: SourceBatch): EnvelopeBody[];
  reload(ruleSet: RuleSet<MatchContext>): void;
  readonly ruleSet: RuleSet<MatchContext>;
  readonly counts: PipelineCounts;
}

export interface PipelineCounts {
  readonly decode: Readonly<DecodeCounts>;
  readonly processes: Readonly<ProcessTableStats>;
  readonly cgroups: () => number;
  readonly events: Readonly<Record<EventKind, Readonly<Record<Lane, number>>>>;
  /** Alerts by rule and priority. */
  readonly matches: ReadonlyMap<string, { readonly priority: string; readonly count: number }>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  return new SyncPipeline(options);
}

class SyncPipeline implements Pipeline {
  readonly counts: PipelineCounts;
  private readonly options: PipelineOptions;
  private readonly reader;
  private readonly contexts;
  private readonly matcher: Matcher<MatchContext>;
  private readonly makeAlert;
  private readonly doubts = createDoubts();
  private readonly events = zeroCounts();
  private readonly matches = new Map<string, { priority: string; count: number }>();
  private raised: EnvelopeBody[] = [];

  constructor(options: PipelineOptions) {
    const { world, origin, ruleSet, matching, redactor, processLimitBytes } = options;
    this.options = options;
    this.reader = createBatchReader(origin);
    this.contexts = createContexts(world, processLimitBytes);
    this.matcher = createMatcher(ruleSet, { matching });
    const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
    const { hostname, bootId } = world;
    this.makeAlert = createAlertMaker({ hostname, bootId, sha256, redactor, everyField });
    const { processes, cgroups } = this.contexts;
    this.counts = {
      decode: this.reader.counts,
      processes: processes.stats,
      cgroups,
      events: this.events,
      matches: this.matches,
    };
  }

  get ruleSet(): RuleSet<MatchContext> {
    return this.matcher.ruleSet;
  }

  reload(ruleSet: RuleSet<MatchContext>): void {
    this.matcher.reload(ruleSet);
  }

  seed(tasks: Buffer): void {
    this.contexts.processes.seed((visit) => this.reader.forEachTask(tasks, visit));
  }

  run(batch: SourceBatch): EnvelopeBody[] {
    visitBatch(batch, {
      records: (buffer) => this.reader.forEach(buffer, this.take),
      gap: (gap) => {
        this.doubts.add(gap);
        this.raised.push({ type: 'gap', gap });
      },
    });
    const { raised } = this;
    if (raised.length > 0) this.raised = [];
    return raised;
  }

  private readonly take = (event: Event): void => {
    this.events[event.kind][event.lane]++;
    const context = this.contexts.of(event);
    for (const rule of this.matcher.match(context)) {
      const alert = this.makeAlert(rule, context, {
        ruleSetDigest: this.matcher.ruleSet.digest,
        raisedNs: this.options.nowNs(),
        matched: matchedAtoms(rule.condition, context),
        doubts: this.doubts.at(event.timeNs),
      });
      this.count(rule.name, rule.priority);
      this.raised.push({ type: 'alert', alert });
    }
  };

  private count(rule: string, priority: string): void {
    const known = this.matches.get(rule);
    if (known === undefined) this.matches.set(rule, { priority, count: 1 });
    else known.count++;
  }
}

function zeroCounts(): Record<EventKind, Record<Lane, number>> {
  const lanes = (): Record<Lane, number> => Object.fromEntries(LANES.map((lane) => [lane, 0])) as Record<Lane, number>;
  return Object.fromEntries(EVENT_KINDS.map((kind) => [kind, lanes()])) as Record<EventKind, Record<Lane, number>>;
}
