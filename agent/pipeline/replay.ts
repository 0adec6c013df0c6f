import type { Redactor } from '../alert/redact.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { MatchContext } from '../fields/context.ts';
import { AtalayaError } from '../lib/errors.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { createEventPipeline, type EventCounts } from './event-pipeline.ts';
import { openReplay } from './replay-source.ts';

export interface ReplayOptions {
  readonly ruleSet: RuleSet<MatchContext>;
  readonly matching: 'all' | 'first';
  readonly redactor: Redactor;
  readonly processLimitBytes: number;
  /** Takes what was raised; the replay goes on when it resolves. */
  readonly onRaised: (bodies: readonly EnvelopeBody[]) => Promise<void> | undefined;
  /** Asked between steps. */
  readonly stopped?: () => boolean;
}

export interface ReplayResult {
  readonly counts: EventCounts;
  readonly events: number;
  readonly alerts: number;
  /** Events that were lost while it was recorded. */
  readonly lost: bigint;
  /** Kinds of events that rules need and that were not collected. */
  readonly missingKinds: readonly string[];
  /** What of the capture was passed over, and why. */
  readonly notes: readonly string[];
  /** Why it could not be read to its end: E_CAPTURE. */
  readonly damage: AtalayaError | undefined;
}

/** Runs the pipeline over a capture. Throws E_CAPTURE or E_CAPTURE_OPEN when there is not even a beginning to read. */
export async function replay(path: string, options: ReplayOptions): Promise<ReplayResult> {
  const source = await openReplay(path);
  const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;
  const pipeline = createEventPipeline({ ...options, world: source.world, contexts: source.contexts, nowNs });
  let alerts = 0;
  let lost = 0n;
  let damage: AtalayaError | undefined;
  try {
    for await (const step of source.steps()) {
      if (options.stopped?.() === true) break;
      if (step.type === 'tasks') pipeline.seed(step.forEach);
      else if (step.type === 'events') step.forEach(pipeline.take);
      else pipeline.gap(step.gap);
      const raised = pipeline.raised();
      if (raised.length === 0) continue;
      for (const body of raised) {
        if (body.type === 'alert') alerts++;
        else if (body.type === 'gap') lost += body.gap.count;
      }
      await options.onRaised(raised);
    }
  } catch (error) {
    if (!(error instanceof AtalayaError) || error.code !== 'E_CAPTURE') throw error;
    damage = error;
  }
  const { counts } = pipeline;
  const wanted = options.ruleSet.plan().kinds.map(({ kind }) => kind);
  const collected = new Set(source.plan?.kinds.map(({ kind }) => kind) ?? wanted);
  return {
    counts,
    events: Object.values(counts.events).reduce((sum, { rare, lifecycle, bulk }) => sum + rare + lifecycle + bulk, 0),
    alerts,
    lost,
    missingKinds: wanted.filter((kind) => !collected.has(kind)),
    notes: source.notes?.() ?? [],
    damage,
  };
}
