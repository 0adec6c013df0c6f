import { createBatchReader, type DecodeCounts } from '../decode/batch.ts';
import type { RecordOrigin } from '../decode/record-cursor.ts';
import type { EnvelopeBody } from '../events/alert.ts';
import type { MatchContext } from '../fields/context.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { type BatchVisitor, type SourceBatch, visitBatch } from '../sources/batch.ts';
import { createEventPipeline, type EventCounts, type EventPipelineOptions } from './event-pipeline.ts';
import { inlineDeeply } from './inlining.ts';

export interface PipelineOptions extends EventPipelineOptions {
  /** Wall clock minus boot clock in it is renewed by the source. */
  readonly origin: RecordOrigin;
}

/** From records to alerts: decode, state, match, alert. Synchronous, batch by batch. */
export interface Pipeline {
  /** Takes the processes that there were before, as records of the task iterator. */
  seed(tasks: Buffer): void;
  /** What the batch raises, in order: alerts, and the gaps that stand in it. */
  run(batch: SourceBatch): EnvelopeBody[];
  /** What was raised outside of a batch. */
  raised(): EnvelopeBody[];
  /** Decisions wait: `tick` must be called now and then. */
  readonly isWaiting: boolean;
  tick(): void;
  /** Decides all that waits. */
  endWaiting(): void;
  reload(ruleSet: RuleSet<MatchContext>): void;
  readonly ruleSet: RuleSet<MatchContext>;
  readonly counts: PipelineCounts;
}

export interface PipelineCounts extends EventCounts {
  readonly decode: Readonly<DecodeCounts>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  inlineDeeply();
  const reader = createBatchReader(options.origin);
  const events = createEventPipeline(options, () => reader.restore(reader.snapshot()));
  const visitor: BatchVisitor = { records: (buffer) => reader.forEach(buffer, events.take), gap: events.gap };
  return {
    seed: (tasks) => events.seed((visit) => reader.forEachTask(tasks, visit)),
    run: (batch) => {
      visitBatch(batch, visitor);
      return events.raised();
    },
    raised: () => events.raised(),
    get isWaiting() {
      return events.isWaiting;
    },
    tick: () => events.tick(),
    endWaiting: () => events.endWaiting(),
    reload: (ruleSet) => events.reload(ruleSet),
    get ruleSet() {
      return events.ruleSet;
    },
    counts: { ...events.counts, decode: reader.counts },
  };
}
