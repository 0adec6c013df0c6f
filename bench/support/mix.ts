import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createBatchReader } from '../../agent/decode/batch.ts';
import type { RecordOrigin } from '../../agent/decode/record-cursor.ts';
import { type Contexts, createContexts } from '../../agent/pipeline/context.ts';
import { createCapturedWorld, type World } from '../../agent/pipeline/world.ts';
import { layoutDigest } from '../../agent/sources/capture/header.ts';
import { readCapture } from '../../agent/sources/capture/reader.ts';
import { recordMix } from './record-mix.ts';

/** A recorded mix in memory, batch by batch as the kernel sent it. */
export interface Mix {
  readonly origin: RecordOrigin;
  readonly batches: readonly Buffer[];
  readonly events: number;
  readonly byKind: ReadonlyMap<string, number>;
  /** State as it was before the first batch. */
  contexts(): Contexts;
}

const PROCESS_LIMIT_BYTES = 64 << 20;

/** The mix of this machine; recorded at the first call, and again when the layout of records has changed. */
export async function loadMix(root: string): Promise<Mix> {
  const path = join(root, 'node_modules/.cache/atalaya-bench', `mix-${layoutDigest().slice(0, 12)}.capture`);
  if (!existsSync(path)) await recordMix(root, path);
  return readMix(path);
}

function readMix(path: string): Mix {
  const batches: Buffer[] = [];
  const tasks: Buffer[] = [];
  let world: ReturnType<typeof createCapturedWorld> | undefined;
  let wallOffsetNs = 0n;
  for (const item of readCapture(path)) {
    if (item.type === 'header') world = createCapturedWorld(item.header);
    else if (item.type === 'tasks') tasks.push(item.buffer);
    else if (item.type === 'facts') for (const fact of item.facts) world?.learn(fact);
    else if (item.type === 'events') {
      batches.push(item.buffer);
      wallOffsetNs = item.wallOffsetNs;
    }
  }
  if (world === undefined) throw new Error(`${path} has no header`);
  const known: World = world;
  const origin = { machine: world.machine, wallOffsetNs };
  const byKind = new Map<string, number>();
  const reader = createBatchReader(origin);
  for (const batch of batches) {
    reader.forEach(batch, ({ kind }) => byKind.set(kind, (byKind.get(kind) ?? 0) + 1));
  }
  return {
    origin,
    batches,
    events: reader.counts.events,
    byKind,
    contexts: () => {
      const contexts = createContexts(known, PROCESS_LIMIT_BYTES);
      const taskReader = createBatchReader(origin);
      for (const buffer of tasks) contexts.processes.seed((visit) => taskReader.forEachTask(buffer, visit));
      return contexts;
    },
  };
}
