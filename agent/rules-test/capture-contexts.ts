import { createBatchReader } from '../decode/batch.ts';
import type { Event } from '../events/event.ts';
import type { Plan } from '../events/plan.ts';
import type { MatchContext } from '../fields/context.ts';
import { type Contexts, createContexts } from '../pipeline/context.ts';
import { createCapturedWorld } from '../pipeline/world.ts';
import { type CaptureItem, readCapture } from '../sources/capture/reader.ts';

/** State may take as much: a capture is read once and the process ends. */
const PROCESS_BYTES_MAX = 256 * 1024 * 1024;

/** What a capture's first block says of itself; undefined for captures of other tools. */
export interface CaptureFacts {
  readonly plan: Plan | undefined;
  readonly hostname: string;
}

/** Shows every event of a capture, with state as it was. Throws E_CAPTURE and E_CAPTURE_OPEN. */
export function readContexts(
  path: string,
  visit: (context: MatchContext) => void,
  onFacts: (facts: CaptureFacts) => void = () => {},
): void {
  let reading: Reading | undefined;
  for (const item of readCapture(path)) {
    if (item.type === 'header') {
      reading = beginReading(item, visit);
      onFacts({ plan: item.header.plan, hostname: item.header.hostname });
    } else reading?.take(item);
  }
}

interface Reading {
  take(item: CaptureItem): void;
}

function beginReading(
  { header }: Extract<CaptureItem, { type: 'header' }>,
  visit: (context: MatchContext) => void,
): Reading {
  const world = createCapturedWorld(header);
  const origin = { machine: header.machine, wallOffsetNs: 0n };
  const reader = createBatchReader(origin);
  const contexts: Contexts = createContexts(world, PROCESS_BYTES_MAX);
  const show = (event: Event): void => visit(contexts.of(event));
  return {
    take: (item) => {
      if (item.type === 'tasks') contexts.processes.seed((each) => reader.forEachTask(item.buffer, each));
      else if (item.type === 'facts') for (const fact of item.facts) world.learn(fact);
      else if (item.type === 'events') {
        origin.wallOffsetNs = item.wallOffsetNs;
        reader.forEach(item.buffer, show);
      }
    },
  };
}
