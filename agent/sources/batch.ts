import type { Gap } from '../events/gap.ts';

/** Something was lost before the byte at `position` of a batch. */
export interface PlacedGap {
  readonly position: number;
  readonly gap: Gap;
}

/** Records back to back, in order. The bytes are valid until the source is told that they were read. */
export interface SourceBatch {
  readonly buffer: Buffer;
  readonly gaps: readonly PlacedGap[];
}

/** What a batch consists of, in order. */
export interface BatchVisitor {
  records(buffer: Buffer): void;
  gap(gap: Gap): void;
}

/** Shows the records between the gaps and the gaps, each in its place. */
export function visitBatch({ buffer, gaps }: SourceBatch, visitor: BatchVisitor): void {
  let from = 0;
  for (const { position, gap } of gaps) {
    if (position > from) visitor.records(buffer.subarray(from, position));
    visitor.gap(gap);
    from = position;
  }
  if (from < buffer.length) visitor.records(buffer.subarray(from));
}
