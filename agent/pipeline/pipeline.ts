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
  const events = createEventPipeline(options);
  const visitor: BatchVisitor = { records: (buffer) => reader.forEach(buffer, events.take), gap: events.gap };
  return {
    seed: (tasks) => events.seed((visit) => reader.forEachTask(tasks, visit)),
    run: (batch) => {
      visitBatch(batch, visitor);
      return events.raised();
    },
    reload: (ruleSet) => events.reload(ruleSet),
    get ruleSet() {
      return events.ruleSet;
    },
    counts: { ...events.counts, decode: reader.counts },
  };
}
